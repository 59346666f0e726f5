{
  // A form that was sent says so, and is not sent twice.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      const button = event.submitter ?? form.querySelector("[data-busy]");
      if (!button?.dataset.busy) return;
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.busy;
    });
  }

  // Back from the browser's memory, a form can be sent again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
