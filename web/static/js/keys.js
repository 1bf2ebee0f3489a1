// Keys. What a key does stands on the page itself: data-key on a link, button or field; data-row on what j and k walk.
// Nothing happens while somebody types, in a dialog, or together with a modifier, so that no tool of theirs is hidden.

const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const inSight = (element) => element.getClientRects().length > 0 && !element.disabled;

function within(scope, key) {
  return [...scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(inSight);
}

function holder(key) {
  const row = document.activeElement?.closest?.("[data-row]");
  return (row && within(row, key)) || within(document, key);
}

function press(element) {
  if (element.matches("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.focus();
    element.click();
  }
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(inSight);
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
  const target = rows[next].querySelector("[data-row-start], a, button");
  target?.focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

const help = document.getElementById("keys");
const list = help?.querySelector("dl");

function line(key, words) {
  const term = document.createElement("dt");
  const said = document.createElement("dd");
  const cap = document.createElement("kbd");
  cap.textContent = key;
  term.append(cap);
  said.textContent = words;
  list.append(term, said);
}

export function showKeys() {
  if (!help) return;
  list.replaceChildren();
  const told = new Map();
  if (document.querySelector("[data-row]")) {
    told.set("j", help.dataset.next);
    told.set("k", help.dataset.previous);
  }
  for (const element of document.querySelectorAll("[data-key]")) {
    const words = element.dataset.says || element.getAttribute("aria-label") || element.textContent.trim();
    if (inSight(element) && !told.has(element.dataset.key)) told.set(element.dataset.key, words);
  }
  told.set("?", help.dataset.this);
  for (const [key, words] of told) line(key === "Enter" ? "↵" : key, words);
  help.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") { event.preventDefault(); showKeys(); return; }
  if (event.key === "j" || event.key === "k") { event.preventDefault(); walk(event.key === "j" ? 1 : -1); return; }
  const element = event.key.length === 1 ? holder(event.key) : null;
  if (element) { event.preventDefault(); press(element); }
});

for (const button of document.querySelectorAll("[data-shows-keys]")) {
  button.hidden = false;
  button.addEventListener("click", showKeys);
}
