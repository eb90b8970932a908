// Binds a room to the page: pictures, the bar of controls, and words for every state of the line.

import { canEncrypt } from "./devices.js";
import { lock } from "./lock.js";
import { movable } from "./near.js";
import { post } from "./post.js";
import { RoomClient } from "./protocol.js";
import { watch } from "./quality.js";

const NOT_BEGUN = 409; // the room's state forbids it
const LONG_S = 10; // without a line for so long: there is also the telephone

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const read = (id) => JSON.parse(part(id).textContent ?? "{}");

/** @type {{role: string, socket: string, ticket: string, ice: RTCIceServer[], leave: string, hang_up?: string, protection?: string, guest?: string}} */
const room = read("room");
/** @type {Record<string, string>} */
const words = read("words");
const far = /** @type {HTMLVideoElement} */ (part("far"));
const near = /** @type {HTMLVideoElement} */ (part("near"));
const isDoctor = room.role === "doctor";
const theirs = room.role === "patient" ? "doctor" : "patient"; // whose picture is the large one
/** Not with the page, but at its first press: who only looks in does not wait for it. */
const parts = () =>
  Promise.all([import("./e2ee/guard.js"), import("./e2ee/secrecy.js"), import("./controls.js")]).catch(
    () => null,
  );
let lostAt = 0;
let leaving = false;

/**
 * Words over the picture, and what can be done: the ids of buttons and links.
 * @param {string} [title] @param {string} [text] @param {string[]} [acts] @param {string} [seconds]
 */
function over(title = "", text = "", acts = [], seconds = "") {
  part("over").hidden = false;
  write("over-title", title);
  write("over-text", text);
  write("over-seconds", seconds);
  for (const each of part("over-acts").children) {
    if (each instanceof HTMLElement) each.hidden = !acts.includes(each.id);
  }
}

/** The same words are not written again: they would be read out again. @param {string} id @param {string} text */
function write(id, text) {
  if (part(id).textContent !== text) part(id).textContent = text;
}

function clear() {
  part("over").hidden = true;
}

/** @param {MediaStream} own */
async function enter(own) {
  near.srcObject = own;
  const client = new RoomClient(room, own);
  const loaded = await parts();
  if (!loaded) return over(words.lost, words.outdated, ["phone"]);
  const [{ Guard }, { Secrecy }, { controls }] = loaded;
  const guard = canEncrypt() ? await Guard.start() : null;
  const secrecy = new Secrecy(client, guard);
  Object.assign(globalThis, { call: client, secrecy }); // for whoever looks into a call that does not work
  follow(client, secrecy);
  lock(secrecy, words, room.protection);
  watch(client, room.role, theirs);
  client.addEventListener("room", withThird);
  part("play").addEventListener("click", () => void far.play().then(clear));
  part("again").addEventListener("click", () => {
    if (client.over) client.enter();
    else client.renew();
  });
  movable(part("move"));
  controls(client, secrecy, words, { own: room.role, theirs });
  part("leave").addEventListener("click", () => void leave(client));
  part("leave").toggleAttribute("disabled", false);
  void awake();
  document.addEventListener("visibilitychange", awake);
  const wasTold = !isDoctor && !canEncrypt(); // at the check of camera and sound
  if (!guard && !wasTold) await agreed();
  client.enter();
}

/** The call will not be encrypted from end to end: nothing is sent before its owner has read so. */
function agreed() {
  over(words.open, words.open_more, ["go-on"]);
  return new Promise((resolve) => part("go-on").addEventListener("click", resolve, { once: true }));
}

/** Only when there is a third, since mostly there is none. @param {Event} event */
async function withThird(event) {
  const client = /** @type {RoomClient} */ (event.target);
  const now = /** @type {CustomEvent<import("./protocol.js").Room>} */ (event).detail;
  if (!now.seats.guest) return;
  client.removeEventListener("room", withThird);
  const { third } = await import("./third.js");
  third(client, room, words, now);
}

