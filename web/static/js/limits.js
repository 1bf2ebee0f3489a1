// Limits of a form with files are said before the bytes travel; the server checks them again.

for (const form of document.querySelectorAll("form[data-most-files]")) {
  const input = form.querySelector('input[type="file"]');
  const warning = form.querySelector("[data-too-much]");
  const button = form.querySelector("button");
  input.addEventListener("change", () => {
    const mostFiles = Number(form.dataset.mostFiles);
    const mostBytes = Number(form.dataset.mostBytes);
    const large = [...input.files].filter((file) => file.size > mostBytes).map((file) => file.name);
    let words = "";
    if (input.files.length > mostFiles) words = warning.dataset.many;
    else if (large.length) words = `${warning.dataset.large} ${large.join(", ")}`;
    warning.textContent = words;
    warning.hidden = !words;
    button.disabled = Boolean(words);
  });
}
