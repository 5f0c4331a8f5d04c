// Passkeys: asks the authenticator, and posts its answer and its PRF value once, in the body of the form.
"use strict";

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readOptions(options) {
  const list = (known) => (known || []).map((each) => ({ ...each, id: bytesOf(each.id) }));
  const read = {
    ...options,
    challenge: bytesOf(options.challenge),
    extensions: { prf: { eval: { first: bytesOf(options.extensions.prf.eval.first) } } },
  };
  if (options.user) read.user = { ...options.user, id: bytesOf(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = list(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = list(options.allowCredentials);
  return read;
}

function writeAnswer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response,
    clientExtensionResults: {} });
}

const prfOf = (credential) => credential.getClientExtensionResults().prf?.results?.first;

// Some authenticators give no PRF value when a passkey is made: they are asked once more, for that alone.
async function prfOfNew(credential, options) {
  const results = credential.getClientExtensionResults().prf;
  if (!results?.enabled || results.results?.first) return results?.results?.first;
  const again = await navigator.credentials.get({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: options.rp.id, userVerification: "required",
    allowCredentials: [{ type: "public-key", id: credential.rawId }], extensions: options.extensions,
  } });
  return prfOf(again);
}

async function ask(form) {
  const answer = await fetch(form.dataset.begin, { method: "POST", credentials: "same-origin", body: new FormData(form) });
  if (!answer.ok) throw new Error("refused");
  const publicKey = readOptions(await answer.json());
  const isNew = form.dataset.passkey === "create";
  const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  const prf = isNew ? await prfOfNew(credential, publicKey) : prfOf(credential);
  form.addEventListener("formdata", (event) => {
    event.formData.set("answer", writeAnswer(credential));
    event.formData.set("prf", prf ? textOf(prf) : "");
  }, { once: true });
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const button = form.querySelector("button[type=submit]");
  const problem = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    problem.hidden = true;
    try {
      await ask(form);
    } catch {
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
