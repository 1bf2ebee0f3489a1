// Small helps; every page works without them.

import "./copy.js";
import "./focus.js";
import "./keys.js";
import "./offline.js";
import "./limits.js";

// The token of the session goes with every request htmx makes.
document.body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="csrf"]');
  if (token) event.detail.headers["X-CSRF-Token"] = token.value;
});

// On a narrow screen the menu is a strip: the page one is on is in sight.
const here = document.querySelector(".rail nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 40;

// A form that was sent is not sent again by a second click.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog" || "mayRepeat" in event.target.dataset) return;
  for (const button of event.target.querySelectorAll("button")) {
    setTimeout(() => { button.disabled = true; });
  }
});

// A page brought back by the back button can be sent again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]:not([data-stays-off])")) button.disabled = false;
});

// Choices that take effect at once: the filters of a list.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-at-once]");
  if (form && event.target.matches("select")) form.requestSubmit();
});
