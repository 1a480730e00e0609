// What is written stays in this browser until it is sent, for a week at most, unless the person says no. It is never
// sent from here, and holds the errand and no contact details: others may use the same computer.

const KEY = "errand";
const NO = "errand-not-kept";
const WEEK = 7 * 24 * 3600 * 1000;
const FIELDS = ["description", "place", "department", "category", "kind"];

const line = document.querySelector("[data-keep]");
const { form } = document.getElementById("description");
const { keep, stop, stopped, again, back, afresh } = line.dataset;
const store = open();

function open() {
  try {
    localStorage.setItem("errand-try", "");
    localStorage.removeItem("errand-try");
    return localStorage;
  } catch {
    return null; // a browser that keeps nothing says nothing either
  }
}

const said = (words, label, act) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.textContent = label;
  button.addEventListener("click", act);
  line.replaceChildren(`${words} `, button);
  line.hidden = false;
};

const offer = () => (store.getItem(NO) ? said(stopped, again, start) : said(keep, stop, end));
const start = () => {
  store.removeItem(NO);
  save();
  offer();
  line.querySelector("button").focus();
};
const end = () => {
  store.setItem(NO, "1");
  store.removeItem(KEY);
  offer();
  line.querySelector("button").focus();
};

function save() {
  if (store.getItem(NO)) return;
  const values = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  if (values.description || values.place) store.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
  else store.removeItem(KEY);
}

// Only into an empty form: what comes back from the server is newer.
function restore() {
  const found = read();
  if (!found || form.elements.description.value || document.getElementById("error-summary")) return false;
  const { kind, ...rest } = found.values;
  if (!form.elements.kind.value) form.elements.kind.value = kind;
  for (const [name, value] of Object.entries(rest)) {
    const field = form.elements[name];
    field.value = value;
    if (field.tagName === "SELECT") field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  said(back, afresh, () => {
    store.removeItem(KEY);
    form.elements.description.value = "";
    form.elements.place.value = "";
    offer();
    form.elements.description.focus();
  });
  return true;
}

function read() {
  try {
    const found = JSON.parse(store.getItem(KEY));
    if (found && Date.now() - found.at < WEEK) return found;
  } catch {
    // somebody else's, or a broken one
  }
  store.removeItem(KEY);
  return null;
}

if (store) {
  let soon;
  if (!restore()) offer();
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(save, 400);
  });
  addEventListener("pagehide", save);
}
