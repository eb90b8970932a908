// What was typed before a new sign-in was asked for, kept in this tab over the way to the provider and
// back, and put into the form again. Nothing is sent by itself.

import { Drawer } from "./drawer.js";

/** @param {string} page @param {string} token */
const drawerOf = (page, token) => new Drawer(`again ${page}`, token);

if (crypto.subtle) begin(); // browsers have no cipher for a page that came without https

function begin() {
  const typed = document.querySelector("[data-typed]"); // on the page that asks for it
  if (typed) void keep(JSON.parse(typed.textContent ?? "{}"));
  // On the page of the form.
  const told = /** @type {HTMLElement | null} */ (document.querySelector("[data-brought-back]"));
  if (told) void bringBack(told, /** @type {HTMLFormElement} */ (told.closest("form")));
}

/** @param {string} mark */
const part = (mark) => /** @type {HTMLElement} */ (document.querySelector(mark));

/** @param {{page: string, token: string, fields: Record<string, string>}} what */
async function keep({ page, token, fields }) {
  try {
    await drawerOf(page, token).put(fields);
  } catch {
    return; // the tab may keep nothing, and the page says so
  }
  part("[data-lost]").hidden = true;
  part("[data-kept]").hidden = false;
}

/** @param {HTMLElement} told @param {HTMLFormElement} form */
async function bringBack(told, form) {
  const drawer = drawerOf(location.pathname, told.dataset.token ?? "");
  const fields = await drawer.look();
  drawer.clear();
  if (!fields) return;
  for (const [name, value] of Object.entries(fields)) {
    // One field, or several of which one is chosen: both have a value that can be set.
    const field = /** @type {HTMLInputElement | RadioNodeList | null} */ (form.elements.namedItem(name));
    if (field) field.value = String(value);
  }
  /** @type {HTMLElement} */ (told.firstElementChild).hidden = false;
}
