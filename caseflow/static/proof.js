// While the form is filled in, a worker looks for the number that proves some work: no puzzle for the person.
const field = document.querySelector("input[name=proof]");
const stamp = document.querySelector("input[name=stamp]");
if (field && stamp && window.isSecureContext) {
  const worker = new Worker(field.dataset.worker, { type: "module" });
  worker.onmessage = ({ data }) => {
    field.value = data;
    worker.terminate();
  };
  worker.postMessage([stamp.value, Number(field.dataset.bits)]);
}
