/*
  A call in hand stays the caller's own while its page is open: the claim is renewed every few minutes. Without this it
  lasts its time. A page that slept (a telephone in a pocket) asks as soon as it is looked at again.
*/

const card = document.querySelector("[data-renew]");

if (card) {
  const every = Number(card.dataset.every) * 1000;
  const token = card.querySelector("[name=csrf_token]").value;
  let last = Date.now();

  const renew = async () => {
    last = Date.now();
    try {
      const body = new URLSearchParams({ csrf_token: token });
      const answer = await fetch(card.dataset.renew, { method: "POST", body, redirect: "error" });
      card.querySelector(".call-lost").hidden = ![404, 409].includes(answer.status);
    } catch {
      // Out of reach for a moment: the claim outlives several renewals that fail.
    }
  };

  setInterval(renew, every);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - last > every) renew();
  });

  // What was typed is not lost by leaving, and a second press while the first is under way does nothing.
  const note = card.querySelector(".call-outcome textarea");
  let sending = false;
  addEventListener("beforeunload", (leaving) => {
    if (!sending && note.value !== note.defaultValue) leaving.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (sending) event.preventDefault();
    sending = true;
  });
  addEventListener("pageshow", () => {
    sending = false;
  });
}
