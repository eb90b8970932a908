// What few need in a call: another camera, microphone or speaker, the other camera of a telephone, the
// screen, and the other's picture in a window of its own.

import { part, write } from "./controls.js";
import { findOne } from "./devices.js";

/**
 * @typedef {import("./outgoing.js").Outgoing} Outgoing
 * @typedef {import("./outgoing.js").Kind} Kind
 * @typedef {"videoinput" | "audioinput" | "audiooutput"} Sort
 */

/** @type {Record<Sort, string>} of each sort of device, the field to choose one in */
const FIELDS = { videoinput: "use-camera", audioinput: "use-microphone", audiooutput: "use-speaker" };
const SORTS = /** @type {Sort[]} */ (Object.keys(FIELDS));
/** @type {Record<Kind, Sort>} */
const SORT = { video: "videoinput", audio: "audioinput" };

/** @param {string} id */
const field = (id) => /** @type {HTMLSelectElement} */ (document.getElementById(id));
const far = /** @type {HTMLVideoElement} */ (document.getElementById("far"));

/** @param {Outgoing} outgoing @param {Record<string, string>} words */
export async function more(outgoing, words) {
  for (const kind of /** @type {Kind[]} */ (["video", "audio"])) {
    field(FIELDS[SORT[kind]]).addEventListener("change", (event) => {
      const { value } = /** @type {HTMLSelectElement} */ (event.target);
      void choose(outgoing, kind, { deviceId: { exact: value } }, words);
    });
  }
  field(FIELDS.audiooutput).addEventListener("change", () => void speak(field(FIELDS.audiooutput).value, words));
  navigator.mediaDevices.addEventListener("devicechange", () => void fill(outgoing, words));
  outgoing.addEventListener("changed", () => void fill(outgoing, words));
  part("flip").addEventListener("click", () => void flip(outgoing, words));
  screen(outgoing, words);
  window(words);
  await fill(outgoing, words);
}

/** Which devices there are, and which are used. @param {Outgoing} outgoing @param {Record<string, string>} words */
async function fill(outgoing, words) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const sort of SORTS) {
    const found = devices.filter((each) => each.kind === sort);
    const wanted = field(FIELDS[sort]);
    const options = found.map(({ label, deviceId }, at) => new Option(label || `${words[sort]} ${at + 1}`, deviceId));
    wanted.replaceChildren(...options);
    wanted.value = used(outgoing, sort) || (found[0]?.deviceId ?? "");
    const isKnown = sort !== "audiooutput" || "setSinkId" in far;
    part(`${FIELDS[sort]}-row`).hidden = !isKnown || !found.length;
  }
  const faces = Boolean(outgoing.device("video")?.getSettings().facingMode) || matchMedia("(pointer: coarse)").matches;
  part("flip").hidden = !faces || devices.filter((each) => each.kind === "videoinput").length < 2;
  const outputs = devices.filter((each) => each.kind === "audiooutput").map((each) => each.deviceId);
  if (far.sinkId && outputs.length && !outputs.includes(far.sinkId)) await speak("", words, "lost_speaker");
}

/** @param {Outgoing} outgoing @param {Sort} sort */
function used(outgoing, sort) {
  if (sort === "audiooutput") return far.sinkId ?? "";
  return outgoing.device(sort === "videoinput" ? "video" : "audio")?.getSettings().deviceId ?? "";
}

/**
 * Most telephones give out one camera at a time: if the new one cannot be had beside the old one, the old
 * one is let go first, and taken again when that was no use either.
 * @param {Outgoing} outgoing @param {Kind} kind @param {MediaTrackConstraints} by @param {Record<string, string>} words
 */
async function choose(outgoing, kind, by, words) {
  const old = outgoing.device(kind);
  let { tracks } = await findOne(kind, by);
  if (!tracks.length && old) {
    const before = old.getSettings().deviceId ?? "";
    old.stop();
    ({ tracks } = await findOne(kind, by));
    const isOther = tracks.length > 0;
    if (!isOther) ({ tracks } = await findOne(kind, { deviceId: before }));
    write("device", isOther ? "" : (words.not_this_device ?? ""));
  } else {
    write("device", tracks.length ? "" : (words.not_this_device ?? ""));
  }
  if (tracks[0] || old?.readyState === "ended") await outgoing.use(kind, tracks[0] ?? null);
}

/** @param {Outgoing} outgoing @param {Record<string, string>} words */
async function flip(outgoing, words) {
  const { facingMode } = outgoing.device("video")?.getSettings() ?? {};
  const other = facingMode === "environment" ? "user" : "environment";
  await choose(outgoing, "video", { facingMode: { exact: other } }, words);
}

/** @param {string} device @param {Record<string, string>} words @param {string} [said] */
async function speak(device, words, said = "") {
  const done = await far.setSinkId(device).then(
    () => true,
    () => false,
  );
  write("device", words[done ? said : "not_this_device"] ?? "");
}

/** @param {Outgoing} outgoing @param {Record<string, string>} words */
function screen(outgoing, words) {
  const share = part("share");
  share.hidden = !("getDisplayMedia" in navigator.mediaDevices);
  share.addEventListener("click", async () => {
    if (outgoing.screen) return outgoing.show(null);
    const shown = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => null);
    const [track] = shown?.getVideoTracks() ?? [];
    if (!track) return write("device", words.no_screen ?? "");
    track.contentHint = "detail"; // letters are to be read: rather fewer pictures than blurred ones
    return outgoing.show(track);
  });
  outgoing.addEventListener("changed", () => share.setAttribute("aria-pressed", String(Boolean(outgoing.screen))));
}

/** @param {Record<string, string>} words */
function window(words) {
  const own = part("pip");
  own.hidden = !document.pictureInPictureEnabled;
  own.addEventListener("click", async () => {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await far.requestPictureInPicture().catch(() => write("device", words.no_window ?? ""));
  });
  for (const event of ["enterpictureinpicture", "leavepictureinpicture"]) {
    far.addEventListener(event, () => own.setAttribute("aria-pressed", String(document.pictureInPictureElement === far)));
  }
}
