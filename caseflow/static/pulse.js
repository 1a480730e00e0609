/*
  Who else is at this case, and what happened in it while it was open. Asked every PERIOD while the page is in sight.
  Nothing that is typed moves: the news floats above the composer.
*/

const PERIOD = 15_000;
const STILL_TYPING = 20_000;

const place = document.querySelector("[data-pulse]");
const others = document.querySelector("[data-others]");
const happens = document.querySelector(".happens");
let version = place?.dataset.version;
let typed = 0;
let timer = 0;
let announced = 0;

async function ask() {
  const address = new URL(place.dataset.pulse, location.href);
  address.searchParams.set("version", version);
  if (Date.now() - typed < STILL_TYPING) address.searchParams.set("writing", "1");
  const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.status === 404) return gone();
  if (answer.ok) hear(await answer.json());
}

function hear(told) {
  if (place.dataset.writer && String(told.who) !== place.dataset.writer) return say(place.dataset.other);
  // After a new sign-in the old token opens nothing any more.
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = told.token;
  version = told.version;
  shown(told.here);
  if (told.news.length && happens) news(told.news);
}

function shown(here) {
  const marks = here.map(({ text, writing }) => {
    const mark = document.createElement("span");
    mark.className = writing ? "here here-writing" : "here";
    mark.textContent = text;
    return mark;
  });
  const before = [...others.querySelectorAll(".here")];
  if (before.map((mark) => mark.textContent).join() === marks.map((mark) => mark.textContent).join()) return;
  before.forEach((mark) => mark.remove());
  others.append(...marks);
}

function news(done) {
  const link = document.createElement("a");
  link.href = location.pathname;
  link.textContent = place.dataset.see;
  link.addEventListener("click", () => place.dispatchEvent(new CustomEvent("keep")));
  const told = done.map(({ text, resident }) => {
    const line = document.createElement("span");
    line.className = resident ? "resident" : "";
    line.textContent = `${text}.`;
    return line;
  });
  announced += told.length;
  happens.querySelector("a")?.remove();
  if (announced === told.length) happens.replaceChildren();
  happens.append(...told, link);
}

function say(words) {
  happens?.replaceChildren(words);
}

function gone() {
  if (!happens) return;
  const link = document.createElement("a");
  link.href = place.dataset.drafts;
  link.textContent = place.dataset.my;
  happens.replaceChildren(`${place.dataset.gone} `, link);
}

async function beat() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    await ask();
  } catch {
    // Presence is a comfort: without the server there is none, and drafts.js tells what matters.
  }
  timer = setTimeout(beat, PERIOD);
}

if (place) {
  // The first key is news to the others; the rest of them are not.
  place.addEventListener("typing", () => {
    const news = Date.now() - typed > STILL_TYPING;
    typed = Date.now();
    if (news) beat();
  });
  document.addEventListener("visibilitychange", beat);
  beat();
}
