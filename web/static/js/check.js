// Camera, microphone and browser, tried before the call; every outcome is said in words.

import { browserFault, canCall, canEncrypt, findBoth, findSound } from "./devices.js";

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("check-words")?.textContent ?? "{}");
const QUIET = 0.02; // of full level; a room without speech stays below
const IN_CALL = "in-call"; // where this tab remembers which room it was in, and whether with a
const PICTURE = "picture";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {MediaStream | null} */
let stream = null;

/** @param {string} row @param {"good" | "watch" | "none"} result @param {string} said */
function say(row, result, said) {
  const line = part(row);
  line.dataset.result = result;
  const text = line.querySelector("[data-words]");
  if (text) text.textContent = said;
}

/** @returns {boolean} whether a call can be held here at all */
function browserCan() {
  const fault = browserFault();
  const line = canEncrypt() ? "line_good" : "line_open";
  say("row-line", fault || line === "line_open" ? "watch" : "good", words[fault || line] ?? "");
  for (const id of ["try", "sound-only"]) {
    /** @type {HTMLButtonElement} */ (part(id)).disabled = !canCall(fault);
  }
  return canCall(fault);
}

/** @param {import("./devices.js").Found} sound */
function heard({ tracks, fault }) {
  say("row-mic", fault ? "watch" : "good", words[fault || "mic_quiet"] ?? "");
  return tracks;
}

/** @param {import("./devices.js").Found} picture */
function seen({ tracks, fault }) {
  say("row-cam", fault ? "watch" : "good", words[fault || "cam_good"] ?? "");
  return tracks;
}

async function both() {
  say("row-cam", "none", words.asking ?? "");
  const { picture, sound } = await findBoth();
  return [...seen(picture), ...heard(sound)];
}

async function soundOnly() {
  say("row-cam", "none", words.sound_only ?? "");
  return heard(await findSound());
}

/** @param {boolean} withPicture */
async function tryOut(withPicture) {
  if (!browserCan()) return;
  stream?.getTracks().forEach((track) => track.stop());
  say("row-mic", "none", words.asking ?? "");
  const tracks = await (withPicture ? both() : soundOnly());
  stream = new MediaStream(tracks);
  const preview = /** @type {HTMLVideoElement} */ (part("preview"));
  preview.srcObject = stream;
  part("preview-empty").hidden = stream.getVideoTracks().length > 0;
  if (stream.getAudioTracks().length) meter(stream);
  part("try").textContent = words.retry ?? "";
  part("try").classList.remove("main", "big");
  part("enter").hidden = false;
  part("unseen").hidden = tracks.length > 0;
}

/** @param {MediaStream} heard */
function meter(heard) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(heard).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = /** @type {HTMLMeterElement} */ (part("level"));
  part("level-row").hidden = false;
  const look = () => {
    if (heard !== stream || part("check").hidden) {
      void context.close();
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    level.value = Math.min(1, loud * 4);
    if (loud > QUIET) say("row-mic", "good", words.mic_good ?? "");
    requestAnimationFrame(look);
  };
  look();
}

function enter() {
  const picture = stream?.getVideoTracks().length ? PICTURE : "";
  sessionStorage.setItem(IN_CALL, `${location.pathname} ${picture}`);
  part("check").hidden = true;
  part("call-frame").hidden = false;
  dispatchEvent(new CustomEvent("enter-room", { detail: stream ?? new MediaStream() }));
}

/** Whoever loads the page anew in the middle of a call has had this check, and is waited for. */
async function goOn() {
  const [loaded] = performance.getEntriesByType("navigation");
  if (!(loaded instanceof PerformanceNavigationTiming) || loaded.type !== "reload") return;
  const [page, picture] = (sessionStorage.getItem(IN_CALL) ?? "").split(" ");
  if (page !== location.pathname) return;
  await tryOut(picture === PICTURE);
  enter();
}

part("try").addEventListener("click", () => void tryOut(true));
part("sound-only").addEventListener("click", () => void tryOut(false));
part("enter").addEventListener("click", enter);
addEventListener("leave-room", () => sessionStorage.removeItem(IN_CALL));
document.addEventListener("DOMContentLoaded", () => browserCan() && goOn()); // call.js is there, too
