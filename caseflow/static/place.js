// "Where I am", asked of the browser when somebody presses the button and never before. Nothing is shown on a map.
for (const field of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation) continue;
  const input = field.querySelector("input");
  const { locate, looking, found, unknown } = field.dataset;
  const button = document.createElement("button");
  const status = document.createElement("p");
  button.type = "button";
  button.className = "link-button small";
  button.textContent = locate;
  status.className = "hint";
  status.setAttribute("role", "status");
  button.addEventListener("click", () => {
    status.textContent = looking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        status.textContent = found.replace("{}", Math.ceil(coords.accuracy).toLocaleString(document.documentElement.lang));
      },
      () => (status.textContent = unknown),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
  input.after(button, status);
}
