// Files of a form, taken in one by one while the rest is being filled in: chosen, dropped, pasted or photographed.
// Without this module the file field sends them with the form.

const LONGEST = 2560; // pixels; the server keeps no more of a picture, so no more needs to travel
const WORTH_SHRINKING = 1_500_000; // bytes

for (const field of document.querySelectorAll("[data-uploads]")) {
  const { form } = field.querySelector("input[type=file]");
  const chooser = field.querySelector("input[type=file]");
  const list = field.querySelector("ul");
  const { uploads, stamp, taking, taken, remove, removed, lost, photo, drop } = field.dataset;
  const said = (words, name) => words.replace("{}", name);
  let busy = 0;
  let line = Promise.resolve();

  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  list.before(status);

  // A box to untick becomes a button to press.
  const dress = (row) => {
    const box = row.querySelector("input[type=checkbox]");
    const name = row.querySelector("label span").textContent;
    box.type = "hidden";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button small";
    button.textContent = remove;
    button.setAttribute("aria-label", `${remove} ${name}`);
    button.addEventListener("click", () => {
      row.remove();
      status.textContent = said(removed, name);
      chooser.focus();
    });
    row.append(button);
    return name;
  };
  list.querySelectorAll("li").forEach(dress);

  const send = (file, name, bar) =>
    new Promise((resolve) => {
      const body = new FormData();
      body.append("stamp", stamp);
      body.append("files", file, name);
      const call = new XMLHttpRequest(); // fetch tells nothing of how far it is
      call.open("POST", uploads);
      call.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = (loaded / total) * 0.9));
      call.addEventListener("loadend", () => resolve(call));
      call.send(body);
    });

  const take = async (file) => {
    const row = document.createElement("li");
    const bar = document.createElement("progress");
    const words = document.createElement("span");
    words.textContent = said(taking, file.name);
    bar.value = 0;
    bar.setAttribute("aria-label", words.textContent);
    row.append(words, bar);
    list.append(row);
    status.textContent = words.textContent;
    const call = await send(await smaller(file), file.name, bar);
    if (call.status === 200) {
      row.insertAdjacentHTML("afterend", call.responseText.trim());
      const own = row.nextElementSibling;
      row.remove();
      status.textContent = said(taken, dress(own));
    } else {
      row.className = "error";
      words.setAttribute("role", "alert");
      words.textContent = call.status === 422 ? call.responseText : said(lost, file.name);
      bar.remove();
    }
  };

  const takeAll = (files) => {
    list.querySelectorAll(".error").forEach((row) => row.remove());
    for (const file of files) {
      busy += 1;
      line = line.then(() => take(file)).finally(() => (busy -= 1));
    }
  };

  chooser.addEventListener("change", () => {
    takeAll([...chooser.files]);
    chooser.value = "";
  });

  // Who presses send meanwhile has their files sent first.
  form.addEventListener(
    "submit",
    (event) => {
      if (!busy) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      line.then(() => list.querySelector(".error") || form.requestSubmit(submitter));
    },
    { capture: true },
  );

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  field.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    field.classList.add("over");
  });
  for (const end of ["dragleave", "drop"]) field.addEventListener(end, () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    takeAll([...event.dataTransfer.files]);
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    takeAll([...event.clipboardData.files]);
  });

  const more = document.createElement("p");
  more.className = "hint";
  if (matchMedia("(pointer: coarse)").matches) {
    const camera = document.createElement("input");
    camera.type = "file";
    camera.accept = "image/*";
    camera.capture = "environment";
    camera.hidden = true;
    camera.addEventListener("change", () => {
      takeAll([...camera.files]);
      camera.value = "";
    });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = photo;
    button.addEventListener("click", () => camera.click());
    more.append(button, camera);
  } else {
    more.textContent = drop;
  }
  chooser.after(more);
}

// A large photo is drawn smaller here, upright and without its hidden data; what cannot be drawn goes as it is.
async function smaller(file) {
  if (file.type !== "image/jpeg" || file.size < WORTH_SHRINKING) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return drawn && drawn.size < file.size ? drawn : file;
  } catch {
    return file;
  }
}
