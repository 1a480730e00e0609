/*
  "@An" in a note offers the colleagues whose name begins so. The names are those of the list beside the text, which is
  all that there is without this. Arrow keys choose, Enter or Tab takes, Escape closes; the focus stays in the text.
*/

const text = document.querySelector("[data-mentions]");
const people = document.querySelector("[data-people]");

if (text && people) {
  const names = [...people.options].filter((option) => option.value).map((option) => option.text);
  const list = document.createElement("ul");
  list.className = "mention-choice";
  list.id = "mention-choice";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", text.dataset.mentions);
  list.hidden = true;
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);
  text.after(list);
  let chosen = 0;

  const begun = () => /(?:^|[^\w.@+-])@([\p{L}-]*(?: [\p{L}-]*)?)$/u.exec(text.value.slice(0, text.selectionStart));

  const close = () => {
    list.hidden = true;
    text.removeAttribute("aria-activedescendant");
  };

  const mark = (place) => {
    chosen = (place + list.children.length) % list.children.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    text.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = (name) => {
    const found = begun();
    if (!found) return;
    const start = text.selectionStart - found[1].length;
    text.setRangeText(`${name} `, start, text.selectionStart, "end");
    close();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const offer = () => {
    const found = begun();
    const wanted = found?.[1].toLocaleLowerCase();
    const alike = found
      ? names.filter((name) => [name, ...name.split(" ")].some((part) => part.toLocaleLowerCase().startsWith(wanted)))
      : [];
    if (!alike.length) return close();
    list.replaceChildren(
      ...alike.slice(0, 8).map((name, at) => {
        const item = document.createElement("li");
        item.id = `mention-choice-${at}`;
        item.setAttribute("role", "option");
        item.textContent = name;
        item.addEventListener("mousedown", (press) => {
          press.preventDefault();
          take(name);
        });
        return item;
      }),
    );
    list.hidden = false;
    mark(0);
  };

  text.addEventListener("input", offer);
  text.addEventListener("blur", close);
  text.addEventListener("keydown", (press) => {
    if (list.hidden) return;
    if (press.key === "ArrowDown") mark(chosen + 1);
    else if (press.key === "ArrowUp") mark(chosen - 1);
    else if (press.key === "Enter" || press.key === "Tab") take(list.children[chosen].textContent);
    else if (press.key === "Escape") close();
    else return;
    press.preventDefault();
    press.stopPropagation();
  });
}
