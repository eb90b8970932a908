// Saves the doctor's note while it is being written: over the version that was seen, never blindly.

import { Drawer } from "./drawer.js";

const WAIT_MS = 1000;
const AGAIN_MS = 5000;
const ANSWER_MS = 10000; // what is not answered by then is lost, with the line it went by
const CONFLICT = 409;
const TOO_LONG = 422;
const OUR_FAULT = 500; // and above: to be tried again

/** @typedef {{version: number, fields: Record<string, FormDataEntryValue>}} Draft */

const saved = /** @type {HTMLElement} */ (document.getElementById("saved"));

keep(/** @type {HTMLFormElement} */ (document.getElementById("note")));

/** @param {HTMLFormElement} form */
function keep(form) {
  const words = form.dataset;
  const version = /** @type {HTMLInputElement} */ (form.elements.namedItem("version"));
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf"));
  const drawer = new Drawer(words.save ?? "", token.value);
  /** @type {Draft | null} */
  let sent = null; // not answered; it may have arrived, so it is sent again as it was
  let typed = false; // something newer than that
  /** @type {Promise<void> | null} */
  let saving = null;
  let timer = 0;
  /** @type {"" | "long" | "conflict" | "refused" | "signed"} */
  let held = ""; // why nothing is saved for now

  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    if (mayBeSent()) return sign();
    event.preventDefault();
    void saveAndSign();
  });
  addEventListener("online", () => later(0));
  addEventListener("beforeunload", (event) => {
    if (isUnsaved() && held !== "signed") event.preventDefault();
  });
  const isUnsaved = () => typed || sent !== null;
  const remember = () => void drawer.put({ ...draft(), sent });

  if (isTouched(form)) changed(); // the doctor was faster than this script
  void restore();

  function changed() {
    typed = true;
    if (held === "long") held = "";
    remember();
    later(WAIT_MS);
  }

  /** What this tab still has of a page before. The rules for what is typed hold for it, too. */
  async function restore() {
    if ("sentBack" in words) return drawer.clear();
    const kept = await drawer.look();
    if (!kept || typed) return;
    version.value = String(kept.version);
    sent = kept.sent;
    typed = true;
    for (const [name, value] of Object.entries(kept.fields)) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = String(value);
    }
    later(0);
  }

  /** @param {number} wait */
  function later(wait) {
    clearTimeout(timer);
    if (!held && isUnsaved()) timer = setTimeout(save, wait);
  }

  function save() {
    saving ??= attempt().finally(() => (saving = null));
    return saving;
  }

  async function attempt() {
    if (held || !isUnsaved()) return;
    tell("saving");
    if (!sent) {
      sent = draft();
      typed = false;
    }
    try {
      await judge(await put(sent));
      later(WAIT_MS);
    } catch {
      tell("offline");
      later(AGAIN_MS);
    }
  }

  /** @param {Draft} body */
  function put(body) {
    return fetch(words.save ?? "", {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token.value },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }

  /** @param {Response} answer */
  async function judge(answer) {
    if (answer.status >= OUR_FAULT) throw new Error("to be tried again");
    if (!answer.ok) return hold(answer.status);
    const told = await answer.json();
    version.value = String(told.version);
    sent = null;
    if (typed) remember();
    else drawer.clear();
    tell("saved", told.saved_at);
  }

  /** @param {number} status */
  function hold(status) {
    held = status === CONFLICT ? "conflict" : status === TOO_LONG ? "long" : "refused";
    if (held === "long") [sent, typed] = [null, true]; // not stored, and to be made shorter
    tell(held);
  }

  /** What is saved; or what the server answers with a page that shows this text and its own. */
  function mayBeSent() {
    return held === "conflict" || held === "long" || !isUnsaved();
  }

  /** Signing takes what is saved, so that nothing is lost if it fails. */
  async function saveAndSign() {
    await saving;
    await save();
    delete form.dataset.sent; // forms.js has seen it go: it may be pressed again
    if (!mayBeSent()) return;
    sign();
    form.submit();
  }

  function sign() {
    held = "signed";
    clearTimeout(timer);
  }

  /** @returns {Draft} */
  function draft() {
    const { csrf: _token, version: _version, ...fields } = Object.fromEntries(new FormData(form));
    return { version: Number(version.value), fields };
  }

  /** @param {"saving" | "saved" | "offline" | "long" | "conflict" | "refused"} state @param {string} [time] */
  function tell(state, time = "") {
    saved.dataset.state = state;
    saved.textContent = (words[state] ?? "").replace("{time}", time);
  }
}

/** Whether a field is no longer as the page brought it. @param {HTMLFormElement} form */
function isTouched(form) {
  const fields = form.querySelectorAll("input, textarea");
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (fields)].some(
    (field) => field.value !== field.defaultValue,
  );
}
