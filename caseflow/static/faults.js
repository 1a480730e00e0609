// What is known already comes into the page when kind, category or place are chosen; else the server says it before it takes in.
const panel = document.querySelector("[data-faults]");
const fields = ["department", "category", "place"].map((name) => document.getElementById(name));
const show = async (event) => {
  const kind = document.querySelector("input[name=kind]:checked")?.value ?? "";
  const asked = new URLSearchParams({ kind, ...Object.fromEntries(fields.map((field) => [field.name, field.value])) });
  panel.dataset.asked = asked;
  try {
    const answer = await fetch(`${panel.dataset.faults}&${asked}`);
    const said = answer.ok ? await answer.text() : "";
    if (panel.dataset.asked !== String(asked)) return;
    if (event ? event.target.name === "place" : fields[2].value) document.querySelector("div.place").after(panel);
    panel.innerHTML = said;
  } catch {
    panel.innerHTML = "";
  }
};
for (const field of [...fields, ...document.querySelectorAll("input[name=kind]")]) field.addEventListener("change", show);
if (!panel.children.length) show();
