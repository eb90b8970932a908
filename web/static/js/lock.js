// What a call's page says about who can listen: the lock, and the five words to compare. The doctor
// says whether they were the same, and the page reports it for the record.

import { post } from "./post.js";

const AGAIN_MS = 3000; // a report that did not arrive is made again
const SAYS = {
  locking: "lock_locking",
  words: "lock_words",
  guest: "lock_words_guest",
  vouching: "lock_vouching",
  same: "lock_same",
  different: "lock_different",
  open: "lock_open",
};
const WORDS = { "": "not_compared", same: "matched", different: "different" };

/**
 * @typedef {import("./e2ee/secrecy.js").Secrecy} Secrecy
 * @typedef {import("./e2ee/secrecy.js").Shown} Shown
 * @typedef {import("./e2ee/secrecy.js").Verdict} Verdict
 */

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {Shown} shown @returns {"" | keyof typeof SAYS} */
function state({ mode, verdict, with: whom }) {
  if (mode === "locked") return verdict || (whom === "guest" ? "guest" : whom ? "words" : "vouching");
  return mode === "locking" || mode === "open" ? mode : "";
}

/**
 * @param {Secrecy} secrecy
 * @param {Record<string, string>} words
 * @param {string | undefined} address of the record; undefined: this page reports nothing
 */
export function lock(secrecy, words, address) {
  /** @type {string} */
  let reported = "";
  let report = "";
  /** @type {string[]} */
  let five = [];
  secrecy.addEventListener("change", (event) => {
    const shown = /** @type {CustomEvent<Shown>} */ (event).detail;
    five = shown.words;
    show(state(shown), five, words);
    report = reportOf(shown) || report;
    void send();
  });
  for (const button of part("lock-acts").querySelectorAll("button")) {
    button.addEventListener("click", () => secrecy.judge(/** @type {Verdict} */ (button.value), five));
  }

  async function send() {
    if (!address || report === reported) return;
    const now = report;
    const answer = await post(address, now);
    if (answer && answer.status < 500) reported = now; // taken, or the call is over by now
  }
  if (address) setInterval(() => void send(), AGAIN_MS);
}

/** @param {"" | keyof typeof SAYS} now @param {string[]} five @param {Record<string, string>} words */
function show(now, five, words) {
  const box = part("lock");
  box.hidden = now === "";
  box.dataset.lock = now;
  const said = (now && words[SAYS[now]]) || "";
  if (part("lock-text").textContent !== said) part("lock-text").textContent = said;
  part("lock-words").replaceChildren(...five.map(item));
  part("lock-words").hidden = !["words", "guest", "different"].includes(now);
  part("lock-acts").hidden = part("lock-words").hidden;
}

/** @param {string} word */
function item(word) {
  const one = document.createElement("li");
  one.textContent = word;
  return one;
}

/** @param {Shown} shown @returns {string} what the record is told; empty while there is nothing to tell */
function reportOf({ mode, verdict }) {
  const fields =
    mode === "locked"
      ? { encryption: "end_to_end", words: WORDS[verdict] }
      : mode === "open" && { encryption: "hop_by_hop", words: WORDS[""] };
  return fields ? String(new URLSearchParams(fields)) : "";
}
