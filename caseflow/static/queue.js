/*
  The queue keeps itself fresh without moving anything under a person's eyes or hands.

  Every PERIOD the same address is fetched as a fragment. A row that has changed is replaced where it stands, unless it
  holds the focus; one that has left the view stays, greyed, until the person asks; new ones are announced and wait.
*/

const PERIOD = 20_000;
const PATIENCE = 3;

const list = () => document.getElementById("queue-list");
const news = document.getElementById("queue-news");
const rowsOf = (root) => new Map([...root.querySelectorAll(".row")].map((row) => [row.dataset.number, row]));

let waiting = null;
let failures = 0;
let last = Date.now();
let timer = 0;

async function fetchList() {
  const address = new URL(location.href);
  address.searchParams.set("fragment", "rows");
  const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("queue-list");
  if (!fresh) throw new Error("not a queue");
  return fresh;
}

function updateCounts(counts) {
  for (const place of document.querySelectorAll("[data-count]")) {
    const count = counts[place.dataset.count];
    if (count === undefined || place.textContent === String(count)) continue;
    place.textContent = count;
    if (place.dataset.count === "overdue") place.classList.toggle("number-overdue", count > 0);
  }
}

/** Rows of `fresh` that belong among those on the page; what only moved up from the next page is not news. */
function newcomers(fresh, shown) {
  const numbers = [...fresh.keys()];
  const known = numbers.findLastIndex((number) => shown.has(number));
  const lastKnown = list().hasAttribute("data-more") && known >= 0 ? known : Infinity;
  return numbers.filter((number, place) => !shown.has(number) && place < lastKnown);
}

function markGone(row) {
  if (row.hasAttribute("data-gone")) return;
  row.setAttribute("data-gone", "");
  const words = document.createElement("div");
  words.className = "row-gone";
  words.setAttribute("role", "cell");
  words.textContent = news.dataset.gone;
  row.append(words);
}

/** What has the focus or is picked stays as it is, with the version that the person saw; the rest of its row is new. */
function renew(row, next) {
  const held = row.contains(document.activeElement) || row.querySelector("input:checked");
  if (!held) return row.replaceWith(next.cloneNode(true));
  for (const part of [...row.children]) {
    const other = next.querySelector(`:scope > .${part.classList[0]}`);
    if (!other || part.matches(".row-pick") || part.contains(document.activeElement)) continue;
    if (part.outerHTML !== other.outerHTML) part.replaceWith(other.cloneNode(true));
  }
}

const boxes = (root) => [...root.querySelectorAll(".row-pick input")];

/** What is picked stays picked when the list is changed for a newer one. */
function carryOver(old, fresh) {
  const picked = new Map(boxes(old).filter((box) => box.checked).map((box) => [box.value.split(":")[0], box.value]));
  for (const box of boxes(fresh)) {
    const value = picked.get(box.value.split(":")[0]);
    if (value) [box.checked, box.value] = [true, value];
  }
}

function countPicked() {
  const place = document.querySelector("[data-picked]");
  if (!place) return;
  place.textContent = boxes(list()).filter((box) => box.checked).length;
  place.closest("p").hidden = false;
}

function updateRows(fresh, shown) {
  for (const [number, row] of shown) {
    const next = fresh.get(number);
    if (!next) markGone(row);
    else if (next.outerHTML !== row.outerHTML) renew(row, next);
  }
}

function announce(count) {
  const words = count === 1 ? news.dataset.one : news.dataset.many.replace("{n}", count);
  const button = news.querySelector("button") ?? document.createElement("button");
  if (button.textContent === words) return;
  button.className = "button";
  button.type = "button";
  button.textContent = words;
  button.addEventListener("click", showNew, { once: true });
  news.hidden = false;
  news.replaceChildren(button);
}

function quieten() {
  news.hidden = true;
  news.replaceChildren();
}

function showNew() {
  const before = rowsOf(list());
  carryOver(list(), waiting);
  list().replaceWith(waiting);
  countPicked();
  quieten();
  const first = [...rowsOf(list())].find(([number]) => !before.has(number));
  first?.[1].querySelector("a").focus();
}

async function refresh() {
  last = Date.now();
  try {
    const fresh = await fetchList();
    failures = 0;
    waiting = fresh;
    updateCounts(JSON.parse(fresh.dataset.counts));
    const [next, shown] = [rowsOf(fresh), rowsOf(list())];
    updateRows(next, shown);
    const count = newcomers(next, shown).length;
    if (count) announce(count);
    else quieten();
  } catch {
    failures += 1;
    if (failures === PATIENCE) {
      news.hidden = false;
      news.textContent = news.dataset.lost;
    }
  }
}

function schedule(wait = PERIOD) {
  clearTimeout(timer);
  if (document.hidden) return;
  timer = setTimeout(async () => {
    await refresh();
    schedule();
  }, wait);
}

/** An address that is passed on should name only what is chosen. */
document.getElementById("filter").addEventListener("submit", (event) => {
  for (const field of event.target.elements) field.disabled = field.name !== "" && field.value === "";
});
// Coming back to the page, the fields must be there again.
addEventListener("pageshow", () => {
  for (const field of document.getElementById("filter").elements) field.disabled = false;
});
document.getElementById("selection")?.addEventListener("change", countPicked);
// Enter on a box would press the first of the acts.
document.getElementById("selection")?.addEventListener("keydown", (pressed) => {
  if (pressed.key === "Enter" && pressed.target.type === "checkbox") pressed.preventDefault();
});
addEventListener("pageshow", countPicked);
document.addEventListener("visibilitychange", () => schedule(Math.max(0, PERIOD - (Date.now() - last))));
document.addEventListener("queue:refresh", () => schedule(0));
schedule();
