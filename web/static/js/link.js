// Takes the secret out of the address, where no server sees it, and hands it over by POST.

const secret = location.hash.slice(1);
const form = /** @type {HTMLFormElement} */ (document.getElementById("link"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("secret"));
const missing = /** @type {HTMLElement} */ (document.getElementById("link-missing"));

if (/^[A-Za-z0-9_-]{43}$/.test(secret)) {
  history.replaceState(null, "", location.pathname);
  field.value = secret;
  form.requestSubmit();
} else {
  form.hidden = true;
  missing.hidden = false;
}
