// Passkeys: asks the browser for one and sends its answer. Where the browser knows none, nothing is offered.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function sent(address, fields) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.wrong);
  return told;
}

async function made(options) {
  const named = (key) => ({ ...key, id: bytes(key.id) });
  const key = await navigator.credentials.create({ publicKey: {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(named),
  } });
  return { id: key.id, rawId: text(key.rawId), type: key.type, response: {
    clientDataJSON: text(key.response.clientDataJSON),
    attestationObject: text(key.response.attestationObject),
  } };
}

async function found(options) {
  const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] } });
  const handle = key.response.userHandle;
  return { id: key.id, rawId: text(key.rawId), type: key.type, response: {
    clientDataJSON: text(key.response.clientDataJSON),
    authenticatorData: text(key.response.authenticatorData),
    signature: text(key.response.signature),
    userHandle: handle ? text(handle) : null,
  } };
}

async function go(form) {
  const fields = Object.fromEntries(new FormData(form));
  const options = await sent(form.dataset.options, fields);
  let key;
  try {
    key = await (form.dataset.passkey === "add" ? made(options) : found(options));
  } catch {
    throw new Error(form.dataset.givenUp);
  }
  const told = await sent(form.dataset.answer, { csrf: fields.csrf ?? "", name: fields.name ?? "", credential: JSON.stringify(key) });
  const to = new URL(told.to, location);
  const stays = to.pathname + to.search === location.pathname + location.search;
  location.assign(to);
  // Only the anchor changes then, and the page would not be loaded anew.
  if (stays) location.reload();
}

if (window.PublicKeyCredential) {
  for (const each of document.querySelectorAll("[data-no-passkeys]")) each.hidden = true;
  for (const each of document.querySelectorAll("[data-passkey-adds], form[data-passkey]")) each.hidden = false;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-says]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    says.hidden = true;
    button.disabled = true;
    try {
      await go(form);
    } catch (error) {
      says.textContent = error.message;
      says.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
