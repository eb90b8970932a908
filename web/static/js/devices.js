// Camera and microphone: one question for both, and who lacks one still has the other. What is
// missing has a name, by which the page finds its words.

const IN_APP = /FBAN|FBAV|Instagram|Line\/|Snapchat|; wv\)/;
const SOUND = { audio: { echoCancellation: true, noiseSuppression: true } };
const PICTURE = { video: { width: { ideal: 1280 }, height: { ideal: 720 } } };
const NO_SOUND = { none: "none_mic", refused: "refused_mic", busy: "busy_mic" };
const NO_PICTURE = { none: "none_cam", refused: "refused_cam", busy: "busy_cam" };

/** @typedef {{tracks: MediaStreamTrack[], fault: string}} Found the fault is empty when there is none */

/** @returns {string} why a call cannot be held in this browser, or not well; empty when it can */
export function browserFault() {
  if (!globalThis.isSecureContext) return "insecure";
  if (!("RTCPeerConnection" in globalThis) || !navigator.mediaDevices) return "no_webrtc";
  return IN_APP.test(navigator.userAgent) ? "in_app" : "";
}

/** @param {string} fault of the browser */
export const canCall = (fault) => fault === "" || fault === "in_app";

/** @returns {boolean} whether this browser can encrypt so that we cannot look into it */
export const canEncrypt = () => "RTCRtpScriptTransform" in globalThis && Boolean(globalThis.crypto?.subtle);

/** @returns {Promise<{picture: Found, sound: Found}>} */
export async function findBoth() {
  const { tracks, fault } = await find({ ...PICTURE, ...SOUND }, NO_PICTURE);
  if (fault) return { picture: await find(PICTURE, NO_PICTURE), sound: await findSound() };
  const [picture, sound] = ["video", "audio"].map((kind) => tracks.filter((each) => each.kind === kind));
  return { picture: { tracks: picture ?? [], fault }, sound: { tracks: sound ?? [], fault } };
}

/** @returns {Promise<Found>} */
export const findSound = () => find(SOUND, NO_SOUND);

/**
 * Another one in the middle of a call.
 * @param {"audio" | "video"} kind @param {MediaTrackConstraints} by which one; nothing: any
 * @returns {Promise<Found>}
 */
export const findOne = (kind, by) =>
  kind === "audio"
    ? find({ audio: { ...SOUND.audio, ...by } }, NO_SOUND)
    : find({ video: { ...PICTURE.video, ...by } }, NO_PICTURE);

/** @param {MediaStreamConstraints} wanted @param {typeof NO_SOUND} names @returns {Promise<Found>} */
async function find(wanted, names) {
  try {
    const got = await navigator.mediaDevices.getUserMedia(wanted);
    return { tracks: got.getTracks(), fault: "" };
  } catch (fault) {
    return { tracks: [], fault: names[kind(fault)] };
  }
}

/** @param {unknown} fault @returns {keyof typeof NO_SOUND} */
function kind(fault) {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "none";
}
