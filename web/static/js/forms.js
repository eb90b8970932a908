// A form is sent once, however often the button is pressed.

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});

// A page that comes back by the back button may be sent again.
globalThis.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
