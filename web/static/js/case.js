// The case: parts that follow a change keep focus and scroll, what is typed is never lost, exhibits are dragged.

const watch = () => document.getElementById("watch");

// ---- what is typed ------------------------------------------------------------------------------------------------

const typedNow = () => [...document.querySelectorAll("main textarea, main input[type=text], main input:not([type])")]
  .some((field) => field.value !== field.defaultValue && field.getClientRects().length > 0);

// "Load yourself again" waits while something is being typed; the page says so instead.
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh") !== "true" || !typedNow()) return;
  event.preventDefault();
  const place = watch();
  if (place && !place.querySelector(".hint")) {
    const said = document.createElement("div");
    said.className = "hint";
    said.textContent = place.dataset.changed;
    place.replaceChildren(said);
  }
});

// What was saved is no longer "typed and not saved".
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "letter-form" || !event.detail.successful) return;
  const sent = event.detail.requestConfig.formData;
  for (const field of event.detail.elt.querySelectorAll("textarea")) {
    if (sent?.get?.(field.name) === field.value) field.defaultValue = field.value;
  }
});

// ---- parts that follow --------------------------------------------------------------------------------------------

let held = null;
let dragged = null;

document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = fragment.firstElementChild;
  const busy = target.querySelector(".htmx-request") || (dragged && target.contains(dragged));
  if (busy || (target.id !== "watch" && next && next.isEqualNode(target))) {
    event.detail.shouldSwap = false;
    return;
  }
  const focus = document.activeElement;
  if (focus && target.contains(focus) && focus !== document.body) {
    held = { id: focus.id, href: focus.getAttribute("href"), part: target.id };
  }
});

document.body.addEventListener("htmx:oobAfterSwap", () => {
  if (!held) return;
  const part = document.getElementById(held.part);
  const same = (held.id && document.getElementById(held.id))
    || (held.href && part?.querySelector(`[href="${CSS.escape(held.href)}"]`));
  const target = same || part?.querySelector("h2, a, button") || part;
  held = null;
  if (!target) return;
  if (target.tabIndex < 0) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
});

// Asked for by the page itself, not by the place that is exchanged: what comes back would find it gone. A page out of
// sight asks nothing, and none asks while a change of its own is under way.
function ask() {
  const place = watch();
  if (!place) return;
  if (!document.hidden && navigator.onLine && !document.querySelector("form.htmx-request")) {
    window.htmx.ajax("GET", place.dataset.ask, { source: document.body, target: document.body, swap: "none" });
  }
  setTimeout(ask, Number(place.dataset.every) * 1000);
}

if (watch()) setTimeout(ask, Number(watch().dataset.every) * 1000);

// ---- the letter: a sentence left out is struck through at once ------------------------------------------------------

document.addEventListener("change", (event) => {
  const row = event.target.closest?.(".sentences > li");
  if (!row) return;
  if (event.target.type === "checkbox") row.classList.toggle("left-out", !event.target.checked);
  else if (!row.matches(":first-child")) row.querySelector(".tick > span")?.classList.toggle("replaced", Boolean(event.target.value.trim()));
});

// ---- the order of the exhibits ------------------------------------------------------------------------------------

const rowOf = (element) => element.closest?.("[data-exhibit]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "J" && event.key !== "K")) return;
  const row = rowOf(document.activeElement ?? document.body);
  const button = row?.querySelector(`button[value^="${event.key === "J" ? "down" : "up"}:"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.focus();
  button.click();
});

function ready() {
  for (const hint of document.querySelectorAll("#order-form .with-script, .help .with-script")) hint.hidden = false;
  for (const row of document.querySelectorAll("#order-form [data-exhibit]")) row.draggable = true;
}

document.addEventListener("dragstart", (event) => {
  dragged = rowOf(event.target);
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/x-exhibit", dragged.dataset.exhibit);
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = rowOf(event.target);
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  over.parentElement.insertBefore(dragged, event.clientY > box.top + box.height / 2 ? over.nextSibling : over);
});

document.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  dragged = null;
  const form = document.getElementById("order-form");
  const order = [...form.querySelectorAll("[data-exhibit]")].map((row) => row.dataset.exhibit);
  window.htmx.ajax("POST", form.getAttribute("action"), {
    source: document.body, target: "#exhibits-part", swap: "outerHTML", values: { order, seen: form.elements.seen.value },
  });
});

ready();
document.body.addEventListener("htmx:afterSettle", ready);
