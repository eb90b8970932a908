// Bytes: joined, numbered, and written as text.

const utf8 = new TextEncoder();

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {string} text @returns {Bytes} */
export const fromText = (text) => new Uint8Array(utf8.encode(text));

/** @param {Uint8Array[]} parts @returns {Bytes} */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Each part behind its length: a separator could be part of a part. @param {Uint8Array[]} parts */
export const framed = (...parts) =>
  joined(...parts.flatMap((part) => [fromNumber(BigInt(part.length), 4), part]));

/** Big endian. @param {bigint} number @param {number} length in bytes @returns {Bytes} */
export function fromNumber(number, length) {
  const bytes = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at -= 1, number >>= 8n) bytes[at] = Number(number & 255n);
  return bytes;
}

/** Big endian. @param {Uint8Array} bytes */
export const toNumber = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** @param {Uint8Array} bytes @returns {string} base64url */
export const toBase64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");

/** Throws on what is no base64url. @param {string} text @returns {Bytes} */
export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replace(/[-_]/g, (sign) => (sign === "-" ? "+" : "/"))), (letter) =>
    letter.charCodeAt(0),
  );
