// Frames that only the other browser can open: SFrame (RFC 9605) with AES_256_GCM_SHA512_128.
// On the wire: clear prefix ‖ SFrame header ‖ ciphertext and tag. Keys and counters are arguments.

import { fromNumber, fromText, joined, toNumber } from "./bytes.js";

const SUITE = 5n; // AES_256_GCM_SHA512_128, RFC 9605 section 8.1
const NONCE_BYTES = 12;
const IN_PLACE = 8n; // a number below this stands in the first byte itself
export const REPLAY_WINDOW = 1024n; // frames of one sender, picture and sound: about twelve seconds

// What stays readable, but not changeable: the packetiser takes the size and whether it is a key
// frame from the first bytes of VP8 (RFC 6386 section 9.1), and Opus its mode from its first.
const CLEAR_KEY_FRAME = 10;
const CLEAR_DELTA_FRAME = 3;
const CLEAR_SOUND = 1;

/**
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {"audio" | "video"} Kind
 * @typedef {{kid: bigint, key: CryptoKey, salt: Bytes}} FrameKey
 */

/** @param {bigint} kid @param {bigint} counter @returns {Bytes} */
export function writeHeader(kid, counter) {
  const [first, second] = [kid, counter].map(field);
  return joined(Uint8Array.of((first.bits << 4) | second.bits), first.more, second.more);
}

/** @param {bigint} number @returns {{bits: number, more: Bytes}} */
function field(number) {
  if (number < IN_PLACE) return { bits: Number(number), more: new Uint8Array() };
  const length = Math.ceil(number.toString(16).length / 2);
  return { bits: 8 | (length - 1), more: fromNumber(number, length) };
}

/**
 * @param {Uint8Array} bytes that begin with a header
 * @returns {{kid: bigint, counter: bigint, length: number} | null} null for what is none
 */
export function readHeader(bytes) {
  let at = 1;
  const [kid, counter] = [(bytes[0] ?? 0) >> 4, (bytes[0] ?? 0) & 15].map((bits) => {
    if (bits < 8) return BigInt(bits);
    at += (bits & 7) + 1;
    return toNumber(bytes.subarray(at - (bits & 7) - 1, at));
  });
  const known = kid !== undefined && counter !== undefined && bytes.length >= at;
  // A number has one form only, the shortest: else one frame would have many headers.
  if (!known || writeHeader(kid, counter).length !== at) return null;
  return { kid, counter, length: at };
}

/**
 * @param {CryptoKey} base a secret for HKDF, of one sender and one epoch
 * @param {bigint} kid
 * @param {"encrypt" | "decrypt"} use never both (section 4.4.1)
 * @returns {Promise<FrameKey>}
 */
export async function frameKey(base, kid, use) {
  /** @param {string} what */
  const by = (what) => ({
    name: "HKDF",
    hash: "SHA-512",
    salt: new Uint8Array(),
    info: joined(fromText(`SFrame 1.0 Secret ${what} `), fromNumber(kid, 8), fromNumber(SUITE, 2)),
  });
  const aes = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.deriveKey(by("key"), base, aes, false, [use]);
  const salt = await crypto.subtle.deriveBits(by("salt"), base, NONCE_BYTES * 8);
  return { kid, key, salt: new Uint8Array(salt) };
}

/** @param {FrameKey} by @param {bigint} counter used once @param {Bytes} metadata @param {Bytes} plain */
export async function seal(by, counter, metadata, plain) {
  const header = writeHeader(by.kid, counter);
  const how = cipher(by, counter, joined(header, metadata));
  return joined(header, new Uint8Array(await crypto.subtle.encrypt(how, by.key, plain)));
}

/** Throws when it is not what was sealed. @param {FrameKey} by @param {Bytes} metadata @param {Bytes} sealed */
export async function open(by, metadata, sealed) {
  const header = readHeader(sealed);
  if (header?.kid !== by.kid) throw new Error("sealed with another key");
  const how = cipher(by, header.counter, joined(sealed.subarray(0, header.length), metadata));
  const plain = await crypto.subtle.decrypt(how, by.key, sealed.subarray(header.length));
  return new Uint8Array(plain);
}

/** @param {FrameKey} by @param {bigint} counter @param {Bytes} additionalData */
const cipher = (by, counter, additionalData) => ({
  name: "AES-GCM",
  iv: fromNumber(toNumber(by.salt) ^ counter, NONCE_BYTES),
  additionalData,
});

/** A frame's clear prefix, which may not be changed either, nor sound be passed off as picture.
 * @param {Kind} kind @param {Bytes} frame */
export function parts(kind, frame) {
  const isDelta = ((frame[0] ?? 0) & 1) === 1;
  const clear = kind === "audio" ? CLEAR_SOUND : isDelta ? CLEAR_DELTA_FRAME : CLEAR_KEY_FRAME;
  const [prefix, rest] = [frame.subarray(0, clear), frame.subarray(clear)];
  return { prefix, rest, metadata: joined(fromText(kind), prefix) };
}

/** Which frames of one sender have been seen: none is opened twice (section 9.3). */
export class ReplayWindow {
  #next = 0n; // one more than the highest that was seen
  #seen = 0n; // bit n: the n-th below `next` was seen

  /** @param {bigint} counter */
  has(counter) {
    const behind = this.#next - 1n - counter;
    if (behind < 0n) return false;
    return behind >= REPLAY_WINDOW || ((this.#seen >> behind) & 1n) === 1n;
  }

  /** Only of a frame that proved itself. @param {bigint} counter */
  add(counter) {
    const ahead = counter + 1n - this.#next;
    if (ahead > 0n) {
      // Whatever far is far enough: everything that was seen before is too old then.
      const shift = ahead < REPLAY_WINDOW ? ahead : REPLAY_WINDOW;
      this.#seen = BigInt.asUintN(Number(REPLAY_WINDOW), this.#seen << shift);
      this.#next = counter + 1n;
    }
    this.#seen |= 1n << (this.#next - 1n - counter);
  }
}
