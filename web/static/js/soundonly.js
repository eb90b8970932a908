// Sound alone, by choice or because the line bears no more: what the connection says of itself is
// looked at every other second, and narrow.js decides.

import { next, WIDE } from "./narrow.js";

const EVERY_MS = 2000;

/**
 * @param {import("./outgoing.js").Outgoing} outgoing
 * @param {(why: "" | "sound" | "weak") => void} tell whenever it has become another
 * @returns {(chosen: boolean) => void} what its owner chooses
 */
export function soundOnly(outgoing, tell) {
  let line = WIDE;
  let isChosen = false;
  let told = "";
  /** @type {Map<string, number>} when each report that was looked at was made */
  const known = new Map();
  const show = () => {
    const why = isChosen ? "sound" : line.isNarrow ? "weak" : "";
    void outgoing.pause(why !== "");
    if (why !== told) tell(why);
    told = why;
  };
  setInterval(async () => {
    const { peer } = outgoing.client;
    if (!peer || isChosen || !outgoing.client.own.getVideoTracks().length) return;
    line = next(line, await sample(peer, line.isNarrow, known), Date.now());
    show();
  }, EVERY_MS);
  return (chosen) => {
    isChosen = chosen;
    line = WIDE;
    show();
  };
}

/**
 * The last report stands in the counts until there is another, also when the other end has gone: it is
 * looked at once. So is that of a picture that is not sent, as long as the connection lives.
 * @param {RTCPeerConnection} peer @param {boolean} soundAlone @param {Map<string, number>} known @returns {Promise<import("./narrow.js").Sample>}
 */
async function sample(peer, soundAlone, known) {
  /** @type {number | undefined} */
  let kbit;
  const shares = [];
  for (const each of (await peer.getStats()).values()) {
    if (each.type === "candidate-pair" && each.nominated && each.state === "succeeded") {
      kbit = each.availableOutgoingBitrate && each.availableOutgoingBitrate / 1000;
    } else if (each.type === "remote-inbound-rtp" && known.get(each.id) !== each.timestamp) {
      known.set(each.id, each.timestamp);
      if (!(soundAlone && each.kind === "video")) shares.push(each.fractionLost ?? 0);
    }
  }
  return { kbit, lost: shares.length ? Math.max(...shares) : undefined };
}
