{
  // Days and weeks by the arrows, where nothing else wants them.
  const step = (rel) => document.querySelector(`.steps [rel=${rel}]`)?.click();
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "ArrowLeft") step("prev");
    if (event.key === "ArrowRight") step("next");
    if (event.key === "Escape") document.querySelector(".entry[open]")?.removeAttribute("open");
  });

  // One entry at a time, and a click beside it closes it.
  addEventListener("click", (event) => {
    for (const entry of document.querySelectorAll(".at .entry[open]")) {
      if (!entry.contains(event.target)) entry.open = false;
    }
  });

  const print = document.querySelector("[data-script=print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  // A day that is picked is gone to. One that is being typed is not whole yet: the browser tells of it anyway.
  const go = document.querySelector("[data-script=go]");
  if (go) {
    const date = go.elements.date;
    go.querySelector("button").hidden = true;
    let typed = false;
    date.addEventListener("keydown", () => { typed = true; });
    date.addEventListener("pointerdown", () => { typed = false; });
    date.addEventListener("change", () => { if (!typed && date.value) go.requestSubmit(); });
  }

  // The present moves on from where the page was made: the clocks on the school's walls, not those of the visitor.
  const now = document.querySelector("[data-script=now]");
  if (now) {
    const style = getComputedStyle(now);
    const minutes = Number(style.getPropertyValue("--h")) * 60 + Number(style.getPropertyValue("--m") || 0);
    const begun = Date.now();
    setInterval(() => {
      const at = minutes + (Date.now() - begun) / 60000;
      if (at >= 1440) return;
      now.style.setProperty("--h", Math.floor(at / 60));
      now.style.setProperty("--m", at % 60);
    }, 60000);
  }
}
