// The network, tried: what is sent to the server comes straight back and is counted. Without any DOM.

import { between, take } from "./figures.js";
import { gathered, prefer } from "./protocol.js";

const WAY_MS = 8000; // until a connection must be there; longer, and the network stops media
const BEGIN_MS = 2000; // the browser feels its way first
const MEASURES = 8; // one a second
const MEASURE_MS = 1000;
const LOOK_MS = 250;

/**
 * @typedef {{ticket: string, ice: RTCIceServer[], echo: string, check: string}} Trial
 * @typedef {Record<string, number | null>} Echoed
 */

/** Why there is nothing to count: the status of a refusal; 0 when nothing came through. */
export class NoEcho extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`${status}`);
    this.status = status;
  }
}

/**
 * @param {Trial} trial @param {string} csrf @param {MediaStream} own
 * @param {AbortSignal} signal @param {(share: number) => void} progress
 * @returns {Promise<Echoed>} Raises NoEcho, and what `signal` was aborted with.
 */
export async function echo(trial, csrf, own, signal, progress) {
  const peer = new RTCPeerConnection({ iceServers: trial.ice, bundlePolicy: "max-bundle" });
  const headers = { Authorization: `Bearer ${trial.ticket}`, "X-CSRF-Token": csrf };
  const silence = own.getAudioTracks().length ? null : new AudioContext();
  try {
    await connect(peer, withSound(own, silence), trial, headers, signal);
    await pass(BEGIN_MS, signal, () => progress(0.1));
    const [first, last] = await measure(peer, signal, progress);
    const films = own.getVideoTracks().length > 0;
    return told(between(first, last, films), last, await arrived(trial, headers));
  } finally {
    peer.close();
    void silence?.close();
  }
}

/** Whoever has no microphone sends silence: packets all the same. @param {MediaStream} own @param {AudioContext | null} silence */
function withSound(own, silence) {
  const tracks = silence?.createMediaStreamDestination().stream.getTracks() ?? [];
  return new MediaStream([...own.getTracks(), ...tracks]);
}

/**
 * @param {RTCPeerConnection} peer @param {MediaStream} sent @param {Trial} trial
 * @param {Record<string, string>} headers @param {AbortSignal} signal
 */
async function connect(peer, sent, trial, headers, signal) {
  for (const track of sent.getTracks()) {
    prefer(peer.addTransceiver(track, { streams: [sent] }), track.kind);
  }
  await peer.setLocalDescription();
  await gathered(peer);
  const body = peer.localDescription?.sdp ?? "";
  const posted = { method: "POST", body, signal, headers: { ...headers, "Content-Type": "application/sdp" } };
  const answer = await fetch(trial.echo, posted).catch((fault) => {
    throw signal.aborted ? fault : new NoEcho(503);
  });
  if (answer.status !== 201) throw new NoEcho(answer.status);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  const connected = () => peer.connectionState === "connected";
  await pass(WAY_MS, signal, () => undefined, connected);
  if (!connected()) throw new NoEcho(0);
}

/**
 * The first and the last count; the last with the most that there was room for: what the line has
 * carried once, it can carry.
 * @param {RTCPeerConnection} peer @param {AbortSignal} signal @param {(share: number) => void} progress
 * @returns {Promise<[import("./figures.js").Totals, import("./figures.js").Totals]>}
 */
async function measure(peer, signal, progress) {
  const first = await take(peer);
  let last = first;
  for (let done = 0; done < MEASURES; done += 1) {
    await pass(MEASURE_MS, signal, (share) => progress(0.1 + (0.9 * (done + share)) / MEASURES));
    const { room } = last;
    last = await take(peer);
    if (room) last.room = Math.max(room, last.room ?? 0);
  }
  return [first, last];
}

/**
 * Let time pass, until it is enough. @param {number} ms @param {AbortSignal} signal
 * @param {(share: number) => void} tell @param {() => boolean} [enough]
 */
async function pass(ms, signal, tell, enough = () => false) {
  const began = Date.now();
  while (Date.now() - began < ms && !enough()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    signal.throwIfAborted();
    tell(Math.min(1, (Date.now() - began) / ms));
  }
}

/** What the server has counted; nothing when it does not say. @param {Trial} trial @param {Record<string, string>} headers @returns {Promise<Record<string, number>>} */
async function arrived(trial, headers) {
  const answer = await fetch(trial.echo, { method: "DELETE", headers }).catch(() => null);
  return answer?.ok ? await answer.json() : {};
}

/**
 * Reports go there and back twice until they say how long it takes, connectivity checks once.
 * @param {Record<string, number>} seen @param {import("./figures.js").Totals} last
 * @param {Record<string, number>} server @returns {Echoed}
 */
function told(seen, last, server) {
  const twice = last.loop && Math.round((1000 * last.loop) / 2);
  return {
    round_trip_ms: seen.round_trip_ms ?? twice ?? null,
    jitter_ms: seen.jitter_ms ?? null,
    came_back: seen.came ?? null,
    lost: seen.lost ?? null,
    arrived: server.packets ?? null,
    lost_up: server.lost ?? null,
    kbit_up: server.kbit ?? null,
    kbit_down: seen.kbit_in ?? null,
    room_kbit: seen.room_kbit ?? null,
  };
}
