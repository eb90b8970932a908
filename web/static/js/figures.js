// What a browser counts of a connection, and what lies between two such counts. Whole numbers only;
// what this browser does not know is left out.

const MOST = 60_000; // milliseconds or packets: what is more than that is a slip of the browser's

/**
 * @typedef {{at: number, came: number, lost: number, bytesIn: number, bytesOut: number, freezes?: number,
 *   jitter?: number, trips: number, tripTime: number, trip?: number, loop?: number, room?: number}} Totals
 */

/** @param {RTCPeerConnection} peer @returns {Promise<Totals>} times in seconds, room in bit/s */
export async function take(peer) {
  /** @type {Totals} */
  const seen = { at: Date.now(), came: 0, lost: 0, bytesIn: 0, bytesOut: 0, trips: 0, tripTime: 0 };
  for (const each of (await peer.getStats()).values()) {
    if (each.type === "inbound-rtp") received(seen, each);
    else if (each.type === "outbound-rtp") seen.bytesOut += each.bytesSent ?? 0;
    else if (each.type === "remote-inbound-rtp") seen.loop = each.roundTripTime ?? seen.loop;
    else if (each.type === "candidate-pair" && each.nominated && each.state === "succeeded") {
      seen.trips += each.responsesReceived ?? 0;
      seen.tripTime += each.totalRoundTripTime ?? 0;
      seen.trip = each.currentRoundTripTime;
      seen.room = each.availableOutgoingBitrate;
    }
  }
  return seen;
}

/** @param {Totals} seen @param {any} stream */
function received(seen, stream) {
  seen.came += stream.packetsReceived ?? 0;
  seen.lost += Math.max(0, stream.packetsLost ?? 0);
  seen.bytesIn += stream.bytesReceived ?? 0;
  if (stream.kind === "audio") seen.jitter = stream.jitter;
  else if (stream.freezeCount !== undefined) seen.freezes = (seen.freezes ?? 0) + stream.freezeCount;
}

/**
 * @param {Totals} first @param {Totals} last
 * @param {boolean} films whether a picture is sent: without one, nobody knows how much there is room for
 * @returns {Record<string, number>}
 */
export function between(first, last, films) {
  const trips = last.trips - first.trips;
  const trip = trips > 0 ? (last.tripTime - first.tripTime) / trips : last.trip;
  return known({
    round_trip_ms: trip && 1000 * trip,
    jitter_ms: last.jitter && 1000 * last.jitter,
    came: last.came - first.came,
    lost: last.lost - first.lost,
    kbit_in: rate(first, last, "bytesIn"),
    kbit_out: rate(first, last, "bytesOut"),
    room_kbit: films ? last.room && last.room / 1000 : undefined,
    freezes: last.freezes === undefined ? undefined : last.freezes - (first.freezes ?? 0),
  });
}

/** @param {Totals} first @param {Totals} last @param {"bytesIn" | "bytesOut"} name kbit/s */
const rate = (first, last, name) => (8 * (last[name] - first[name])) / (last.at - first.at);

/** @param {Record<string, number | undefined>} figures @returns {Record<string, number>} */
function known(figures) {
  /** @type {Record<string, number>} */
  const whole = {};
  for (const [name, value] of Object.entries(figures)) {
    if (value !== undefined && Number.isFinite(value)) {
      whole[name] = Math.round(Math.min(MOST, Math.max(0, value)));
    }
  }
  return whole;
}
