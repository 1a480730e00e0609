/*
  What is typed is kept on the server: a second after the last key, at least every five, and when the page is left.

  A page may only write over the draft that it has shown (its `revision`). When another window has saved a newer one,
  nothing is written: the person sees both and chooses.
*/

const PAUSE = 1_000;
const LONGEST = 5_000;
const RETRY = 10_000;
// What a browser lets a page send off while it closes; more than that goes as an ordinary request.
const KEEPALIVE = 60_000;

const dock = document.querySelector(".dock");
let sending = false;

function keeper(form) {
  const field = form.elements.text;
  const said = form.querySelector("[data-draft-said]");
  const remove = form.querySelector("[data-draft-remove]");
  let kept = field.defaultValue;
  let first = 0;
  let timer = 0;
  let running = null;
  let held = false;

  field.dataset.kept = kept;
  form.querySelector("[data-draft-keep]")?.remove();

  const dirty = () => field.value !== kept;

  function body(text) {
    const data = new FormData();
    for (const name of ["csrf_token", "submission", "draft"]) data.set(name, form.elements[name].value);
    data.set("writer", dock.dataset.writer);
    data.set("text", text);
    return data;
  }

  function show(answer, text) {
    kept = text;
    field.dataset.kept = text;
    form.elements.draft.value = answer.revision;
    said.textContent = answer.saved;
    remove.hidden = !answer.saved;
  }

  /** Two texts: the newer one is offered, and this one stays in the field until the person says otherwise. */
  function choose(newer) {
    held = true;
    const take = button(said.dataset.take, () => settle(newer, newer.text));
    const stay = button(said.dataset.stay, () => settle(newer, null));
    said.replaceChildren(`${said.dataset.newer} `, take, " ", stay);
  }

  function settle(newer, text) {
    held = false;
    form.elements.draft.value = newer.revision;
    if (text === null) return save();
    field.value = text;
    show(newer, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  async function save(leaving = false) {
    clearTimeout(timer);
    first = 0;
    if (sending || held || !dirty() || (running && !leaving)) return;
    const text = field.value;
    running = new AbortController();
    const options = { method: "POST", body: body(text), headers: { Accept: "application/json" }, redirect: "manual" };
    options.keepalive = leaving && text.length * 3 < KEEPALIVE;
    if (!leaving) options.signal = running.signal;
    try {
      const answer = await fetch(form.dataset.draft, options);
      if (answer.ok) {
        const told = await answer.json();
        if (!told.said) show(told, text);
      } else if (answer.status === 409) choose(await answer.json());
      else if (answer.status === 403) (held = true), (said.textContent = dock.dataset.other);
      else trouble(answer);
    } catch {
      trouble(null);
    }
    running = null;
    if (dirty() && !held) schedule();
  }

  function trouble(answer) {
    const out = answer && (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 400);
    said.textContent = out ? dock.dataset.out : said.dataset.lost;
    timer = setTimeout(save, RETRY);
  }

  function schedule() {
    first ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, first + LONGEST - Date.now())));
  }

  field.addEventListener("input", () => {
    dock.dispatchEvent(new CustomEvent("typing"));
    schedule();
  });
  remove.addEventListener("click", async (press) => {
    press.preventDefault();
    running?.abort();
    const before = field.value;
    const answer = await fetch(remove.formAction, { method: "POST", body: body(""), headers: { Accept: "application/json" } });
    if (!answer.ok) return trouble(answer);
    field.value = "";
    show(await answer.json(), "");
    const back = button(said.dataset.back, () => {
      field.value = before;
      save();
      field.focus();
    });
    said.replaceChildren(`${said.dataset.thrown} `, back);
    back.focus();
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
  return save;
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain-button";
  made.textContent = words;
  made.addEventListener("click", act, { once: true });
  return made;
}

const keepers = dock ? [...document.querySelectorAll("form[data-draft]")].map(keeper) : [];
const leave = () => keepers.forEach((save) => save(true));

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sending = true;
});
addEventListener("pageshow", () => {
  sending = false;
});
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
// Elsewhere on the page somebody may want all of it kept before going on (a link to what is new).
dock?.addEventListener("keep", () => keepers.forEach((save) => save()));

for (const copy of document.querySelectorAll("[data-copy]")) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.closest("li").querySelector("textarea").value);
    copy.textContent = copy.dataset.copy;
  });
}
