// Files dropped, pasted, chosen or photographed, each sent by itself: one that is refused takes no other with it.
// Without this the form sends them all together, and the server says the same.

const form = document.getElementById("add-files");
const chosen = form?.querySelector("#u-item");

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function size(bytes) {
  return bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.ceil(bytes / 1024)} KB`;
}

class Row {
  constructor(file, number) {
    this.file = file;
    this.state = "waiting";
    this.tries = 0;
    this.own = false;
    this.node = element("li", "file");
    this.look = element("div", "look", (file.name.split(".").pop() || "?").slice(0, 5).toUpperCase());
    this.name = element("p", "name");
    this.name.append(element("strong", "", file.name), " ", element("span", "soft", size(file.size)));
    this.acts = element("div", "acts");
    const shows = element("p", "shows");
    const label = element("label", "hidden", `${form.dataset.shows}: ${file.name}`);
    this.select = chosen.cloneNode(true);
    this.select.id = `u-item-${number}`;
    this.select.removeAttribute("name");
    this.select.required = false;
    this.select.value = chosen.value;
    this.select.addEventListener("change", () => {
      this.own = true;
      if (this.state === "refused") this.say("waiting", form.dataset.waiting);
    });
    label.htmlFor = this.select.id;
    shows.append(label, this.select);
    this.told = element("p", "told");
    this.words = element("span", "state");
    this.bar = element("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.hidden = true;
    this.bar.setAttribute("aria-label", fill(form.dataset.progress, { name: file.name }));
    this.told.append(this.bar, this.words);
    this.node.append(this.look, this.name, this.acts, shows, this.told);
    this.preview();
    this.say("waiting", form.dataset.waiting);
  }

  async preview() {
    if (!this.file.type.startsWith("image/")) return;
    try {
      // Drawn on a canvas: the policy of the page lets no picture in but the desk's own.
      const picture = await createImageBitmap(this.file, { resizeWidth: 160, resizeQuality: "medium" });
      const canvas = element("canvas");
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      this.look.replaceChildren(canvas);
    } catch {
      // A kind this browser cannot draw keeps its name.
    }
  }

  say(state, words) {
    this.state = state;
    this.node.classList.toggle("stored", state === "stored");
    this.node.classList.toggle("refused", state === "refused");
    this.words.textContent = state === "refused" ? `${form.dataset.refused}: ${words}` : words;
    this.bar.hidden = state !== "sending";
    this.select.disabled = state === "sending" || state === "stored";
    const buttons = [];
    if (state === "refused") buttons.push(this.button(form.dataset.retry, () => { this.say("waiting", form.dataset.waiting); send(); }));
    if (state === "refused" || state === "waiting") buttons.push(this.button(form.dataset.remove, () => remove(this)));
    const held = this.acts.contains(document.activeElement);
    this.acts.replaceChildren(...buttons);
    if (held) (buttons[0] || this.node).focus?.();
  }

  button(words, act) {
    const made = element("button", "small", words);
    made.type = "button";
    made.setAttribute("aria-label", `${words}: ${this.file.name}`);
    made.addEventListener("click", act);
    return made;
  }
}

let rows = [];
let busy = false;
let numbered = 0;
const list = form?.querySelector(".files");
const count = form?.querySelector(".count");

function add(files) {
  const came = [...files];
  for (const file of came) {
    const row = new Row(file, ++numbered);
    rows.push(row);
    list.append(row.node);
    if (!file.size) row.say("refused", form.dataset.empty);
    else if (file.size > Number(form.dataset.mostBytes)) row.say("refused", form.dataset.large);
  }
  if (!came.length) return;
  list.hidden = false;
  const words = came.length === 1 ? form.dataset.cameOne : form.dataset.came;
  count.textContent = fill(words, { n: came.length, name: came[0].name });
}

function remove(row) {
  const next = row.node.nextElementSibling || row.node.previousElementSibling;
  rows = rows.filter((each) => each !== row);
  row.node.remove();
  list.hidden = rows.length === 0;
  (next?.querySelector("button, select:enabled") || form.querySelector("#f-files")).focus();
  tell();
}

function tell() {
  const done = rows.filter((row) => row.state === "stored").length;
  const refused = rows.filter((row) => row.state === "refused").length;
  const values = { done, all: rows.length, refused };
  count.textContent = rows.length === 0 ? "" : fill(refused ? form.dataset.some : form.dataset.count, values);
}

// ---- sending -------------------------------------------------------------------------------------------------------

function request(row) {
  return new Promise((resolve) => {
    const body = new FormData();
    for (const name of ["csrf", "chat_name", "date_order", "caption"]) body.set(name, form.elements[name].value);
    body.set("item", row.select.value);
    body.set("files", row.file, row.file.name);
    const asked = new XMLHttpRequest();
    asked.open("POST", form.action);
    asked.setRequestHeader("Accept", "application/json");
    asked.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      row.bar.value = event.loaded / event.total;
      if (event.loaded === event.total) {
        row.bar.removeAttribute("value");
        row.words.textContent = form.dataset.reading;
      }
    });
    asked.addEventListener("load", () => resolve(asked));
    asked.addEventListener("error", () => resolve(null));
    asked.addEventListener("timeout", () => resolve(null));
    asked.send(body);
  });
}

function answerOf(asked) {
  try { return JSON.parse(asked.responseText); } catch { return null; }
}

async function one(row) {
  if (!row.select.value) { row.say("refused", form.dataset.choose); return; }
  row.say("sending", form.dataset.sending);
  row.bar.value = 0;
  const asked = await request(row);
  if (!asked) { row.say("refused", form.dataset.lost); return; }
  const answer = answerOf(asked);
  if (asked.status === 200 && answer?.stored) {
    row.say("stored", answer.words || form.dataset.stored);
    if (answer.picture && !row.look.querySelector("canvas")) {
      const picture = element("img");
      picture.alt = "";
      picture.src = answer.picture;
      row.look.replaceChildren(picture);
    }
    return;
  }
  if (asked.status === 409 && row.tries++ < 2) { await one(row); return; }
  const words = { 409: form.dataset.changed, 413: form.dataset.large }[asked.status];
  // The sign-in page answers 200 with no JSON: the session is over.
  row.say("refused", answer?.refused || words || (asked.status === 200 ? form.dataset.closed : form.dataset.failed));
}

async function send() {
  if (busy) return;
  busy = true;
  try {
    for (let row; (row = rows.find((each) => each.state === "waiting"));) {
      await one(row);
      tell();
    }
  } finally {
    busy = false;
  }
  finish();
}

// Typed elsewhere on the page and not saved yet: loading the page anew would lose it.
function unsaved() {
  const fields = document.querySelectorAll("main form:not(.upload) textarea, main form:not(.upload) input[type=text], main form:not(.upload) input:not([type])");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

function finish() {
  if (!rows.length || !rows.some((row) => row.state === "stored")) return;
  const left = rows.filter((row) => row.state !== "stored").length;
  if (!left && !unsaved()) { show(); return; }
  if (!left) count.textContent = form.dataset.all;
  const link = element("a", "", form.dataset.reload);
  link.href = reloaded();
  link.addEventListener("click", (event) => { event.preventDefault(); show(); });
  count.append(" ", link);
  if (unsaved()) count.append(" ", form.dataset.unsaved);
}

function reloaded() {
  return `${form.action.replace(/\/evidence$/, "")}?note=uploaded#evidence`;
}

