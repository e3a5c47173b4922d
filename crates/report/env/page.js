"use strict";
const filter = document.getElementById("filter");
const boxes = [...document.querySelectorAll("input[type=checkbox]")];
const rows = [...document.querySelectorAll("tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
function apply() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = boxes.filter((box) => box.checked).map((box) => box.name);
  let shown = 0;
  for (const { row, text } of rows) {
    const fits = words.every((word) => text.includes(word));
    const asked = wanted.length === 0 || wanted.some((name) => row.classList.contains(name));
    row.hidden = !(fits && asked);
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("none").hidden = shown > 0;
}
filter.addEventListener("input", apply);
boxes.forEach((box) => box.addEventListener("change", apply));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
if (location.hash.startsWith("#filter=")) {
  filter.value = decodeURIComponent(location.hash.slice("#filter=".length));
}
apply();
