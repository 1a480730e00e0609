/*
  The keyboard. Every key presses something that is on the page for pointers too: what has `data-key`. No key acts while
  somebody types in a field, none together with Ctrl, Alt or Meta, and none at all for who has switched them off.
*/

const help = document.getElementById("keys");
const on = help?.hasAttribute("data-on");
const rows = () => [...document.querySelectorAll("#queue-list .row")];
const linkOf = (row) => row?.querySelector(".row-main a");
const here = () => document.activeElement?.closest?.("#queue-list .row");
const box = (row) => row?.querySelector("input[name=case]");

const types = (place) =>
  place.isContentEditable ||
  place.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

/** The next row in a direction; from nowhere the first. */
function step(direction) {
  const all = rows();
  const place = all.indexOf(here());
  const next = place < 0 ? all[0] : all[place + direction];
  const link = linkOf(next);
  link?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(all.length);
}

function tick(row) {
  const it = box(row);
  if (!it) return false;
  it.checked = !it.checked;
  it.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Press what a key stands for: open it, choose it, or go there; and be where one writes on. */
function press(it) {
  if (it.tagName === "SUMMARY") {
    it.parentElement.open = true;
    (it.parentElement.querySelector("select, input:not([type=hidden]), textarea") ?? it).focus();
  } else if (it.type === "radio") {
    it.checked = true;
    it.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector(`.${it.id} textarea`)?.focus();
  } else if (types(it)) {
    it.focus();
    it.select?.();
  } else it.click();
}

/** In the list an act is for the ticked rows, else for the one that has the focus. */
function actOnRows(button) {
  const ticked = document.querySelector("#queue-list input[name=case]:checked, input[name=every]:checked");
  if (!ticked && !tick(here())) return;
  button.click();
}

function openAt(row, anchor) {
  const link = linkOf(row);
  if (link) location.assign(`${link.href}#${anchor}`);
}

const LIST = {
  j: () => step(1),
  k: () => step(-1),
  o: () => linkOf(here())?.click(),
  x: () => tick(here()),
  n: () => openAt(here(), "write-notes"),
};

function act(key) {
  if (key === "?") return showHelp();
  if (rows().length && LIST[key]) return LIST[key]();
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((it) => !it.closest("dialog"));
  if (!found) return false;
  if (found.name === "act") actOnRows(found);
  else press(found);
  return true;
}

function showHelp() {
  const inside = help.querySelector("template");
  inside?.replaceWith(inside.content);
  help.showModal();
  document.body.classList.add("show-keys");
  return true;
}

document.addEventListener("keydown", (pressed) => {
  const { key, target } = pressed;
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || pressed.isComposing || pressed.defaultPrevented) return;
  if (key === "Escape" && !document.querySelector("dialog[open]")) {
    document.body.classList.remove("show-keys");
    // Out of the field, so that the keys are heard again; what was typed stays.
    if (on && types(target) && target.type !== "search") target.blur();
    return;
  }
  if (!on || key.length !== 1 || types(target) || document.querySelector("dialog[open]")) return;
  if (act(key) !== false) pressed.preventDefault();
});

for (const opener of document.querySelectorAll("[data-keys-help]")) {
  opener.addEventListener("click", (clicked) => {
    clicked.preventDefault();
    showHelp();
  });
}

help?.addEventListener("click", (clicked) => clicked.target.closest("[data-keys-close]") && help.close());

if (on) for (const it of document.querySelectorAll("[data-key]")) it.setAttribute("aria-keyshortcuts", it.dataset.key);

// The list remembers which case was opened from it: who comes back goes on from there.
const PLACE = "queue-place";
if (document.getElementById("queue-list")) {
  document.getElementById("queue-list").addEventListener("click", (clicked) => {
    const row = clicked.target.closest(".row");
    if (row && clicked.target.closest("a")) sessionStorage.setItem(PLACE, row.dataset.number);
  });
  const back = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (on && back) linkOf(rows().find((row) => row.dataset.number === back))?.focus();
}

// From the list straight to the note: its address names the tab.
if (location.hash === "#write-notes" || location.hash === "#write-replies") {
  const tab = document.getElementById(location.hash.slice(1));
  if (tab) press(tab);
}