// The same address again would only be scrolled to.
function show() {
  const same = new URL(reloaded(), window.location.href).href === window.location.href;
  if (same) window.location.reload();
  else window.location.assign(reloaded());
}

// ---- where files come from -----------------------------------------------------------------------------------------

function named(file, number) {
  if (file.name && file.name !== "image.png") return file;
  const ending = (file.type.split("/")[1] || "png").replace("jpeg", "jpg");
  return new File([file], `${form.dataset.pasted}${number ? ` ${number + 1}` : ""}.${ending}`, { type: file.type });
}

function carriesFiles(event) {
  return [...(event.dataTransfer?.types || [])].includes("Files");
}

function listen() {
  for (const input of form.querySelectorAll('input[type="file"]')) {
    input.addEventListener("change", () => { add(input.files); input.value = ""; });
  }
  chosen.addEventListener("change", () => {
    for (const row of rows) {
      if (row.own || row.state === "stored" || row.state === "sending") continue;
      row.select.value = chosen.value;
      if (row.state === "refused" && row.words.textContent.endsWith(form.dataset.choose)) row.say("waiting", form.dataset.waiting);
    }
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !rows.length) return;
    event.preventDefault();
    send();
  });
  // With rows waiting each has a choice of its own, so the common one is no longer asked for by the browser.
  form.addEventListener("click", () => { chosen.required = rows.length === 0; }, true);

  const band = element("p", "dropping-band", form.dataset.drop);
  let depth = 0;
  const over = (on) => { document.body.classList.toggle("dropping", on); if (on) document.body.append(band); else { depth = 0; band.remove(); } };
  document.addEventListener("dragenter", (event) => { if (carriesFiles(event)) { event.preventDefault(); if (depth++ === 0) over(true); } });
  document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("dragleave", (event) => { if (carriesFiles(event) && --depth <= 0) over(false); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over(false);
    add(event.dataTransfer.files);
    form.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    // Words copied out of an office program carry a picture of themselves: into a text field go the words.
    const typing = event.target.closest?.("input:not([type=file]), textarea, [contenteditable]");
    if (!files.length || (typing && event.clipboardData.types.includes("text/plain"))) return;
    event.preventDefault();
    add(files.map(named));
    form.scrollIntoView({ block: "nearest" });
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy || rows.some((row) => row.state === "waiting")) event.preventDefault();
  });
}

if (form) {
  for (const each of form.querySelectorAll(".with-script")) each.hidden = false;
  listen();
}