/** @param {RoomClient} client @param {import("./e2ee/secrecy.js").Secrecy} secrecy */
function follow(client, secrecy) {
  let stands = () => over(words.waiting);
  let isBlind = false;
  let isLost = false; // the other one: then there is nothing to open
  const show = () => {
    if (secrecy.mode === "ask") over(words.open, words.open_more, ["go-on"]);
    else if (isBlind && !isLost) over(words.blind, words.blind_more, ["phone"]);
    else stands();
  };
  secrecy.addEventListener("change", (event) => {
    ({ isBlind } = /** @type {CustomEvent} */ (event).detail);
    if (!lostAt && !client.over) show();
  });
  part("go-on").addEventListener("click", () => secrecy.accept());
  client.addEventListener("stream", (event) => {
    far.srcObject = /** @type {CustomEvent<MediaStream>} */ (event).detail;
    far.play().catch((fault) => fault.name === "NotAllowedError" && show());
  });
  client.addEventListener("room", (event) => {
    const { state, seats } = /** @type {CustomEvent} */ (event).detail;
    part("call").dataset.state = state;
    stands = () => (seats[room.role] === "knocking" ? over(words.waiting) : stand(state, seats[theirs]));
    isLost = seats[theirs] === "reconnecting";
    if (!lostAt) show();
  });
  client.addEventListener("lost", () => {
    lostAt ||= Date.now();
  });
  client.addEventListener("back", () => {
    lostAt = 0;
    show();
  });
  client.addEventListener("closed", (event) => go(/** @type {CustomEvent<string>} */ (event).detail));
  client.addEventListener("refused", () => ended(words.closed, words.closed_more, ["out"]));
  client.addEventListener("replaced", () => ended(words.elsewhere, "", ["again"]));
  client.addEventListener("outdated", outdated);
  setInterval(() => lostAt && lost(Math.round((Date.now() - lostAt) / 1000)), 500);
}

/** Nothing comes back by itself any more. @param {string} [title] @param {string} [text] @param {string[]} [acts] */
function ended(title, text, acts) {
  lostAt = 0;
  over(title, text, acts);
}

/** The room speaks another language than this page. A page that was just loaded cannot help it. */
function outdated() {
  const [loaded] = performance.getEntriesByType("navigation");
  if (loaded instanceof PerformanceNavigationTiming && loaded.type === "reload") {
    ended(words.lost, words.outdated, ["phone"]);
  } else {
    location.reload();
  }
}

/** @param {number} seconds */
function lost(seconds) {
  const acts = seconds > LONG_S ? ["again", "phone"] : [];
  over(words.lost, words.lost_more, acts, `${seconds} s`);
}

/** How it stands with the room. @param {string} state @param {string | undefined} other */
function stand(state, other) {
  if (state === "talking" && far.srcObject && far.paused) over(words.play, "", ["play"]);
  else if (state === "talking") clear();
  else if (other === "reconnecting") over(words.peer_lost, words.peer_lost_more);
  else if (other === "away") over(words.waiting);
  else if (state === "connecting") over(words.connecting);
}

/** @param {RoomClient} client */
async function leave(client) {
  leaving = true;
  const why = await hangUp();
  if (!why) {
    client.leave();
    go();
  } else {
    leaving = false;
    write("own", why);
  }
}

/**
 * The patient just goes, and may come back. A doctor's call is over when the server says so.
 * @returns {Promise<string>} why it is not over
 */
async function hangUp() {
  if (!room.hang_up) return "";
  const answer = await post(room.hang_up);
  if (answer?.ok) return "";
  return (answer?.status === NOT_BEGUN ? words.not_begun : words.not_left) ?? "";
}

/**
 * The call is over here: the patient goes on to the next page, the doctor stays and writes; or is
 * told by the page where the patient is now.
 * @param {string} [reason]
 */
function go(reason = "finished") {
  dispatchEvent(new CustomEvent("leave-room"));
  if (!isDoctor) location.assign(room.leave);
  else if (leaving) part("call").hidden = true;
  else if (reason === "finished") ended(words.left);
  else location.reload();
}

/** The screen stays on. The lock is lost whenever the page is not seen. */
async function awake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // the screen may sleep: the call goes on
  }
}

addEventListener("enter-room", (event) => {
  if (!isDoctor) {
    document.body.classList.add("in-call");
    part("call").focus();
  }
  void enter(/** @type {CustomEvent<MediaStream>} */ (event).detail);
});
addEventListener("pointerdown", parts, { once: true });
