/*
  How many SMS a text is, for whoever writes it: the same sums as caseflow/messages/sms/segments.py, where they are
  explained. The server measures what it sends itself; without JavaScript it says the length when the text comes back.

  <textarea data-sms-length                 shows the length below this field, while SMS is chosen
    data-sms-way="channel"                  … in the form's radio buttons or select of this name; without it: always
    data-sms-after="&#10;2026-10023"        what is sent with it, after it (and data-sms-before)
    data-sms-said="{n} characters · {m} SMS"
    data-sms-longer="{c} makes it longer than plain letters do">
*/

const GSM = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const ROOM = { gsm: [160, 153], ucs2: [70, 67] };
const PLAIN = [
  [/[‘’‚‛‹›]/gu, "'"],
  [/[“”„‟«»]/gu, '"'],
  [/[‐‑‒–—―−]/gu, "-"],
  [/[\u00a0\u2007\u2009\u202f\t]/gu, " "],
  [/…/gu, "..."],
];
const QUIET = 1000;

/** The text as it is sent. */
export function plain(text) {
  const composed = text.replace(/\r\n?/g, "\n").normalize("NFC");
  return PLAIN.reduce((result, [signs, sign]) => result.replace(signs, sign), composed);
}

/** The characters that make the whole text UCS-2, each once. */
export function outsideGsm(text) {
  return [...new Set(text)].filter((sign) => !GSM.has(sign) && !EXTENSION.has(sign));
}

export function measure(text) {
  const encoding = outsideGsm(text).length ? "ucs2" : "gsm";
  const size = (sign) => (encoding === "gsm" ? (EXTENSION.has(sign) ? 2 : 1) : sign.length);
  const sizes = Array.from(text, size);
  const characters = sizes.reduce((sum, one) => sum + one, 0);
  const [single, several] = ROOM[encoding];
  if (characters <= single) return { encoding, characters, parts: text ? 1 : 0, left: single - characters };
  let [parts, left] = [1, several];
  for (const one of sizes) {
    if (one > left) [parts, left] = [parts + 1, several];
    left -= one;
  }
  return { encoding, characters, parts, left };
}

function words(field) {
  const { smsBefore = "", smsAfter = "", smsSaid, smsLonger } = field.dataset;
  if (!field.value.trim()) return "";
  const text = plain(smsBefore + field.value.trim() + smsAfter).trim();
  const { characters, parts } = measure(text);
  const said = smsSaid.replace("{n}", characters).replace("{m}", parts);
  const longer = outsideGsm(text);
  return longer.length ? `${said}. ${smsLonger.replace("{c}", () => longer.join(" "))}` : said;
}

function chosen(field) {
  const name = field.dataset.smsWay;
  return !name || new FormData(field.form).get(name) === "sms";
}

/** A line below the field that follows the typing, and one for screen readers that speaks when the typing rests. */
function watch(field) {
  const [shown, spoken] = [document.createElement("p"), document.createElement("p")];
  shown.className = "counter";
  shown.setAttribute("aria-hidden", "true");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  (field.closest(".paper") ?? field).after(shown, spoken);
  let timer = 0;
  const tell = () => {
    shown.textContent = chosen(field) ? words(field) : "";
    clearTimeout(timer);
    timer = setTimeout(() => (spoken.textContent = shown.textContent), QUIET);
  };
  field.addEventListener("input", tell);
  field.form?.addEventListener("change", tell);
  tell();
}

document.querySelectorAll("textarea[data-sms-length]").forEach(watch);
