// One key signs the note, from any of its fields. It asks nothing when nothing is missing, and puts the focus on what
// is missing otherwise. The call ends by hanging up and not by this, so while it lasts the focus goes there.

const form = /** @type {HTMLFormElement} */ (document.getElementById("note"));
const says = /** @type {HTMLElement} */ (document.getElementById("sign-says"));
const words = form.dataset;

/** @param {string} text */
const say = (text) => {
  says.textContent = text;
};

/** What ends the call, while there is one. @returns {HTMLButtonElement | null} */
const hangUp = () => document.querySelector("#call:not([hidden]) button.leave:enabled");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat || event.isComposing) return;
  const around = /** @type {Element} */ (event.target).closest("form, .stage");
  if (around && around !== form) return; // in what is said to the patient the key means what it means there
  event.preventDefault();
  if (isWritten()) form.requestSubmit();
});

// Before all others, so that none of them takes it for sent.
addEventListener("submit", (event) => event.target === form && hangUp() && wait(event), { capture: true });

if ("sentBack" in words) /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid=true]"))?.focus();

/** Whether nothing that must be written is empty; else the first such field is shown. */
function isWritten() {
  const needed = (words.needed ?? "").split(" ");
  const lines = /** @type {HTMLTextAreaElement[]} */ ([...form.elements]);
  const empty = lines.find((line) => needed.includes(line.name) && !line.value.trim());
  if (!empty) return true;
  const label = form.querySelector(`label[for="${empty.id}"]`)?.textContent ?? "";
  empty.focus();
  empty.scrollIntoView({ block: "center" });
  say((words.missing ?? "").replace("{field}", label));
  return false;
}

/** @param {Event} event */
function wait(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  hangUp()?.focus();
  say(words.hangUp ?? "");
}

form.addEventListener("input", () => say(""));
