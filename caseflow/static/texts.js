/*
  Standard texts in a dialog: searched as one types, put in at the cursor. "::" in the text opens it, too.
  Without this the same button leads to a page that puts the text after the draft.
*/

const PAUSE = 150;
// As `UNFILLED` in form_parts.py: what the writer has to fill in.
const GAP = /\{\{[^{}\n]*\}\}|(?<![\p{L}\p{N}_])__[^\W_](?:(?!__).)*__|_{4,}/u;
const TRIGGER = "::";

const dialog = document.getElementById("texts");
const list = dialog?.querySelector("[data-list]");
const search = dialog?.querySelector("input");
let field = null;
let cursor = [0, 0]; // where it stood when the dialog was opened
let address = "";
let timer = 0;
let asked = 0;

async function fetchTexts() {
  const here = (asked += 1);
  const from = new URL(address, location.href);
  from.searchParams.set("fragment", "list");
  from.searchParams.set("text", search.value);
  try {
    const answer = await fetch(from, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (here === asked) list.replaceChildren(...page.body.childNodes);
  } catch {
    list.textContent = dialog.dataset.lost;
  }
}

function open(button) {
  field = button.form.elements.text;
  cursor = [field.selectionStart, field.selectionEnd];
  address = button.formAction;
  search.value = "";
  list.replaceChildren();
  dialog.showModal();
  search.focus();
  fetchTexts();
}

function insert(button) {
  const said = button.querySelector(".texts-said").textContent;
  const [here, end] = cursor;
  const start = here - (field.value.slice(0, here).endsWith(TRIGGER) ? TRIGGER.length : 0);
  dialog.close();
  field.focus();
  field.setRangeText(said, start, end, "end");
  const gap = GAP.exec(said);
  if (gap) field.setSelectionRange(start + gap.index, start + gap.index + gap[0].length);
  const used = field.form.elements.used;
  used.value = [...new Set([...used.value.split(" "), button.dataset.insert])].join(" ").trim();
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

if (dialog) {
  for (const button of document.querySelectorAll("[data-texts]")) {
    button.type = "button";
    button.addEventListener("click", () => open(button));
    button.form.elements.text.addEventListener("input", (event) => {
      const text = event.target;
      const typed = event.inputType === "insertText" && text.value.slice(0, text.selectionStart).endsWith(TRIGGER);
      if (typed) open(button);
    });
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fetchTexts, PAUSE);
  });
  search.addEventListener("keydown", (press) => {
    if (press.key !== "Enter" && press.key !== "ArrowDown") return;
    press.preventDefault();
    const first = list.querySelector("[data-insert]");
    if (press.key === "ArrowDown") first?.focus();
    else if (first) insert(first);
  });
  list.addEventListener("keydown", (press) => {
    if (press.key !== "ArrowDown" && press.key !== "ArrowUp") return;
    press.preventDefault();
    const all = [...list.querySelectorAll("[data-insert]")];
    const next = all.indexOf(document.activeElement) + (press.key === "ArrowDown" ? 1 : -1);
    (all[next] ?? search).focus();
  });
  list.addEventListener("click", (press) => {
    const button = press.target.closest("[data-insert]");
    if (!button) return;
    press.preventDefault();
    insert(button);
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => field.focus());
}
