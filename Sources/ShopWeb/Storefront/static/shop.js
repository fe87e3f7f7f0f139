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

// --- What is to be paid, as soon as a quantity or a coupon changes. The shop reckons for itself when the form is sent. ---

function won(form, amount) {
  return fill(form.dataset.won, { amount: amount.toLocaleString("en-US") });
}

// A number as people type it; NaN for what is none.
function typed(field) {
  const text = field.value.normalize("NFKC").replace(/[,\s₩원]/g, "");
  return /^\d{1,4}$/.test(text) ? Number(text) : NaN;
}

function saves(coupon, total) {
  const { minimum, fixed, percent, maximum } = coupon.dataset;
  if (total < Number(minimum)) return -1;
  const amount = fixed ? Number(fixed) : Math.floor((total * Number(percent)) / 100);
  return Math.min(amount, maximum ? Number(maximum) : Infinity, total);
}

function show(form, name, text, isShown = true) {
  for (const place of form.querySelectorAll(`[data-sum=${name}]`)) {
    place.textContent = text;
    if (["discount", "missing", "after"].includes(name)) place.closest(".sums > div").hidden = !isShown;
  }
}

function reckon(form) {
  let total = Number(form.dataset.total ?? 0);
  for (const line of form.querySelectorAll("[data-price]")) {
    const quantity = typed(line.querySelector("input"));
    // What is no number is told when the form is sent.
    if (Number.isNaN(quantity)) return;
    const amount = quantity * Number(line.dataset.price);
    line.querySelector(".line-amount").textContent = won(form, amount);
    total += amount;
  }
  const none = form.querySelector("#coupon-none");
  const best = form.elements.best;
  let chosen = none;
  let most = 0;
  for (const coupon of form.querySelectorAll("[data-minimum]")) {
    const amount = saves(coupon, total);
    coupon.disabled = amount < 0;
    const label = coupon.nextElementSibling;
    label.querySelector(".saves").hidden = amount < 0;
    label.querySelector("[data-saves]").textContent = won(form, Math.max(amount, 0));
    if (best ? amount > most : coupon.checked && amount >= 0) [chosen, most] = [coupon, amount];
  }
  if (none) chosen.checked = true;
  if (best) best.value = chosen?.value ?? "";
  const final = total - most;
  show(form, "total", won(form, total));
  show(form, "coupon", most > 0 ? chosen.nextElementSibling.firstElementChild.textContent : "");
  show(form, "discount", won(form, most), most > 0);
  show(form, "final", won(form, final));
  // An amount that is to be paid goes along as it is shown. A basket's form has a mark there, of its prices.
  if (form.dataset.total) form.elements.seen.value = final;
  if (!form.dataset.balance) return;
  const left = Number(form.dataset.balance) - final;
  show(form, "missing", won(form, -left), left < 0);
  show(form, "after", won(form, left), left >= 0);
  const { maximumCharge } = form.dataset;
  for (const place of form.querySelectorAll("[data-when=missing]")) place.hidden = left >= 0;
  for (const place of form.querySelectorAll("[data-when=several]")) place.hidden = -left <= Number(maximumCharge);
}

for (const form of document.querySelectorAll("form[data-sums]")) {
  form.addEventListener("input", (event) => {
    // From here on it is the customer who chooses.
    if (event.target.name === "coupon") form.elements.best?.remove();
    reckon(form);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
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
