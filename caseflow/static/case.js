/*
  The case page works without this. With it: no text is lost by leaving, an act that was opened closes with Escape,
  and a second press of the same button while the first is under way does nothing.
*/

// What a draft keeps need not be asked about; drafts.js says which words those are.
const kept = (field) => field.dataset.kept ?? field.defaultValue;
const typed = () => [...document.querySelectorAll(".composer textarea[name]")].some((field) => field.value !== kept(field));
let sending = false;

addEventListener("beforeunload", (leaving) => {
  if (!sending && typed()) leaving.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (sending) event.preventDefault();
  sending = true;
});

// Coming back with the browser's own button shows the page as it was: it may be sent again, the server tells.
addEventListener("pageshow", () => {
  sending = false;
});

document.addEventListener("keydown", (press) => {
  if (press.key !== "Escape") return;
  const open = press.target.closest?.("details.act[open], details.me[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// The seconds in which what was just sent can be had back; then there is nothing to press any more.
const undo = document.querySelector("form.undo");
if (undo) {
  const end = Date.now() + Number(undo.dataset.seconds) * 1000;
  const count = undo.querySelector("[data-count]");
  const tick = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    count.textContent = Math.max(left, 0);
    if (left > 0) return;
    clearInterval(tick);
    undo.remove();
  }, 250);
}
