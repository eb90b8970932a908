// From the check of camera and sound into the room.

import { browserCan, own, tryOut } from "./check.js";

const IN_CALL = "in-call"; // where this tab remembers which room it was in, and whether with a
const PICTURE = "picture";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {boolean} withPicture */
async function look(withPicture) {
  const stream = await tryOut(withPicture);
  const again = part("try");
  again.textContent = again.dataset.again ?? "";
  again.classList.remove("main", "big");
  part("enter").hidden = false;
  part("unseen").hidden = stream.getTracks().length > 0;
}

function enter() {
  const picture = own()?.getVideoTracks().length ? PICTURE : "";
  sessionStorage.setItem(IN_CALL, `${location.pathname} ${picture}`);
  part("check").hidden = true;
  part("call-frame").hidden = false;
  dispatchEvent(new CustomEvent("enter-room", { detail: own() ?? new MediaStream() }));
}

/** Whoever loads the page anew in the middle of a call has had this check, and is waited for. */
async function goOn() {
  const [loaded] = performance.getEntriesByType("navigation");
  if (!(loaded instanceof PerformanceNavigationTiming) || loaded.type !== "reload") return;
  const [page, picture] = (sessionStorage.getItem(IN_CALL) ?? "").split(" ");
  if (page !== location.pathname) return;
  await look(picture === PICTURE);
  enter();
}

/** A browser that cannot hold a call is not asked for its camera. */
function begin() {
  const can = browserCan();
  for (const id of ["try", "sound-only"]) {
    /** @type {HTMLButtonElement} */ (part(id)).disabled = !can;
  }
  if (can) void goOn();
}

part("try").addEventListener("click", () => void look(true));
part("sound-only").addEventListener("click", () => void look(false));
part("enter").addEventListener("click", enter);
addEventListener("leave-room", () => sessionStorage.removeItem(IN_CALL));
document.addEventListener("DOMContentLoaded", begin); // call.js is there, too
