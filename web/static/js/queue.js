// Choosing several cases: all at once, how many are chosen, and no act without one.

const bulk = document.getElementById("bulk");
const all = document.querySelector("[data-picks-all]");
const boxes = () => [...document.querySelectorAll('input[name="case"][form="bulk"]')];

function count() {
  const picked = boxes().filter((box) => box.checked).length;
  const says = bulk.querySelector(".picked");
  says.textContent = picked ? says.dataset.some.replace("{n}", picked) : says.dataset.none;
  bulk.toggleAttribute("data-none-chosen", !picked);
  for (const button of bulk.querySelectorAll("button")) button.disabled = !picked;
  if (all) {
    all.checked = picked > 0 && picked === boxes().length;
    all.indeterminate = picked > 0 && !all.checked;
  }
}

if (bulk) {
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; count(); });
  }
  document.addEventListener("change", (event) => { if (event.target.matches('input[name="case"]')) count(); });
  window.addEventListener("pageshow", count);
  count();
}
