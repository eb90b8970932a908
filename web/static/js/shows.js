// What each page shows the others: its camera, its screen, or sound alone and why. The others are told,
// since a picture that stands still does not say so itself. It goes beside the exchange of keys, in the
// clear: it decides about nothing but words on a screen.

import { fromBase64, fromText, toBase64 } from "./e2ee/bytes.js";

/**
 * @typedef {import("./protocol.js").RoomClient} RoomClient
 * @typedef {"camera" | "screen" | "sound" | "weak"} What `weak`: sound alone, for the network bears no more
 */
const KNOWN = ["camera", "screen", "sound", "weak"];

/** Events: `told` (detail: {seat, what}), what another page shows. */
export class Shows extends EventTarget {
  /** @type {What} */
  what = "camera";
  /** @type {Record<string, string>} */
  #seats = {};
  #own = "";

  /** @param {RoomClient} client */
  constructor(client) {
    super();
    this.client = client;
    client.addEventListener("joined", (event) => {
      this.#own = detail(event).role;
      this.#seats = {};
    });
    client.addEventListener("room", (event) => this.#meet(detail(event).seats));
    client.addEventListener("exchange", (event) => this.#hear(detail(event)));
  }

  /** @param {What} what */
  set(what) {
    if (what === this.what) return;
    this.what = what;
    for (const seat of Object.keys(this.#seats)) this.#say(seat);
  }

  /** Whoever comes, or comes back, is told anew. @param {Record<string, string>} seats */
  #meet(seats) {
    const before = this.#seats;
    this.#seats = seats;
    for (const seat of Object.keys(seats)) if (seats[seat] !== before[seat]) this.#say(seat);
  }

  /** @param {string} seat */
  #say(seat) {
    if (seat === this.#own || this.#seats[seat] === "away") return;
    this.client.say(seat, toBase64(fromText(JSON.stringify({ kind: "shows", what: this.what }))));
  }

  /** @param {{seat: string, body: string}} told */
  #hear({ seat, body }) {
    const { kind, what } = read(body);
    if (kind !== "shows" || !KNOWN.includes(what)) return;
    this.dispatchEvent(new CustomEvent("told", { detail: { seat, what } }));
  }
}

/** @param {Event} event */
const detail = (event) => /** @type {CustomEvent} */ (event).detail;

/** @param {string} body @returns {Record<string, any>} nothing, when it is no object */
function read(body) {
  try {
    return Object(JSON.parse(new TextDecoder().decode(fromBase64(body))));
  } catch {
    return {};
  }
}
