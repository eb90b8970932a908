// Whoever is in the call beside the two: a tile of their own, and words for how they stand. The
// doctor opens the door, and shows them out.

import { post } from "./post.js";

/**
 * @typedef {import("./protocol.js").RoomClient} RoomClient
 * @typedef {import("./protocol.js").Room} Room
 */

const ALONGSIDE = ["here", "connected", "reconnecting"];
/** @type {Record<string, string>} */
const KINDS = {
  interpreter: "kind_interpreter",
  parent: "kind_parent",
  relative: "kind_relative",
  colleague: "kind_colleague",
};

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {RoomClient} client
 * @param {{role: string, guest?: string}} own `guest`: where the doctor's wishes about a guest go
 * @param {Record<string, string>} words
 * @param {Room} now how the room stands
 */
export function third(client, own, words, now) {
  const video = /** @type {HTMLVideoElement} */ (part("third-video"));
  const show = () => {
    if (!client.third) return;
    video.srcObject = client.third;
    video.play().catch(() => {}); // begins with the first picture, or with the press that starts the other one
  };
  client.addEventListener("third", show);
  client.addEventListener("room", (event) => stands(/** @type {CustomEvent<Room>} */ (event).detail));
  const letIn = own.guest ? wish("let-in", `${own.guest}/let-in`, words) : null;
  if (own.guest) wish("show-out", `${own.guest}/out`, words);
  show();
  stands(now);

  /** @param {Room} room */
  function stands({ seats, guest, encryption }) {
    const is = own.role === "guest" ? seats.doctor : seats.guest;
    const isIn = ALONGSIDE.includes(is ?? "") && seats.guest !== "knocking";
    part("third").hidden = !isIn;
    if (own.role === "guest") return;
    const named = { name: guest.name ?? "", kind: words[KINDS[guest.kind ?? ""] ?? ""] ?? "" };
    part("third-name").textContent = named.name;
    part("third-role").textContent = is === "reconnecting" ? (words.third_lost ?? "") : named.kind;
    const says = is === "knocking" ? (own.guest ? "third_asks" : "third_knocks") : isIn ? "third_in" : "";
    const isOpen = is === "knocking" && own.guest && encryption.guest !== "end_to_end";
    say([says, isOpen ? "third_open" : ""].map((each) => filled(words[each], named)).join(" ").trim());
    part("guest").hidden = !is || (isIn && !own.guest);
    if (letIn) letIn.hidden = isIn;
  }
}

/** @param {string} text */
function say(text) {
  if (part("guest-text").textContent !== text) part("guest-text").textContent = text;
}

/** @param {string | undefined} text @param {Record<string, string>} named */
const filled = (text, named) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => named[name] ?? "");

/** @param {string} id of the button @param {string} address @param {Record<string, string>} words */
function wish(id, address, words) {
  const button = /** @type {HTMLButtonElement} */ (part(id));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const answer = await post(address);
    if (!answer?.ok) say(words.third_failed ?? "");
    button.disabled = false;
  });
  return button;
}
