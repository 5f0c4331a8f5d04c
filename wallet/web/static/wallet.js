// Warns before the backpack locks itself, leaves the page when it is locked, and collects records step by step.
"use strict";

const warning = document.getElementById("lock-warning");

async function watch() {
  let left = 0;
  try {
    const answer = await fetch(warning.dataset.left, { credentials: "same-origin", headers: { Accept: "application/json" } });
    left = answer.ok ? (await answer.json()).left_s : 0;
  } catch {
    setTimeout(watch, 30000);
    return;
  }
  if (left <= 0) {
    location.replace(warning.dataset.locked);
    return;
  }
  const warn = Number(warning.dataset.warn);
  if (warning.hidden && left <= warn) {
    warning.hidden = false;
    warning.scrollIntoView({ block: "nearest" });
  } else if (left > warn) {
    warning.hidden = true;
  }
  setTimeout(watch, 1000 * (left > warn ? left - warn : Math.min(left + 1, 15)));
}

if (warning) setTimeout(watch, 1000 * Math.max(1, Number(warning.dataset.after) - Number(warning.dataset.warn)));

// A page from the browser's memory must not show what is locked by now.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

for (const form of document.querySelectorAll("[data-script-slices]")) {
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "script";
  mark.value = "on";
  form.append(mark);
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  if ("goOn" in form.dataset) form.requestSubmit();
}
