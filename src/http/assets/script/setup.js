{
  // The key of a link that lets somebody in once goes from the address bar into its field, and out of the history.
  const key = document.querySelector("[data-script=from-fragment]");
  if (key) {
    if (location.hash.length > 1) {
      key.value = decodeURIComponent(location.hash.slice(1));
      history.replaceState(null, "", location.pathname);
    }
    if (key.value && !key.hasAttribute("aria-invalid")) {
      key.closest(".field").hidden = true;
      if (!document.querySelector("[aria-invalid]")) key.form.querySelector("input:not([data-script])").focus();
    }
  }
}
