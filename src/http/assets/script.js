// What pages do better with scripts; everything works without.
"use strict";

// A button beside an address copies it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // Over plain HTTP there is no clipboard.
    }
    said.textContent = button.dataset.done;
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
}

// The key of a link that lets somebody in once goes from the address bar into its field, and out of the history.
const key = document.querySelector("[data-from-fragment]");
if (key) {
  if (location.hash.length > 1) {
    key.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }
  if (key.value && !key.hasAttribute("aria-invalid")) {
    key.closest(".field").hidden = true;
    if (!document.querySelector("[aria-invalid]")) key.form.querySelector("input:not([data-from-fragment])").focus();
  }
}

// A form that was sent says so, and is not sent twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const button = form.querySelector("[data-busy]");
    if (!button) return;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  });
}

// Back from the browser's memory, a form can be sent again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
