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

// A file can be dropped on its field. One that is too large is not sent for nothing, and of several none is left out in silence.
for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  drop.querySelector("[data-drop-hint]").hidden = false;
  const told = document.createElement("p");
  told.className = "field-error";
  told.setAttribute("role", "alert");
  told.hidden = true;
  input.before(told);
  const tell = (text) => {
    told.textContent = text;
    told.hidden = text === "";
  };
  const isTooLarge = () => input.files.length > 0 && input.files[0].size > Number(drop.dataset.most);
  const check = () => tell(isTooLarge() ? drop.dataset.tooLarge : "");
  input.addEventListener("change", check);
  input.form.addEventListener("submit", (event) => {
    if (!isTooLarge()) return;
    event.preventDefault();
    check();
    input.focus();
  });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = event.dataTransfer.files;
    if (files.length > 1) return tell(drop.dataset.several);
    if (files.length === 0) return;
    input.files = files;
    check();
  });
  // Beside it, the browser would leave the page for the file, and what was typed with it.
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (event.defaultPrevented || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
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
