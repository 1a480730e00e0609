/* While a file is made the list shows how far it is, and then its link. Without this, the page is loaded again. */

const PERIOD = 2_000;

const place = document.querySelector("[data-exports]");
const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
place.after(said);

const unfinished = () => place.querySelector("[data-state=waiting], [data-state=making]");

async function look() {
  const before = place.querySelectorAll("[data-state=ready]").length;
  const answer = await fetch(place.dataset.exports, { redirect: "manual" });
  // Whoever is just at a button of the list is not to lose it.
  if (answer.ok && !place.contains(document.activeElement)) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
    const ready = place.querySelector("[data-state=ready] .button");
    if (place.querySelectorAll("[data-state=ready]").length > before && ready) said.textContent = ready.textContent;
  }
  wait();
}

function wait() {
  if (unfinished()) setTimeout(() => look().catch(wait), PERIOD);
}

wait();
