// While the form is filled in, a worker looks for the number that proves some work: no puzzle for the person. Who
// presses send before it is found waits for it; a person looks at what comes without.
const PATIENCE = 20000;
const field = document.querySelector("input[name=proof]");
const stamp = document.querySelector("input[name=stamp]");

if (field && stamp && window.isSecureContext) {
  const { form } = field;
  const worker = new Worker(field.dataset.worker, { type: "module" });
  let looking = true;
  let pressed;
  const end = () => {
    if (!looking) return;
    looking = false;
    worker.terminate();
    if (pressed) form.requestSubmit(pressed);
  };
  worker.onmessage = ({ data }) => {
    field.value = data;
    end();
  };
  worker.onerror = end;
  worker.postMessage([stamp.value, Number(field.dataset.bits)]);
  form.addEventListener(
    "submit",
    (event) => {
      if (!looking || event.submitter?.name) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!pressed) setTimeout(end, PATIENCE);
      pressed = event.submitter;
      pressed?.querySelector("span")?.replaceChildren(form.dataset.sending);
    },
    { capture: true },
  );
}
