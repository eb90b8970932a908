// Camera, microphone and browser, tried before the call; every outcome is said in words.

import { browserFault, canCall, canEncrypt, findBoth, findSound } from "./devices.js";

/** @type {Record<string, string>} */
export const words = JSON.parse(document.getElementById("check-words")?.textContent ?? "{}");
const QUIET = 0.02; // of full level; a room without speech stays below

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {MediaStream | null} */
let stream = null;
let loud = false;

/** What is sent, as far as it has been found. */
export const own = () => stream;

/** What has come of it until now. @returns {{camera: boolean, microphone: "heard" | "quiet" | "none"}} */
export function found() {
  const hears = stream !== null && stream.getAudioTracks().length > 0;
  const camera = stream !== null && stream.getVideoTracks().length > 0;
  return { camera, microphone: !hears ? "none" : loud ? "heard" : "quiet" };
}

/** @param {string} row @param {"good" | "watch" | "none"} result @param {string} said */
export function say(row, result, said) {
  const line = part(row);
  line.dataset.result = result;
  const text = line.querySelector("[data-words]");
  if (text && text.textContent !== said) text.textContent = said;
}

/** @returns {boolean} whether a call can be held here at all */
export function browserCan() {
  const fault = browserFault();
  const line = canEncrypt() ? "line_good" : "line_open";
  say("row-line", fault || line === "line_open" ? "watch" : "good", words[fault || line] ?? "");
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

/** @param {boolean} withPicture @returns {Promise<MediaStream>} it may lack sound or picture */
export async function tryOut(withPicture) {
  stream?.getTracks().forEach((track) => track.stop());
  say("row-mic", "none", words.asking ?? "");
  const tracks = await (withPicture ? both() : soundOnly());
  loud = false;
  stream = new MediaStream(tracks);
  mirror(stream);
  if (stream.getAudioTracks().length) meter(stream);
  return stream;
}

/** Camera and microphone are let go. */
export function release() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  mirror(null);
}

/** @param {MediaStream | null} shown */
function mirror(shown) {
  /** @type {HTMLVideoElement} */ (part("preview")).srcObject = shown;
  part("preview-empty").hidden = shown !== null && shown.getVideoTracks().length > 0;
  part("level-row").hidden = shown === null || shown.getAudioTracks().length === 0;
}

/** @param {MediaStream} heard */
function meter(heard) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(heard).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = /** @type {HTMLMeterElement} */ (part("level"));
  const look = () => {
    if (heard !== stream || part("check").hidden) {
      void context.close();
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    const strength = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    level.value = Math.min(1, strength * 4);
    loud ||= strength > QUIET;
    if (loud) say("row-mic", "good", words.mic_good ?? "");
    requestAnimationFrame(look);
  };
  look();
}
