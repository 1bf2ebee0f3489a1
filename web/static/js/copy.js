// Copies a text to the clipboard; without scripts the text is selected by hand.

for (const button of document.querySelectorAll("button[data-copies]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const says = button.textContent;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = "Copied";
    } catch {
      text.select();
      button.textContent = "Selected: copy it";
    }
    setTimeout(() => { button.textContent = says; }, 2000);
  });
}
