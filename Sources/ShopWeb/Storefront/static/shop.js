"use strict";

// The page is right without this: it only keeps the clocks going and saves a second press of a button.

const arrived = Date.now();
// The shop's clock decides, not the visitor's.
const ahead = arrived - Date.parse(document.documentElement.dataset.now) || 0;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

function span(element, seconds) {
  const words = element.dataset;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return fill(words.days, { days, hours: hours % 24 });
  if (hours > 0) return fill(words.hours, { hours, minutes: minutes % 60 });
  if (minutes > 0) return fill(words.minutes, { minutes, seconds: seconds % 60 });
  return fill(words.seconds, { seconds });
}

function finish(element) {
  const link = document.createElement("a");
  link.href = element.dataset.href;
  link.textContent = element.dataset.done;
  element.replaceWith(link);
  if (!("go" in element.dataset)) return;
  // Once only: where the shop's clock is a little behind, the page would load itself again and again.
  const mark = "opened " + element.dateTime;
  try {
    if (sessionStorage.getItem(mark)) return;
    sessionStorage.setItem(mark, "1");
  } catch {
    return;
  }
  location.replace(link.href);
}

function tick() {
  const now = Date.now() - ahead;
  let next = Infinity;
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(element.dateTime) - now;
    if (left <= 0) finish(element);
    else if (left > 0) {
      element.textContent = span(element, Math.ceil(left / 1000));
      next = Math.min(next, left % 1000 || 1000);
    }
  }
  if (next < Infinity) setTimeout(tick, next);
}

const sent = new Set();

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  // Not at once: a button that is disabled already would not be sent along.
  setTimeout(() => {
    for (const button of form.elements) if (button.type === "submit") button.disabled = true;
  });
  // Where no answer comes, or somebody stopped waiting for it, it can be sent again: it happens once all the same.
  setTimeout(allow, 20_000);
});

// Back from the next page, the form can be sent again.
function allow() {
  for (const button of document.querySelectorAll("form[method=post] [type=submit]")) button.disabled = false;
  sent.clear();
}

// Some browsers remember the buttons as they were, whether they remember the page or not.
addEventListener("pageshow", allow);

// Older browsers focus only fields by themselves.
if (!("autofocus" in HTMLElement.prototype)) document.querySelector(".error-summary")?.focus();
tick();
