// How good the call is: what the connection counts goes to the room, and what the room makes of
// everybody's counts is said in words.

import { between, take } from "./figures.js";

/** @typedef {import("./protocol.js").RoomClient} RoomClient */

const EVERY_MS = 10_000; // between two samples; the room looks at none that come sooner than five seconds

/** @param {RoomClient} client @param {string} own seat @param {string} theirs whose picture is the large one */
export function watch(client, own, theirs) {
  /** @type {RTCPeerConnection | null} */
  let peer = null;
  /** @type {import("./figures.js").Totals | null} */
  let last = null;
  const sample = async () => {
    const now = client.peer;
    const seen = now && (await take(now));
    if (client.over || now !== client.peer) return;
    if (seen && last && now === peer) client.measured(between(last, seen, films(client)));
    peer = now;
    last = seen;
  };
  client.addEventListener("stream", () => void sample());
  client.addEventListener("network", (event) => {
    say(/** @type {CustomEvent<Record<string, string>>} */ (event).detail, own, theirs);
  });
  setInterval(() => void sample(), EVERY_MS);
}

/** @param {RoomClient} client */
const films = (client) => client.own.getVideoTracks().some((each) => each.enabled && !each.muted);

/** @param {Record<string, string>} lines @param {string} own @param {string} theirs */
function say(lines, own, theirs) {
  const line = /** @type {HTMLElement} */ (document.getElementById("network"));
  const mine = lines[own] === "weak";
  const others = lines[theirs] === "weak";
  const said = line.dataset;
  const words = (mine && others ? said.both : mine ? said.own : others && said.other) || "";
  if (line.textContent !== words) line.textContent = words;
}
