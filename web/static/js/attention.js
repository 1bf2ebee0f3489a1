// While the case is in sight the desk is told every 15 seconds; it answers who else has it before them.

const region = document.querySelector("[data-seen]");
const EVERY = 15_000;
let ended = false;

async function tell() {
  if (ended || document.visibilityState !== "visible" || !navigator.onLine) return;
  try {
    const answer = await fetch(region.dataset.seen, {
      method: "POST",
      headers: { "X-CSRF-Token": region.dataset.csrf },
      body: new URLSearchParams(),
      redirect: "manual",
    });
    // Signed out, or the case is gone: whatever stands there now is not true any more, and asking again is no use.
    if (!answer.ok) { ended = true; region.textContent = ""; return; }
    const words = await answer.text();
    if (words !== region.textContent) region.textContent = words;
  } catch {
    // The line is down; the next ping will tell.
  }
}

if (region) {
  tell();
  setInterval(tell, EVERY);
  document.addEventListener("visibilitychange", tell);
}
