// What the forms gain with JavaScript; without it they work all the same.

// One press sends once; after ten seconds, or when the page comes back from history, a new try is free. Without a
// connection nothing is sent, because the browser's own error page would take the place of what was typed.
for (const form of document.querySelectorAll("form[data-sending]")) {
  let sent = 0;
  const button = form.querySelector("button.button:not([name])");
  const words = button.innerHTML;
  const notice = document.createElement("p");
  notice.className = "error";
  notice.setAttribute("role", "alert");
  const rest = () => {
    sent = 0;
    button.removeAttribute("aria-disabled");
    button.innerHTML = words;
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name) return;
    if (sent) return event.preventDefault();
    if (!navigator.onLine) {
      event.preventDefault();
      notice.textContent = form.dataset.offline;
      return button.before(notice);
    }
    notice.remove();
    sent = setTimeout(rest, 10000);
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.sending;
  });
  addEventListener("pageshow", (event) => event.persisted && rest());
}

// What makes single fields more comfortable comes last: nobody waits for it.
addEventListener("load", () => document.querySelectorAll("[data-module]").forEach((field) => import(field.dataset.module)));

// Categories: only those of the chosen department.
const department = document.getElementById("department");
const category = document.getElementById("category");
if (department && category) {
  const groups = [...category.querySelectorAll("optgroup")];
  const field = category.closest(".field");
  const narrow = () => {
    const name = department.selectedOptions[0]?.text;
    const own = department.value ? groups.filter((group) => group.label === name) : [];
    groups.forEach((group) => group.remove());
    category.append(...own);
    if (!category.selectedOptions.length) category.value = "";
    field.hidden = !own.length;
  };
  if (!field.classList.contains("wrong")) {
    const chosen = category.selectedOptions[0]?.closest("optgroup");
    const home = chosen && [...department.options].find((option) => option.text === chosen.label);
    if (home && !department.value) department.value = home.value;
    narrow();
  }
  department.addEventListener("change", narrow);
}

// The name is needed for a letter only.
const named = document.querySelector("[data-must]");
for (const way of document.querySelectorAll("input[name=reply_by]")) {
  const tell = () => way.checked && named.setAttribute("aria-required", way.value === named.dataset.must);
  way.addEventListener("change", tell);
  tell();
}

// How much room is left, near the end only.
const text = document.getElementById("description");
const form = text?.form;
if (form?.dataset.left) {
  const most = 20000;
  const counter = document.createElement("p");
  counter.className = "counter";
  counter.setAttribute("role", "status");
  text.after(counter);
  const count = () => {
    const left = most - [...text.value.trim()].length;
    const said = left < 0 ? form.dataset.over : form.dataset.left;
    counter.textContent = left > most / 20 ? "" : said.replace("{}", Math.abs(left).toLocaleString(document.documentElement.lang));
  };
  text.addEventListener("input", count);
  count();
}
