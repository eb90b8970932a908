// The bar under the pictures: what one sends, how to change it by hand or by key, and in words what has
// changed by itself. What few need is fetched when it is asked for.

import { findOne } from "./devices.js";
import { Outgoing } from "./outgoing.js";
import { Shows } from "./shows.js";
import { soundOnly } from "./soundonly.js";

const KEYS_OFF = "keys-off"; // where this browser remembers that its owner wants no keys
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/**
 * @typedef {import("./outgoing.js").Kind} Kind
 * @typedef {import("./protocol.js").RoomClient} RoomClient
 * @typedef {Record<string, string>} Words
 * @typedef {{own: string, theirs: string}} Seats `theirs` is of whose picture is large
 */

/** @param {string} id */
export const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));

/** The same words are not written again: they would be read out again. @param {string} id @param {string} text */
export function write(id, text) {
  if (part(id).textContent !== text) part(id).textContent = text;
}

/**
 * @param {RoomClient} client @param {import("./e2ee/secrecy.js").Secrecy} secrecy @param {Words} words
 * @param {Seats} seats
 */
export function controls(client, secrecy, words, seats) {
  const outgoing = new Outgoing(client);
  const shows = new Shows(client);
  Object.assign(globalThis, { outgoing }); // for whoever looks into a call that does not work
  const rare = once(async () => {
    const { more } = await import("./more.js");
    return more(outgoing, words);
  });
  toggle(outgoing, "mute", "audio", words);
  toggle(outgoing, "camera", "video", words);
  alone(outgoing, shows, words);
  mirror(outgoing);
  replaced(outgoing, words);
  shows.addEventListener("told", (event) => {
    const { seat, what } = /** @type {CustomEvent} */ (event).detail;
    if (seat === seats.theirs) theirPicture(what);
  });
  photographs(outgoing, words);
  opens("more", "more-panel", rare);
  const chat = once(async () => (await import("./chatting.js")).chatting(client, secrecy, words, seats));
  client.addEventListener("chat", async (event) => {
    const hear = await chat();
    hear(/** @type {CustomEvent} */ (event).detail);
  });
  opens("chat", "chat-panel", chat, "chat-text");
  keys(rare);
}

/** @template T @param {() => Promise<T>} what */
function once(what) {
  /** @type {Promise<T> | null} */
  let done = null;
  return () => (done ??= what());
}

/** @param {Outgoing} outgoing @param {string} id @param {Kind} kind @param {Words} words */
function toggle(outgoing, id, kind, words) {
  const show = () => {
    button(id).disabled = !outgoing.device(kind);
    button(id).toggleAttribute("data-off", outgoing.off[kind]);
  };
  button(id).addEventListener("click", () => {
    outgoing.turn(kind, !outgoing.off[kind]);
    write("said-state", words[`is_${id}_${outgoing.off[kind] ? "off" : "on"}`] ?? "");
  });
  outgoing.addEventListener("changed", show);
  show();
}

/** Sound alone; and what others are told of what is shown. @param {Outgoing} outgoing @param {Shows} shows @param {Words} words */
function alone(outgoing, shows, words) {
  let why = "";
  const show = () => {
    const what = why || (outgoing.screen ? "screen" : "camera");
    shows.set(/** @type {import("./shows.js").What} */ (what));
    write("sending", words[`sending_${what}`] ?? "");
    button("only-sound").setAttribute("aria-pressed", String(why === "sound"));
  };
  const choose = soundOnly(outgoing, (now) => {
    why = now;
    show();
  });
  button("only-sound").addEventListener("click", () => choose(why !== "sound"));
  outgoing.addEventListener("changed", show);
}

/** Oneself as in a mirror; but not what is behind the telephone, nor a screen with text. @param {Outgoing} outgoing */
function mirror(outgoing) {
  const show = () => {
    const faces = outgoing.device("video")?.getSettings().facingMode !== "environment";
    part("near").classList.toggle("mirrored", faces && !outgoing.screen);
    part("move").hidden = !outgoing.client.own.getVideoTracks().length || outgoing.isPaused;
  };
  outgoing.addEventListener("changed", show);
  show();
}

/** A device that was pulled out: another takes its place, now or when there is one. @param {Outgoing} outgoing @param {Words} words */
function replaced(outgoing, words) {
  /** @type {Set<Kind>} */
  const missing = new Set();
  /** @param {Kind} kind */
  const look = async (kind) => {
    const { tracks } = await findOne(kind, {});
    await outgoing.use(kind, tracks[0] ?? null);
    if (tracks.length) missing.delete(kind);
    else missing.add(kind);
    write("device", words[`device_${tracks.length ? "other" : "no"}_${kind}`] ?? "");
  };
  outgoing.addEventListener("gone", (event) => void look(/** @type {CustomEvent<Kind>} */ (event).detail));
  navigator.mediaDevices.addEventListener("devicechange", () => {
    for (const kind of missing) void look(kind);
  });
}

/** A picture that was asked for and allowed. @param {Outgoing} outgoing @param {Words} words */
function photographs(outgoing, words) {
  const done = new Set();
  const look = async () => {
    const asked = /** @type {HTMLElement | null} */ (document.querySelector("[data-take]"));
    const address = asked?.dataset.take;
    if (!asked || !address || done.has(address)) return;
    done.add(address); // a yes is for one picture
    const token = /** @type {HTMLInputElement} */ (asked.querySelector("[name=csrf]")).value;
    const camera = outgoing.device("video");
    const { photograph } = await import("./photograph.js");
    const body = camera && (await photograph(camera));
    const headers = { "Content-Type": "image/jpeg", "X-CSRF-Token": token };
    const answer = body && (await fetch(address, { method: "PUT", headers, body }).catch(() => null));
    write("device", (answer?.ok ? words.photographed : words.not_photographed) ?? "");
  };
  addEventListener("shown", () => void look());
  void look();
}

/** @param {string} what the other one shows */
function theirPicture(what) {
  const note = part("far-note");
  note.hidden = what === "camera";
  note.classList.toggle("whole", what === "sound" || what === "weak");
  part("far").classList.toggle("screen", what === "screen");
  write("far-note", note.dataset[what] ?? "");
}

/** A button that opens what it stands for, and closes it. @param {string} id @param {string} panel @param {() => Promise<unknown>} load @param {string} [first] where the focus goes */
function opens(id, panel, load, first) {
  button(id).disabled = false;
  /** @param {boolean} open */
  const show = (open) => {
    part(panel).hidden = !open;
    button(id).setAttribute("aria-expanded", String(open));
  };
  button(id).addEventListener("click", async () => {
    await load();
    show(part(panel).hidden === true);
    part(panel).scrollTop = 0;
    if (first && !part(panel).hidden) part(first).focus();
  });
  part(panel).addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button(id).focus();
  });
}

/** Each control names its key, and that is all there is to know of it. @param {() => Promise<unknown>} rare */
function keys(rare) {
  const wanted = /** @type {HTMLInputElement} */ (part("keys-wanted"));
  wanted.checked = !localStorage.getItem(KEYS_OFF);
  wanted.addEventListener("change", () => {
    if (wanted.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "yes");
  });
  document.addEventListener("keydown", async (event) => {
    const { target, key } = event;
    if (!wanted.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element && target.closest(TYPED)) return;
    const all = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("button[aria-keyshortcuts]")]);
    const meant = all.find((each) => each.getAttribute("aria-keyshortcuts") === key.toUpperCase());
    if (!meant || part("call").hidden) return;
    event.preventDefault();
    if (part("more-panel").contains(meant)) await rare();
    if (!meant.hidden && !meant.disabled) meant.click();
  });
}
