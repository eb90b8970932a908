// The doctor's camera and microphone. There is no check before: whoever sees forty patients a day
// goes straight in, and is told beside the picture what is missing.

import { browserFault, canCall, findBoth } from "./devices.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {Record<string, string>} */
const words = JSON.parse(part("own-words").textContent ?? "{}");

/** @param {string[]} faults */
function tell(...faults) {
  part("own").textContent = faults.map((fault) => words[fault] ?? "").join(" ").trim();
}

async function enter() {
  const fault = browserFault();
  tell(fault);
  if (!canCall(fault)) return;
  const { picture, sound } = await findBoth();
  if (!fault) tell(picture.fault, sound.fault);
  const own = new MediaStream([...picture.tracks, ...sound.tracks]);
  dispatchEvent(new CustomEvent("enter-room", { detail: own }));
}

document.addEventListener("DOMContentLoaded", enter); // when call.js is there, too
