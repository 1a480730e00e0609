// What the audit looks at inside a page. Each answers with the beginnings of the elements that are wrong.
(() => {
  const begin = (one) => one.outerHTML.slice(0, 80);
  const PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const reached = new Set();
  const typedIn = ["INPUT", "TEXTAREA", "SELECT"];

  window.looks = {
    // WCAG 1.4.12: what a reader may set must lose nothing.
    spaced: () => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
        p { margin-bottom: 2em !important }`);
      document.adoptedStyleSheets = [sheet];
    },
    plain: () => (document.adoptedStyleSheets = []),
    cutOff: () =>
      [...document.querySelectorAll("main *, header *, footer *")]
        .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, svg") && !typedIn.includes(one.tagName))
        .filter((one) => getComputedStyle(one).overflow !== "visible")
        .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        .map(begin),
    // What forced colours (high contrast) would leave without a sign: what is chosen, and marks that are only a ground.
    unseen: () => {
      const style = (one, part) => getComputedStyle(one, part);
      const lost = [...document.querySelectorAll(".choice:has(:checked)")].filter((one) => style(one).outlineStyle === "none");
      const dots = [...document.querySelectorAll(".timeline > li:last-child")];
      lost.push(...dots.filter((one) => style(one, "::before").backgroundColor === style(document.body).backgroundColor));
      const icons = [...document.querySelectorAll("main .icon, header .icon")].filter((one) => one.checkVisibility());
      lost.push(...icons.filter((one) => style(one).color !== style(one.parentElement).color));
      return lost.map(begin);
    },
    // null when Tab has come out, else what has the focus without a ring that can be seen.
    focused: () => {
      const one = document.activeElement;
      if (one === document.body || reached.has(one)) return null;
      reached.add(one);
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle === "none" || parseFloat(outlineWidth) < 2 ? begin(one) : "";
    },
    // One radio stands for its group: the arrows lead to the others.
    notReached: () => {
      const groups = new Set([...reached].filter((one) => one.type === "radio").map((one) => one.name));
      return [...document.querySelectorAll(PRESSED)]
        .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !reached.has(one))
        .filter((one) => !(one.type === "radio" && groups.has(one.name)))
        .map(begin);
    },
    // Milliseconds from the first byte until it is painted and whole, and until its scripts have run.
    usable: () => {
      const [{ responseStart, domInteractive, domContentLoadedEventEnd }] = performance.getEntriesByType("navigation");
      const [{ startTime }] = performance.getEntriesByName("first-contentful-paint");
      return [Math.max(startTime, domInteractive) - responseStart, domContentLoadedEventEnd - responseStart];
    },
  };
})();
