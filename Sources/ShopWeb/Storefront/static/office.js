"use strict";

// The staff's pages are right without this, too.

// A box in a table's head ticks all boxes below it.
for (const all of document.querySelectorAll("input[data-all]")) {
  all.hidden = false;
  const boxes = [...all.closest("table").querySelectorAll("tbody input[type=checkbox]")];
  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}

// A file can be dropped on its field. One that is too large is not sent for nothing.
for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  drop.querySelector("[data-drop-hint]").hidden = false;
  const check = () => {
    const file = input.files[0];
    input.setCustomValidity(file && file.size > Number(drop.dataset.most) ? drop.dataset.tooLarge : "");
    input.reportValidity();
  };
  input.addEventListener("change", check);
  input.form.addEventListener("submit", (event) => { if (!input.validity.valid && input.validity.customError) { event.preventDefault(); input.reportValidity(); } });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    check();
  });
}

// The bars of a chart tell what they stand for: under the pointer, and one after the other by the arrow keys.
for (const chart of document.querySelectorAll(".bars")) {
  const svg = chart.querySelector("svg[role]");
  const value = chart.querySelector(".bars-value");
  const bars = [...svg.querySelectorAll("g")];
  if (bars.length === 0) continue;
  const texts = bars.map((bar) => {
    const title = bar.querySelector("title");
    title.remove();  // it would come late, and on top of the same words
    return title.textContent;
  });
  let shown = -1;
  const show = (place) => {
    bars[shown]?.classList.remove("is-shown");
    shown = Math.min(Math.max(place, 0), bars.length - 1);
    bars[shown].classList.add("is-shown");
    value.textContent = texts[shown];
    svg.setAttribute("aria-valuenow", shown + 1);
    svg.setAttribute("aria-valuetext", texts[shown]);
  };
  svg.setAttribute("aria-label", chart.querySelector("figcaption strong").textContent);
  svg.setAttribute("aria-valuemin", 1);
  svg.setAttribute("aria-valuemax", bars.length);
  svg.setAttribute("aria-valuenow", bars.length);
  svg.setAttribute("aria-valuetext", value.textContent);
  svg.setAttribute("role", "slider");
  svg.setAttribute("tabindex", 0);
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    show(Math.floor(((event.clientX - box.left) / box.width) * bars.length));
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("keydown", (event) => {
    const places = {
      ArrowLeft: shown - 1, ArrowDown: shown - 1, ArrowRight: shown + 1, ArrowUp: shown + 1, Home: 0, End: bars.length - 1,
    };
    if (!(event.key in places) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // Nothing shown yet: begin at the end that the key comes from.
    show(shown < 0 && places[event.key] < 0 ? bars.length - 1 : places[event.key]);
  });
}
