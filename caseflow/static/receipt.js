// Buttons that only a browser with JavaScript can serve.
const print = document.querySelector("[data-print]");
print.hidden = false;
print.addEventListener("click", () => window.print());

const copy = document.querySelector("[data-copy]");
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.querySelector("span").textContent = copy.dataset.copied;
  });
}

// It is sent: what was kept of it in this browser goes (keep.js).
try {
  localStorage.removeItem("errand");
} catch {
  // nothing was kept
}
