// What a category says and asks comes into the page when the category is chosen; else the server asks before it takes in.
const step = document.querySelector("[data-step]");
const category = document.getElementById("category");
const show = async () => {
  const wanted = category.value;
  try {
    const answer = wanted ? await fetch(`${step.dataset.step}&category=${encodeURIComponent(wanted)}`) : null;
    const said = answer?.ok ? await answer.text() : "";
    if (category.value === wanted) step.innerHTML = said;
  } catch {
    step.innerHTML = "";
  }
};
category.addEventListener("change", show);
document.getElementById("department").addEventListener("change", show);
if (category.value && !step.children.length) show();
