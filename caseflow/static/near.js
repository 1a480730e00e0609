/*
  Cases that may be about the same are looked for once the case is on the screen, so that the page need not wait for
  them. Without this, a link leads to a page of its own.
*/

for (const place of document.querySelectorAll("[data-alike]")) {
  fetch(place.dataset.alike, { headers: { Accept: "text/html" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : null))
    .then((found) => {
      if (found !== null) place.innerHTML = found;
    })
    .catch(() => {});
}
