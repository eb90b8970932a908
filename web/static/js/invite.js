// The doctor asks somebody into the call: a link is made, shown once, and sent by the doctor.

import { post } from "./post.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("invite"));
const made = /** @type {HTMLElement} */ (document.getElementById("invited"));
const link = /** @type {HTMLInputElement} */ (document.getElementById("invite-link"));
const says = /** @type {HTMLElement} */ (document.getElementById("invite-says"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { kind, name, own_yes: yes = "" } = Object.fromEntries(new FormData(form));
  const answer = await post(form.action, { kind: String(kind), name: String(name), own_yes: String(yes) });
  link.value = answer?.ok ? (await answer.json()).link : "";
  made.hidden = !link.value;
  const words = form.dataset;
  const refused = answer?.status === 409 ? words.unasked : words.failed;
  const why = answer?.status === 422 ? words.unnamed : refused;
  says.textContent = (link.value ? form.dataset.made : why) ?? "";
  link.select();
});

document.getElementById("invite-copy")?.addEventListener("click", async () => {
  link.select();
  await navigator.clipboard.writeText(link.value).catch(() => {}); // it stands there, selected
  says.textContent = form.dataset.copied ?? "";
});
