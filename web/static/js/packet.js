// Pages of the packet that cannot be drawn are said, not left as holes.

function told(pages) {
  const words = pages.parentElement.querySelector("#not-drawn");
  if (!words) return;
  words.hidden = false;
  pages.hidden = true;
}

document.addEventListener("error", (event) => {
  const pages = event.target.closest?.(".pages");
  if (pages) told(pages);
}, true);

// What failed before this script was there.
for (const picture of document.querySelectorAll(".pages img")) {
  if (picture.complete && !picture.naturalWidth) told(picture.closest(".pages"));
}
