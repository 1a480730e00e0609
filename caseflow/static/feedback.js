// FeedBack button of caseflow; see docs/feedback-button.
(() => {
  const script = document.currentScript, { dataset } = script;
  const home = new URL(script.src).origin;
  const lang = (dataset.language || document.documentElement.lang || "sv").slice(0, 2);
  const words = { sv: ["Stäng", "Öppna i ny flik"], fi: ["Sulje", "Avaa uudessa välilehdessä"], en: ["Close", "Open in a new tab"] };
  const [close, alone] = words[lang] || words.en;
  const asked = new URLSearchParams({ language: lang, from: location.origin + location.pathname });
  for (const name of ["kind", "department"]) if (dataset[name]) asked.set(name, dataset[name]);

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { --a: var(--feedback-accent, #0b5d52); --o: var(--feedback-on-accent, #ffffff); --r: var(--feedback-radius, 6px) }
    button, a { font: 600 1rem var(--feedback-font, system-ui); color: var(--a) }
    button { min-height: 44px; padding: 0 1rem; background: var(--a); color: var(--o); border: 1px solid; border-radius: var(--r) }
    :focus-visible { outline: 3px solid var(--a); outline-offset: 2px }
    .open { position: fixed; z-index: 9999; bottom: var(--feedback-bottom, 1rem); right: var(--feedback-right, 1rem) }
    dialog { width: min(44rem, 100vw); height: 100dvh; max-width: none; padding: 0; border: 1px solid transparent; border-radius: var(--r); background: #fff }
    dialog[open] { display: flex; flex-direction: column }
    @media (max-width: 44rem) { dialog { max-height: none } }
    @media (prefers-color-scheme: dark) { dialog { --a: #7fd1c0; --o: #0b2520; background: #141918 } }
    p { display: flex; justify-content: space-between; align-items: center; margin: .5rem }
    iframe { flex: 1; border: 0 }`);
  root.adoptedStyleSheets = [sheet];

  const make = (name, parent, facts) => parent.appendChild(Object.assign(document.createElement(name), facts));
  const label = dataset.label || "FeedBack";
  const dialog = make("dialog", root, { ariaLabel: label });
  dialog.part = "dialog";
  const bar = make("p", dialog, {});
  make("a", bar, { href: `${home}/new?${asked}`, target: "_blank", rel: "noopener", textContent: alone });
  make("button", bar, { textContent: close, onclick: () => dialog.close() });
  let frame, sent;
  const open = (event) => {
    event.preventDefault();
    frame ||= make("iframe", dialog, { src: `${home}/embed/new?${asked}`, title: label, allow: "geolocation" });
    dialog.showModal();
  };
  // After sending one begins anew.
  dialog.onclose = () => sent && (frame.remove(), (frame = sent = null));
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== home || source !== frame?.contentWindow) return;
    if (data === "feedback:close") dialog.close();
    if (data === "feedback:sent") sent = true;
  });

  const links = document.querySelectorAll("a[data-feedback]");
  for (const link of links) link.addEventListener("click", open);
  if (!links.length) make("button", root, { className: "open", textContent: label, onclick: open }).part = "button";
  document.body.append(host);
})();
