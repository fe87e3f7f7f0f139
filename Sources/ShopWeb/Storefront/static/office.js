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
