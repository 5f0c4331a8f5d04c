// Opens a share link: the secret is the part of the address after "#", which no browser sends. What it leads to is fetched
// by POST, opened here, and shown as text only. Without this script the link can be pasted into a verifier.
"use strict";

const panel = document.getElementById("shared");
const outcome = document.getElementById("shared-status");
const encoder = new TextEncoder();

function decode(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
}

function encode(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function tell(name) {
  outcome.replaceChildren(document.getElementById(name).content.cloneNode(true));
}

async function derive(secret, id, info) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: encoder.encode(id), info: encoder.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

async function unseal(sealed, secret, id) {
  const raw = await derive(secret, id, panel.dataset.sealInfo);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const parameters = { name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData: encoder.encode(id) };
  return new Uint8Array(await crypto.subtle.decrypt(parameters, key, sealed.subarray(12)));
}

// Reading signed words: a member is looked for among an object's own members only; whatever is no text is left out.
const list = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const own = (value, name) => (value && typeof value === "object" && Object.hasOwn(value, name) ? value[name] : undefined);
const first = (value, ...names) => names.reduce((node, name) => own(list(node)[0], name), value);

function words(value) {
  const found = list(value)[0];
  if (typeof found === "string" || typeof found === "number") return String(found);
  return typeof own(found, "@value") === "string" ? own(found, "@value") : "";
}

function day(value) {
  const moment = new Date(words(value));
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleDateString(panel.dataset.language, { dateStyle: "long" });
}

function signer(document_) {
  const issuer = first(document_, "issuer");
  const id = typeof issuer === "string" ? issuer : words(own(issuer, "id"));
  if (id.startsWith("did:key:")) return words(own(issuer, "name")) || panel.dataset.person;
  const host = id.startsWith("did:web:") ? decodeURIComponent(id.split(":")[2]) : id;
  return [words(own(issuer, "name")), host].filter(Boolean).join(" · ");
}

function person(document_) {
  const names = list(first(document_, "credentialSubject", "identifier"));
  return words(own(names.find((each) => words(own(each, "identityType")) === "name"), "identityHash"));
}

function results(document_) {
  return list(first(document_, "credentialSubject", "result")).map((each) => words(own(each, "value"))).filter(Boolean).join(" · ");
}

function statements(document_) {
  return list(first(document_, "credentialSubject", "statement")).map((each) => words(own(each, "text"))).filter(Boolean).join(" · ");
}

// By what right somebody chose these records is for a verifier to check; it is no record of the student's.
const PERMISSIONS = ["GuardianshipCredential", "DelegationCredential"];

function inside(document_) {
  const found = list(first(document_, "credentialSubject", "verifiableCredential"));
  return found.filter((each) => !list(own(each, "type")).some((name) => PERMISSIONS.includes(name)));
}

function title(document_) {
  if (list(own(document_, "type")).includes("AboutMeCredential")) return panel.dataset.about;
  return words(first(document_, "credentialSubject", "achievement", "name")) || words(own(document_, "name")) || panel.dataset.untitled;
}

function show(document_, comments) {
  const part = document.getElementById("shared-record").content.cloneNode(true);
  const said = comments.filter((each) => words(first(each, "credentialSubject", "id")) === words(own(document_, "id")));
  const values = new Map([
    ["title", title(document_)], ["issuer", signer(document_)], ["person", person(document_)],
    ["result", results(document_)], ["credits", words(first(document_, "credentialSubject", "creditsEarned"))],
    ["term", words(first(document_, "credentialSubject", "term"))], ["signed", day(own(document_, "validFrom"))],
    ["words", words(first(document_, "credentialSubject", "narrative")) || statements(document_)],
    ["comments", said.map((each) => `${words(first(each, "credentialSubject", "endorsementComment"))} (${words(first(each, "issuer", "name"))})`).join(" · ")],
  ]);
  for (const [name, value] of values) {
    const place = part.querySelector(`[data-part=${name}]`);
    place.textContent = value;
    if (!value) place.closest("[data-row]")?.remove();
  }
  return [part, ...inside(document_).flatMap((each) => show(each, comments))];
}

// An old paper that nobody has verified: its title, and the picture if it is one.
function showPaper(paper) {
  const part = document.getElementById("shared-paper").content.cloneNode(true);
  const address = words(own(paper, "id"));
  const picture = part.querySelector("[data-part=picture]");
  part.querySelector("[data-part=title]").textContent = words(own(paper, "name")) || panel.dataset.untitled;
  if (address.startsWith("data:image/jpeg;base64,")) picture.src = address;
  else picture.remove();
  return part;
}

function showAll(bundle, bytes) {
  const page = document.getElementById("shared-all").content.cloneNode(true);
  const place = (name) => page.querySelector(`[data-part=${name}]`);
  place("name").textContent = words(own(bundle, "name"));
  place("purpose").textContent = words(own(bundle, "description"));
  place("until").textContent = day(own(bundle, "validUntil"));
  place("records").append(...inside(bundle).flatMap((each) => show(each, list(own(bundle, "endorsement")))));
  place("papers").append(...list(own(bundle, "evidence")).map(showPaper));
  place("save").href = URL.createObjectURL(new Blob([bytes], { type: "application/json" }));
  place("save").download = panel.dataset.file;
  outcome.replaceChildren(page);
  panel.hidden = true;
}

async function openLink() {
  const id = panel.dataset.id;
  let secret;
  try {
    secret = decode(location.hash.slice(1));
  } catch {
    secret = new Uint8Array();
  }
  if (secret.length !== 32) return tell("shared-gone");
  tell("shared-busy");
  let answer;
  try {
    const access = encode(await derive(secret, id, panel.dataset.accessInfo));
    answer = await fetch(panel.dataset.address, { method: "POST", body: new URLSearchParams({ access }), credentials: "omit" });
  } catch {
    return tell("shared-unreachable");
  }
  if (answer.status === 404) return tell("shared-gone");
  if (!answer.ok) return tell("shared-unreachable");
  try {
    const bytes = await unseal(new Uint8Array(await answer.arrayBuffer()), secret, id);
    return showAll(JSON.parse(new TextDecoder().decode(bytes)), bytes);
  } catch {
    return tell("shared-broken");
  }
}

if (location.hash.length > 1) panel.hidden = false;
else tell("shared-gone");
document.getElementById("shared-open").addEventListener("click", openLink);
