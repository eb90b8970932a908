// The technical test: devices, two tones, ten seconds of network, and the server's verdict in words.

import { browserCan, found, release, say, tryOut, words } from "./check.js";
import { NoEcho, echo } from "./echo.js";

const OLD = 403; // the ticket has run out: the page has been open for hours
const TONES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.35 },
];
const TONE_S = 0.3;
const LOUD = 0.2; // of full level

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {import("./echo.js").Trial} */
const trial = JSON.parse(part("trial").textContent ?? "{}");
const csrf = () => /** @type {HTMLInputElement} */ (document.querySelector('input[name="csrf"]')).value;

/** @typedef {{way: "open" | "blocked" | "untried", echoed: import("./echo.js").Echoed | null}} Network */

/** @type {AbortController | null} */
let running = null;
/** What is told to the server. @type {Record<string, unknown> | null} */
let told = null;
let speaker = "not_asked";

async function test() {
  const stop = new AbortController();
  running = stop;
  told = null;
  speaker = "not_asked";
  busy(true);
  try {
    const stream = await tryOut(true);
    tones();
    const network = await measure(stream, stop.signal);
    if (stop.signal.aborted) return; // what an earlier test has found still holds
    told = { ...found(), ...network };
    await keep();
  } finally {
    running = null;
    busy(false);
    release();
  }
}

/** @param {MediaStream} stream @param {AbortSignal} signal @returns {Promise<Network>} */
async function measure(stream, signal) {
  say("row-net", "none", words.net_trying ?? "");
  try {
    const echoed = await echo(trial, csrf(), stream, signal, progress);
    say("row-net", "good", words.net_good ?? "");
    return { way: "open", echoed };
  } catch (fault) {
    return refused(fault, signal.aborted);
  }
}

/** @param {unknown} fault @param {boolean} stopped @returns {Network} */
function refused(fault, stopped) {
  const status = fault instanceof NoEcho ? fault.status : -1;
  const why = status === OLD ? words.net_old : words.net_busy;
  const said = stopped ? words.net_stopped : status === 0 ? words.net_blocked : why;
  say("row-net", stopped ? "none" : "watch", said ?? "");
  return { way: !stopped && status === 0 ? "blocked" : "untried", echoed: null };
}

/** Everything that is known goes to the server, which says what it means. */
async function keep() {
  if (!told) return;
  const answer = await fetch(trial.check, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    body: JSON.stringify({ ...told, speaker }),
  }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    say("row-net", "watch", words.not_kept ?? "");
    return;
  }
  const { verdict, html } = await answer.json();
  part("tested").innerHTML = html; // rendered and escaped by our own server
  if (told.way === "open") say("row-net", verdict === "good" ? "good" : "watch", words.net_good ?? "");
}

function tones() {
  const context = new AudioContext();
  const level = context.createGain();
  level.gain.value = LOUD;
  level.connect(context.destination);
  for (const { hertz, at } of TONES) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(level);
    tone.start(context.currentTime + at);
    tone.stop(context.currentTime + at + TONE_S);
    tone.onended = () => at > 0 && void context.close();
  }
  say("row-speaker", "none", words.speaker_asked ?? "");
  part("asked").hidden = false;
}

/** @param {"heard" | "not_heard"} answered */
function answer(answered) {
  speaker = answered;
  const good = answered === "heard";
  say("row-speaker", good ? "good" : "watch", (good ? words.speaker_good : words.speaker_bad) ?? "");
  void keep();
}

/** The keyboard stays where it was: at the button that takes the place of the other. @param {boolean} is */
function busy(is) {
  const [gone, come] = is ? [part("test"), part("stop")] : [part("stop"), part("test")];
  const had = document.activeElement === gone;
  gone.hidden = true;
  come.hidden = false;
  part("progress-row").hidden = !is;
  progress(0);
  if (had) come.focus();
}

/** @param {number} share */
function progress(share) {
  /** @type {HTMLProgressElement} */ (part("progress")).value = share;
}

part("test").addEventListener("click", () => void test());
part("stop").addEventListener("click", () => running?.abort());
part("heard").addEventListener("click", () => answer("heard"));
part("not-heard").addEventListener("click", () => answer("not_heard"));
part("tone").addEventListener("click", tones);
/** @type {HTMLButtonElement} */ (part("test")).disabled = !browserCan();
