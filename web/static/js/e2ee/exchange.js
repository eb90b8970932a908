// Two pages agree on a secret that the server between them does not know. One commits to its key,
// the other answers with its own, and only then the first one's is revealed: so whoever sits between
// has to choose keys before seeing those that the words are made of, and gets one guess.

import { fromBase64, fromNumber, fromText, framed, toBase64, toNumber } from "./bytes.js";
import { wordsOf } from "./words.js";

export const VERSIONS = "1"; // of this exchange, that this page knows; both lists are in the transcript
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const SECRET_BITS = 256;
const NONCE_BYTES = 32;
const WORD_BITS = 32;
const NO_NONCE = new Uint8Array(12); // for a key that seals one thing only

/**
 * @typedef {"waiting" | "committed" | "answered" | "agreed" | "failed"} State
 * @typedef {{kind: string, [field: string]: string}} Message
 * @typedef {{room: string, begins: string, answers: string}} Between the seats; `begins` commits
 * @typedef {{versions: string, key: string, nonce: string}} Share what one side brings
 */

/** What may happen when; anything else has come too late, or was never said by the other page.
 * @type {Record<State, Record<string, State>>} */
export const NEXT = {
  waiting: { begin: "committed", commit: "answered" },
  committed: { begin: "committed", key: "agreed" },
  answered: { commit: "answered", reveal: "agreed" },
  agreed: {},
  failed: {},
};

/** One exchange between two seats, from one end. */
export class Exchange {
  /** @type {State} */
  state = "waiting";
  /** @type {Secret | null} */
  secret = null;
  /** @type {CryptoKeyPair | null} */
  #pair = null;
  /** @type {Share | null} */
  #own = null;
  #commitment = "";

  /** @param {Between} between */
  constructor(between) {
    this.between = between;
  }

