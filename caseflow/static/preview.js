// The preview beside a form follows what is typed; without JavaScript a button shows it.
const form = document.querySelector("form[data-preview]");
const shown = document.querySelector("#shown");
const swatches = [];
let waiting, asked;

async function look() {
  asked?.abort();
  asked = new AbortController();
  const typed = new FormData(form);
  typed.set("act", "preview");
  try {
    const answer = await fetch(form.action, { method: "POST", body: typed, signal: asked.signal });
    if (!answer.ok && answer.status !== 422) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#shown");
    if (!fresh) return;
    shown.replaceChildren(...fresh.childNodes);
    swatches.forEach((follow) => follow());
  } catch {
    // Out of reach, or overtaken by the next letter: what is shown stays.
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, 350);
}

// A swatch beside a colour that is typed; both say the same, and where nothing is typed it shows what is used.
for (const [place, field] of form.querySelectorAll("[data-colour]").entries()) {
  const row = Object.assign(document.createElement("div"), { className: "colour-row" });
  const swatch = Object.assign(document.createElement("input"), { type: "color", ariaLabel: field.dataset.colour });
  const whole = () => {
    const short = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(field.value.trim());
    const long = /^#?([0-9a-f]{6})$/i.exec(field.value.trim());
    if (short) return `#${short.slice(1).map((sign) => sign + sign).join("")}`;
    return long ? `#${long[1]}` : null;
  };
  const used = () => shown.querySelectorAll("[data-accent]")[place]?.dataset.accent;
  const follow = () => (swatch.value = whole() ?? (field.value ? swatch.value : used()));
  swatches.push(follow);
  follow();
  field.addEventListener("input", follow);
  swatch.addEventListener("input", () => (field.value = swatch.value));
  field.replaceWith(row);
  row.append(field, swatch);
}

form.addEventListener("input", soon);
form.addEventListener("change", soon);
