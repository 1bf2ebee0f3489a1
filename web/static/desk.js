// Small helps; every page works without them.

import "./copy.js";
import "./upload.js";

// The token of the session goes with every request htmx makes.
document.body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="csrf"]');
  if (token) event.detail.headers["X-CSRF-Token"] = token.value;
});

// A form that was sent is not sent again by a second click.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  for (const button of event.target.querySelectorAll("button")) {
    setTimeout(() => { button.disabled = true; });
  }
});

// A page brought back by the back button can be sent again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});