  /** The side that begins: commit. @returns {Promise<Message | null>} what to say */
  async begin() {
    if (!this.#move("begin")) return null;
    this.#commitment = await commitment(await this.#share());
    return { kind: "commit", hash: this.#commitment };
  }

  /** What the other side says. @param {Message} said @returns {Promise<Message | null>} what to answer */
  async take(said) {
    if (said.kind === "key" && said.hash !== this.#commitment) return null; // to an earlier commitment
    if (said.kind === "begin" || !this.#move(said.kind)) return null; // ours alone, or out of turn
    try {
      return await this.#answer(said);
    } catch {
      this.state = "failed"; // no key, or not the one that was committed to
      return null;
    }
  }

  /** @param {Message} said */
  async #answer(said) {
    switch (said.kind) {
      case "commit":
        this.#commitment = said.hash ?? "";
        this.#own = null; // a share that was shown may not meet a commitment made afterwards
        return { kind: "key", hash: this.#commitment, ...(await this.#share()) };
      case "key":
        await this.#agree(await this.#share(), share(said), share(said));
        return { kind: "reveal", ...(await this.#share()) };
      default:
        if ((await commitment(share(said))) !== this.#commitment) throw new Error("not committed to");
        await this.#agree(share(said), await this.#share(), share(said));
        return null;
    }
  }

  /** @param {string} event */
  #move(event) {
    const next = Object.hasOwn(NEXT[this.state], event) && NEXT[this.state][event];
    if (next) this.state = next;
    return Boolean(next);
  }

  /** What was committed to is what is revealed. @returns {Promise<Share>} */
  async #share() {
    if (!this.#own || !this.#pair) {
      this.#pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
      const key = await crypto.subtle.exportKey("raw", this.#pair.publicKey);
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      this.#own = { versions: VERSIONS, key: toBase64(new Uint8Array(key)), nonce: toBase64(nonce) };
    }
    return this.#own;
  }

  /** @param {Share} first @param {Share} second @param {Share} theirs which of the two is not ours */
  async #agree(first, second, theirs) {
    if (!this.#pair) throw new Error("no key of our own");
    const key = await crypto.subtle.importKey("raw", fromBase64(theirs.key), CURVE, false, []);
    const how = { name: "ECDH", public: key };
    const bits = await crypto.subtle.deriveBits(how, this.#pair.privateKey, SECRET_BITS);
    const transcript = framed(...told(this.between, first, second).map(fromText));
    this.secret = await Secret.from(bits, transcript);
  }
}

/** What both must have seen alike, or their words differ. @param {Between} between @param {Share} first @param {Share} second */
const told = ({ room, begins, answers }, first, second) => [
  ...["venterom e2ee", room, begins, answers],
  ...[first, second].flatMap(({ versions, key, nonce }) => [versions, key, nonce]),
];

/** @param {Message} said @returns {Share} */
function share({ versions = "", key = "", nonce = "" }) {
  if (!versions.split(",").includes(VERSIONS)) throw new Error("no version in common");
  return { versions, key, nonce };
}

/** @param {Share} of @returns {Promise<string>} */
async function commitment({ versions, key, nonce }) {
  const bytes = framed(...["venterom commit", versions, key, nonce].map(fromText));
  return toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** What two pages share. Everything is derived from it under a label of its own. */
export class Secret {
  /** @param {CryptoKey} base @param {Uint8Array<ArrayBuffer>} salt */
  constructor(base, salt) {
    this.base = base;
    this.salt = salt;
  }

  /** @param {ArrayBuffer} bits @param {Uint8Array<ArrayBuffer>} transcript */
  static async from(bits, transcript) {
    const uses = /** @type {KeyUsage[]} */ (["deriveBits", "deriveKey"]);
    const base = await crypto.subtle.importKey("raw", bits, "HKDF", false, uses);
    return new Secret(base, new Uint8Array(await crypto.subtle.digest("SHA-256", transcript)));
  }

  /** @returns {Promise<string[]>} what the two people read out to each other */
  async words() {
    return wordsOf(toNumber(await this.#bits("words", WORD_BITS)));
  }

  /** Which exchange this was; says nothing about the secret. @returns {Promise<string>} */
  async name() {
    return toBase64(await this.#bits("name", 128));
  }

  /** A statement that only the other page can have made. @param {string} statement */
  async proof(statement) {
    return toBase64(await this.#bits(`says ${statement}`, 128));
  }

  /** For what the two write to each other (chat.js). @returns {Promise<CryptoKey>} */
  chatKey() {
    const uses = /** @type {KeyUsage[]} */ (["encrypt", "decrypt"]);
    return crypto.subtle.deriveKey(this.#by("chat"), this.base, { name: "AES-GCM", length: 256 }, false, uses);
  }

  /** A sender's key of one epoch, for the other page's eyes. @param {bigint} kid @param {Uint8Array<ArrayBuffer>} key */
  async wrap(kid, key) {
    const sealed = await crypto.subtle.encrypt(ONCE, await this.#wrapping(kid), key);
    return toBase64(new Uint8Array(sealed));
  }

  /** Throws when it was not wrapped by the other page. @param {bigint} kid @param {string} wrapped */
  async unwrap(kid, wrapped) {
    return crypto.subtle.decrypt(ONCE, await this.#wrapping(kid), fromBase64(wrapped));
  }

  /** @param {string} label */
  #by(label) {
    return { name: "HKDF", hash: "SHA-256", salt: this.salt, info: fromText(`venterom ${label}`) };
  }

  /** @param {string} label @param {number} bits */
  async #bits(label, bits) {
    return new Uint8Array(await crypto.subtle.deriveBits(this.#by(label), this.base, bits));
  }

  /** A key for one number, so for one epoch of one seat: it never seals two things. @param {bigint} kid */
  #wrapping(kid) {
    const aes = { name: "AES-GCM", length: 256 };
    const uses = /** @type {KeyUsage[]} */ (["encrypt", "decrypt"]);
    const label = `sender key ${fromNumber(kid, 8).join(".")}`;
    return crypto.subtle.deriveKey(this.#by(label), this.base, aes, false, uses);
  }
}

const ONCE = { name: "AES-GCM", iv: NO_NONCE };
