// The keys of one page, and what it does with frames: what has no key is not sent, and what cannot
// be opened is not shown. Times are milliseconds of one steady clock.

import { joined } from "./bytes.js";
import { seatOf } from "./seats.js";
import { frameKey, open, parts, readHeader, ReplayWindow, seal } from "./sframe.js";

const OLD_KEY_MS = 4000; // frames that were under way when a new key was first used still open
const NOBODY = -1n; // whose frames say of no key that it is theirs

/**
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./sframe.js").Kind} Kind
 * @typedef {{since: number, last: number}} Failing when a sender's frames first and last did not open
 * @typedef {import("./sframe.js").FrameKey & {window: ReplayWindow, until: number}} Receiving
 */

export class Keyring {
  /** @type {{key: import("./sframe.js").FrameKey, counter: bigint} | null} */
  #sending = null;
  /** @type {Map<bigint, Receiving>} */
  #receiving = new Map();
  /** @type {Map<bigint, Failing>} by seat */
  failing = new Map();
  counts = { sealed: 0, opened: 0, refused: 0, unsent: 0 };

  /** Seal with this from now on; null: send nothing. @param {CryptoKey | null} base @param {bigint} kid */
  async sendWith(base, kid) {
    this.#sending = base && { key: await frameKey(base, kid, "encrypt"), counter: 0n };
  }

  /** @param {CryptoKey} base @param {bigint} kid */
  async receiveWith(base, kid) {
    const key = await frameKey(base, kid, "decrypt");
    this.#receiving.set(kid, { ...key, window: new ReplayWindow(), until: Infinity });
  }

  /** All keys of somebody who has left, or come back as somebody else. @param {bigint} seat */
  forget(seat) {
    for (const kid of [...this.#receiving.keys()]) if (seatOf(kid) === seat) this.#receiving.delete(kid);
    this.failing.delete(seat);
  }

  /** @param {Kind} kind @param {Bytes} frame @returns {Promise<Bytes | null>} null: it must not be sent */
  async seal(kind, frame) {
    if (!this.#sending) {
      this.counts.unsent += 1;
      return null;
    }
    const { key, counter } = this.#sending;
    this.#sending.counter += 1n; // before anything is waited for: sound and picture share it
    const { prefix, rest, metadata } = parts(kind, frame);
    this.counts.sealed += 1;
    return joined(prefix, await seal(key, counter, metadata, rest));
  }

  /** @param {Kind} kind @param {Bytes} frame @param {number} now @returns {Promise<Bytes | null>} null: drop it */
  async open(kind, frame, now) {
    const { prefix, rest, metadata } = parts(kind, frame);
    const header = readHeader(rest);
    const key = header && this.#receiving.get(header.kid);
    if (!header || !key || key.until <= now) return this.#fail(header, now);
    if (key.window.has(header.counter)) return this.#refuse();
    const plain = await open(key, metadata, rest).catch(() => null);
    if (!plain) return this.#fail(header, now);
    if (key.window.has(header.counter)) return this.#refuse(); // came twice at the same time
    key.window.add(header.counter);
    this.#works(key, now);
    return joined(prefix, plain);
  }

  /** @param {Receiving} key @param {number} now */
  #works(key, now) {
    this.counts.opened += 1;
    const seat = seatOf(key.kid);
    this.failing.delete(seat);
    this.failing.delete(NOBODY);
    for (const old of this.#receiving.values()) {
      if (seatOf(old.kid) === seat && old.kid < key.kid) old.until = Math.min(old.until, now + OLD_KEY_MS);
    }
  }

  /** @param {{kid: bigint} | null} header @param {number} now */
  #fail(header, now) {
    const seat = header ? seatOf(header.kid) : NOBODY;
    const since = this.failing.get(seat)?.since ?? now;
    this.failing.set(seat, { since, last: now });
    return this.#refuse();
  }

  #refuse() {
    this.counts.refused += 1;
    return null;
  }
}
