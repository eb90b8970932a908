// Saves the doctor's note while it is being written: over the version that was seen, never blindly.

const WAIT_MS = 1000;
const AGAIN_MS = 5000;
const saved = /** @type {HTMLElement} */ (document.getElementById("saved"));

keep(/** @type {HTMLFormElement} */ (document.getElementById("note")));

/** @param {HTMLFormElement} form */
function keep(form) {
  const words = form.dataset;
  const version = /** @type {HTMLInputElement} */ (form.elements.namedItem("version"));
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf")).value;
  let timer = 0;
  let dirty = false;
  let saving = false;
  let stopped = false;

  form.addEventListener("input", () => {
    dirty = true;
    later(WAIT_MS);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  addEventListener("online", () => dirty && later(0));
  addEventListener("beforeunload", (event) => {
    if (dirty && !stopped) event.preventDefault();
  });

  /** @param {number} wait */
  function later(wait) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, wait);
  }

  async function save() {
    if (saving || stopped) return;
    saving = true;
    dirty = false;
    tell("saving");
    try {
      const answer = await fetch(words.save ?? "", {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
        body: JSON.stringify({ version: Number(version.value), fields: fields() }),
        redirect: "error",
      });
      await judge(answer);
    } catch {
      dirty = true;
      tell("offline");
      later(AGAIN_MS);
    } finally {
      saving = false;
      if (dirty) later(WAIT_MS);
    }
  }

  /** @param {Response} answer */
  async function judge(answer) {
    if (answer.ok) {
      const told = await answer.json();
      version.value = String(told.version);
      tell("saved", told.saved_at);
    } else {
      stopped = true;
      tell(answer.status === 409 ? "conflict" : "refused");
    }
  }

  function fields() {
    const all = Object.fromEntries(new FormData(form));
    delete all.csrf;
    delete all.version;
    return all;
  }

  /** @param {"saving" | "saved" | "offline" | "conflict" | "refused"} state @param {string} [time] */
  function tell(state, time = "") {
    saved.dataset.state = state;
    saved.textContent = (words[state] ?? "").replace("{time}", time);
  }
}
