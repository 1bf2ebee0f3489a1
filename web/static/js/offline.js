// When the line is down, or the desk is, that is said, and what was typed stays on the page.

const band = document.getElementById("offline");

function say(text) {
  if (!band) return;
  band.textContent = text;
  band.hidden = !text;
}

window.addEventListener("offline", () => say(band?.dataset.offline));
window.addEventListener("online", () => say(""));
document.body.addEventListener("htmx:sendError", () => say(navigator.onLine ? band?.dataset.away : band?.dataset.offline));
document.body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) say(""); });
document.body.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  say(status === 409 ? band?.dataset.changed : band?.dataset.failed);
});

// A form is not sent into the void: the browser's own error page would take what was typed.
document.addEventListener("submit", (event) => {
  if (!navigator.onLine && event.target.method !== "dialog") {
    event.preventDefault();
    // Neither the browser nor htmx gets to see it.
    event.stopImmediatePropagation();
    say(band?.dataset.offline);
  }
}, true);
