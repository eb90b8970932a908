// Binds a room to the page: pictures, the bar of controls, and words for every state of the line.

import { RoomClient } from "./protocol.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const read = (id) => JSON.parse(part(id).textContent ?? "{}");

/** @type {{socket: string, ticket: string, ice: RTCIceServer[], leave: string, hang_up?: string}} */
const room = read("room");
/** @type {Record<string, string>} */
const words = read("words");
const far = /** @type {HTMLVideoElement} */ (part("far"));
const near = /** @type {HTMLVideoElement} */ (part("near"));
let lostAt = 0;
let leaving = false;

/** @param {string} title @param {string} [text] @param {boolean} [button] */
function over(title, text = "", button = false) {
  part("over").hidden = false;
  part("over-title").textContent = title;
  part("over-text").textContent = text;
  part("again").hidden = !button;
}

function clear() {
  part("over").hidden = true;
}

/** @param {MediaStream} own */
function enter(own) {
  near.srcObject = own;
  near.hidden = own.getVideoTracks().length === 0;
  const client = new RoomClient(room, own);
  Object.assign(globalThis, { call: client }); // for whoever looks into a call that does not work
  const mine = document.querySelector("[data-save]") ? "doctor" : "patient";
  const theirs = mine === "doctor" ? "patient" : "doctor";

  client.addEventListener("stream", (event) => {
    far.srcObject = /** @type {CustomEvent<MediaStream>} */ (event).detail;
    far.play().catch(() => over(words.play ?? "", "", true));
  });
  client.addEventListener("room", (event) => {
    const { state, seats } = /** @type {CustomEvent} */ (event).detail;
    part("call").dataset.state = state;
    if (state === "talking") clear();
    else if (seats[theirs] === "reconnecting") over(words.peer_lost ?? "", words.peer_lost_more);
    else if (seats[theirs] === "away") over(words.waiting ?? "");
    else if (state === "connecting") over(words.connecting ?? "");
  });
  client.addEventListener("lost", () => {
    lostAt ||= Date.now();
  });
  client.addEventListener("back", () => {
    lostAt = 0;
  });
  client.addEventListener("closed", () => go());
  client.addEventListener("refused", () => over(words.closed ?? "", words.closed_more));
  client.addEventListener("replaced", () => over(words.elsewhere ?? "", "", true));
  setInterval(() => {
    if (!lostAt) return;
    const seconds = Math.round((Date.now() - lostAt) / 1000);
    over(words.lost ?? "", (words.lost_more ?? "").replace("{n}", String(seconds)), seconds > 10);
  }, 500);
  part("again").addEventListener("click", () => {
    void far.play();
    if (client.over) client.enter();
    else client.rejoin();
  });
  toggle("mute", own.getAudioTracks());
  toggle("camera", own.getVideoTracks());
  part("leave").addEventListener("click", () => void leave(client));
  void awake();
  client.enter();
}

/** @param {string} id @param {MediaStreamTrack[]} tracks */
function toggle(id, tracks) {
  const button = /** @type {HTMLButtonElement} */ (part(id));
  button.disabled = tracks.length === 0;
  button.addEventListener("click", () => {
    const off = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(off));
    for (const track of tracks) track.enabled = !off;
  });
}

/** @param {RoomClient} client */
async function leave(client) {
  leaving = true;
  if (room.hang_up) {
    const token = /** @type {HTMLInputElement} */ (document.querySelector('input[name="csrf"]'));
    await fetch(room.hang_up, { method: "POST", headers: { "X-CSRF-Token": token.value } });
  }
  client.leave();
  go();
}

function go() {
  if (leaving && document.querySelector("[data-save]")) {
    part("call").hidden = true; // the doctor stays, and writes on
    return;
  }
  if (document.querySelector("[data-save]")) over(words.left ?? "");
  else location.assign(room.leave);
}

async function awake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // the screen may sleep: the call goes on
  }
}

addEventListener("enter-room", (event) => enter(/** @type {CustomEvent<MediaStream>} */ (event).detail));

// The doctor's room has no check: whoever sees forty patients a day has had it once.
if (!document.getElementById("check")) {
  over(words.waiting ?? "");
  const wanted = { audio: { echoCancellation: true, noiseSuppression: true }, video: { width: { ideal: 1280 }, height: { ideal: 720 } } };
  navigator.mediaDevices
    .getUserMedia(wanted)
    .catch(() => navigator.mediaDevices.getUserMedia({ audio: true }))
    .catch(() => new MediaStream())
    .then(enter);
}
