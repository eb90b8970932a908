// What is written in a call, sealed for one other page. The server carries it and could hold it back;
// what it changes, sends again, sends back or puts in another's mouth does not open.

import { framed, fromBase64, fromText, joined, toBase64 } from "./bytes.js";

const NONCE_BYTES = 12; // drawn anew for each message: one call has far fewer than 2³² of them

/**
 * @typedef {import("./exchange.js").Secret} Secret
 * @typedef {{n: number, text?: string, got?: number}} Said `text` is the n-th that this page says to the
 *   other under this secret, or it has `got` the other's of that number
 */

/** One pair's conversation, from one end: as long as they share this secret. */
export class Chat {
  #said = 0;
  #heard = 0; // the highest number that has come; the socket keeps the order

  /** @param {Secret} secret @param {string} own seat @param {string} other seat */
  constructor(secret, own, other) {
    this.key = secret.chatKey();
    this.own = own;
    this.other = other;
  }

  /** @param {{text?: string, got?: number}} what @returns {Promise<{n: number, body: string}>} */
  async seal(what) {
    const n = ++this.#said;
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const plain = fromText(JSON.stringify({ ...what, n }));
    const how = { name: "AES-GCM", iv, additionalData: way(this.own, this.other) };
    const sealed = await crypto.subtle.encrypt(how, await this.key, plain);
    return { n, body: toBase64(joined(iv, new Uint8Array(sealed))) };
  }

  /** @param {string} body @returns {Promise<Said | null>} null: nobody but the server can have made it so */
  async open(body) {
    try {
      const bytes = fromBase64(body);
      const how = { name: "AES-GCM", iv: bytes.slice(0, NONCE_BYTES), additionalData: way(this.other, this.own) };
      const plain = await crypto.subtle.decrypt(how, await this.key, bytes.slice(NONCE_BYTES));
      const said = JSON.parse(new TextDecoder().decode(plain));
      if (said.n <= this.#heard) return null; // it came before
      this.#heard = said.n;
      return said;
    } catch {
      return null;
    }
  }
}

/** @param {string} from @param {string} to */
const way = (from, to) => framed(fromText(from), fromText(to));
