// The keys by which frames are sealed: each sender has one of its own in each epoch, gives it to
// everybody with whom it shares a secret, and uses it when they have it.

import { keyNumber, seatOf } from "./seats.js";

const USE_WITHIN_MS = 2000; // a new key is used when the others have it, or then
const KEY_BYTES = 32;

/**
 * @typedef {import("./guard.js").Guard} Guard
 * @typedef {import("./exchange.js").Secret} Secret
 * @typedef {import("./exchange.js").Message} Message
 * @typedef {{seat: number, secret: Secret}} Friend
 */

export class Epochs {
  isSending = false; // with a key that somebody else has
  #epoch = 0;
  /** @type {{kid: bigint, base: CryptoKey, waits: Set<number>, by: number} | null} */
  #next = null;
  /** @type {Map<number, bigint>} the newest key of each other seat */
  #newest = new Map();

  /** @param {Guard} guard @param {(seat: number, message: Message) => void} say */
  constructor(guard, say) {
    this.guard = guard;
    this.say = say;
  }

  /** A new key for what this page sends, for these and nobody else; with none of them, nothing is
   * sent. @param {number} own seat @param {Friend[]} friends @param {number} now */
  async renew(own, friends, now) {
    if (!friends.length) return this.#stop();
    this.#epoch += 1;
    const kid = keyNumber(this.#epoch, own);
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const waits = new Set(friends.map(({ seat }) => seat));
    this.#next = { kid, base: await baseOf(key), waits, by: now + USE_WITHIN_MS };
    for (const { seat, secret } of friends) {
      this.say(seat, { kind: "epoch", kid: String(kid), key: await secret.wrap(kid, key) });
    }
  }

  /** Somebody's new key. Older ones are not taken again. @param {Friend} from @param {Message} said */
  async given({ seat, secret }, { kid: number = "0", key = "" }) {
    const kid = BigInt(number);
    const newest = this.#newest.get(seat) ?? -1n;
    if (Number(seatOf(kid)) !== seat || kid < newest) return;
    const base = await baseOf(await secret.unwrap(kid, key));
    if (kid > newest) await this.guard.act({ act: "receive", base, kid });
    this.#newest.set(seat, kid);
    this.say(seat, { kind: "have", kid: number });
  }

  /** Somebody has ours. @param {number} seat @param {Message} said */
  async got(seat, { kid = "0" }) {
    if (this.#next?.kid !== BigInt(kid)) return;
    this.#next.waits.delete(seat);
    if (!this.#next.waits.size) await this.#use(this.#next);
  }

  /** @param {number} now */
  async late(now) {
    if (this.#next && this.#next.by < now) await this.#use(this.#next);
  }

  /** Somebody has left, or comes back as somebody else. @param {number} seat */
  async forget(seat) {
    this.#newest.delete(seat);
    await this.guard.act({ act: "forget", seat: BigInt(seat) });
  }

  /** @param {{kid: bigint, base: CryptoKey}} next */
  async #use({ kid, base }) {
    this.#next = null;
    this.isSending = true;
    await this.guard.act({ act: "send", base, kid });
  }

  async #stop() {
    this.#next = null;
    this.isSending = false;
    await this.guard.act({ act: "send", base: null, kid: 0n });
  }
}

/** @param {BufferSource} key */
const baseOf = (key) => crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits", "deriveKey"]);
