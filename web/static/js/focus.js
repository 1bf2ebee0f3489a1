// After a part of the page was exchanged, the focus stands where it stood: on the same name, else at the part's start.

let was = null;

function place(element) {
  return { id: element.id, name: element.getAttribute?.("name"), value: element.value, key: element.dataset?.key };
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const held = document.activeElement;
  was = held && event.detail.target.contains(held) ? place(held) : null;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (!was || (document.activeElement && document.activeElement !== document.body)) return;
  const part = document.getElementById(event.detail.target.id) || event.detail.elt;
  const same = (was.id && document.getElementById(was.id))
    || (was.name && part.querySelector(`[name="${CSS.escape(was.name)}"]`))
    || (was.key && part.querySelector(`[data-key="${CSS.escape(was.key)}"]`));
  const target = same || part.querySelector("[data-focus], h2, h3, a, button") || part;
  if (target.tabIndex < 0) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  was = null;
});
