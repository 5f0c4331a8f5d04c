// Makes pages quicker, never necessary: copy buttons, progress that refreshes itself, focus on the error summary.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      button.querySelector("span").textContent = button.dataset.done;
      button.closest(".copy").querySelector("[role=status]").textContent = button.dataset.done;
    } catch {
      field.select();
    }
  });
}

const summary = document.querySelector(".error-summary");
if (summary) summary.focus();

async function refresh(panel) {
  try {
    const answer = await fetch(panel.dataset.refresh, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(panel.id);
      if (!fresh) {
        location.assign(panel.dataset.refresh);
        return;
      }
      panel.replaceWith(fresh);
      panel = fresh;
    }
  } catch {
    // The server cannot be reached at the moment; the next round tries again.
  }
  if (panel.dataset.refresh) setTimeout(refresh, 2000, panel);
}

for (const panel of document.querySelectorAll("[data-refresh]")) setTimeout(refresh, 2000, panel);
