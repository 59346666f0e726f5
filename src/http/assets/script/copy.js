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
