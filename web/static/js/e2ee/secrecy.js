// How a call is kept between those who are in it: who shares a secret with whom, and what the page
// has to say about it. No DOM; the room's messages come and go by the RoomClient.

import { fromBase64, fromText, toBase64 } from "./bytes.js";
import { Epochs } from "./epochs.js";
import { Exchange } from "./exchange.js";
import { nameOf, place } from "./seats.js";
import { standing, Vouching } from "./vouching.js";

const END_TO_END = "end_to_end";
const TICK_MS = 1000;
const AGAIN_MS = 3000; // what has not worked by then is tried again
const BROKEN_MS = 2000; // frames that cannot be opened for longer: new keys
const BLIND_MS = 10000; // and then people are told
const RECENT_MS = 1500; // frames still come, and still cannot be opened
const KNOCKING = "knocking"; // at the door: not there yet
const MOST_EXCHANGES = 30; // of one page: each is one guess at the words for who sits between

/**
 * @typedef {import("../protocol.js").RoomClient} RoomClient
 * @typedef {import("./guard.js").Guard} Guard
 * @typedef {import("./guard.js").Counted} Counted
 * @typedef {import("./exchange.js").Message} Message
 * @typedef {"alone" | "locking" | "locked" | "ask" | "open"} Mode `ask`: not before the owner agrees
 * @typedef {"" | "same" | "different"} Verdict
 * @typedef {{exchange: Exchange, words: string[], name: string, verdict: Verdict, asked: number, met: string,
 *   vouched: string}} Pair `met`: how the other page names what it shares with the third
 * @typedef {{mode: Mode, with: string, words: string[], verdict: Verdict, isBlind: boolean}} Shown
 * @typedef {{encryption: Record<string, string>, seats?: Record<string, string>}} Standing of the room
 */

/** Events: `change` (detail: Shown). */
export class Secrecy extends EventTarget {
  /** @type {Map<string, Pair>} by the other seat */
  pairs = new Map();
  /** @type {Record<string, string>} of everybody who is there: how far they can encrypt */
  #there = {};
  #seat = "";
  /** @type {Epochs | null} */
  #epochs = null;
  #vouching = new Vouching((seat, message) => this.#say(seat, message));
  #mayBeOpen = true; // the page's owner knows that this call is not encrypted from end to end
  #lockingSince = 0;
  #isBlind = false;
  #othersBlind = false;
  #exchanges = 0;
  #asked = 0;
  #last = Promise.resolve();
  #shown = "";
  /** @type {Record<string, number>} what has become of the frames, for whoever looks into a call */
  counts = {};

  /**
   * @param {RoomClient} client not entered yet
   * @param {Guard | null} guard null: this browser cannot encrypt, and its owner was told so
   * @param {string[]} seats whose people and words the page shows: nobody else is given a key,
   *   whomever the server says to be there
   */
  constructor(client, guard, seats = ["doctor", "patient", "guest"]) {
    super();
    this.client = client;
    this.guard = guard;
    this.seats = seats;
    client.encryption = guard ? END_TO_END : "hop_by_hop";
    client.addEventListener("joined", (event) => this.#then(() => this.#joined(detail(event))));
    client.addEventListener("room", (event) => this.#then(() => this.#meet(detail(event))));
    if (guard) this.#watch(guard);
  }

  /** @param {Guard} guard */
  #watch(guard) {
    this.#mayBeOpen = false;
    this.#epochs = new Epochs(guard, (seat, message) => this.#say(nameOf(seat), message));
    this.client.addEventListener("exchange", (event) => this.#then(() => this.#hears(detail(event))));
    this.client.addEventListener("way", (event) => guard.stand(detail(event)));
    guard.addEventListener("counted", (event) => this.#then(() => this.#counted(detail(event), Date.now())));
    setInterval(() => this.#then(() => this.#tick(Date.now())), TICK_MS);
  }

  /** The page's owner goes on although the call is not encrypted from end to end. */
  accept() {
    this.#then(async () => {
      this.#mayBeOpen = true;
      await this.guard?.act({ act: "clear", yes: true });
    });
  }

  /** These words have been compared; if they are others by now, nothing has been said of them.
   * @param {Verdict} verdict @param {string[]} words */
  judge(verdict, words) {
    this.#then(async () => {
      for (const [seat, pair] of this.pairs) {
        if (String(pair.words) !== String(words)) continue;
        pair.verdict = verdict;
        const proof = await pair.exchange.secret?.proof(verdict);
        if (proof) this.#say(seat, { kind: "judged", verdict, proof });
      }
    });
  }

  /** One after the other: each has to be waited for. @param {() => Promise<void>} what */
  #then(what) {
    this.#last = this.#last.then(what).catch(() => {}).then(() => this.#show());
  }

  // ---- the room

  /** @param {Standing & {role: string}} room */
  async #joined(room) {
    this.#seat = room.role;
    await this.#meet(room);
    for (const [seat, pair] of this.pairs) this.#hello(seat, pair);
    if (this.#friends().length) await this.#renew();
  }

  /** @param {Standing} room */
  async #meet(room) {
    const encryption = inside(room);
    this.#there = encryption;
    if (!this.guard) return;
    const left = [...this.pairs.keys()].filter((seat) => encryption[seat] !== END_TO_END);
    for (const seat of left) await this.#part(seat);
    for (const seat of this.#others()) {
      const isNew = encryption[seat] === END_TO_END && !this.pairs.has(seat);
      if (isNew) this.pairs.set(seat, this.#stranger(seat));
    }
    if (left.length) await this.#renew();
    if (!this.#others().every((seat) => encryption[seat] === END_TO_END)) return;
    this.#mayBeOpen = false; // who agreed to one open call has not agreed to the next
    await this.guard.act({ act: "clear", yes: false });
  }

  /** @param {string} seat @returns {Pair} */
  #stranger(seat) {
    // The first of two by number begins.
    const [begins = "", answers = ""] = [this.#seat, seat].sort((one, two) => place(one) - place(two));
    const exchange = new Exchange({ room: this.client.entrance.socket, begins, answers });
    return { exchange, words: [], name: "", verdict: "", asked: Date.now(), met: "", vouched: "" };
  }

  /** Whatever was shared with this seat is over. @param {string} seat */
  async #part(seat) {
    this.pairs.delete(seat);
    await this.#epochs?.forget(place(seat));
  }

  #others() {
    return this.seats.filter((seat) => seat !== this.#seat && Object.hasOwn(this.#there, seat));
  }

  /** Those with whom there is a secret. */
  #friends() {
    return [...this.pairs].flatMap(([seat, { exchange: { secret } }]) =>
      secret ? [{ seat: place(seat), secret }] : [],
    );
  }

  async #renew() {
    await this.#epochs?.renew(place(this.#seat), this.#friends(), Date.now());
  }

  // ---- what pages say to each other

  /** @param {string} seat @param {Message} message */
  #say(seat, message) {
    this.client.say(seat, toBase64(fromText(JSON.stringify(message))));
  }

  /** @param {string} seat @param {Pair} pair */
  #hello(seat, pair) {
    pair.asked = Date.now();
    this.#say(seat, { kind: "hello", name: pair.name });
  }

  /** @param {{seat: string, body: string}} told */
  async #hears({ seat, body }) {
    const pair = this.pairs.get(seat);
    if (!pair) return;
    /** @type {Message} */
    const said = JSON.parse(new TextDecoder().decode(fromBase64(body)));
    const { secret } = pair.exchange;
    if (said.kind === "hello") await this.#greeted(seat, pair, said.name ?? "");
    else if (said.kind === "blind") this.#othersBlind = said.yes === "yes";
    else if (!secret || said.kind === "commit") await this.#exchanged(seat, pair, said);
    else if (said.kind === "epoch") await this.#epochs?.given({ seat: place(seat), secret }, said);
    else if (said.kind === "have") await this.#epochs?.got(place(seat), said);
    else if (said.kind === "judged") await judged(pair, said);
    else await this.#vouching.hears(this.#seat, seat, said, this.pairs);
  }

  /** Somebody has come or come back; by the name of the secret both know whether they still share it.
   * @param {string} seat @param {Pair} pair @param {string} name */
  async #greeted(seat, pair, name) {
    pair.vouched = ""; // what was said meanwhile was not heard
    if (name && name === pair.name) return this.#renew();
    const anew = await this.#anew(seat);
    if (place(this.#seat) > place(seat)) this.#hello(seat, anew);
    else if (this.#mayExchange()) this.#answer(seat, await anew.exchange.begin());
  }

  /** @param {string} seat */
  async #anew(seat) {
    await this.#part(seat);
    await this.#renew();
    const pair = this.#stranger(seat);
    this.pairs.set(seat, pair);
    return pair;
  }

  /** @param {string} seat @param {Pair} known @param {Message} said */
  async #exchanged(seat, known, said) {
    if (said.kind === "commit" && !this.#mayExchange()) return;
    const pair = known.exchange.secret ? await this.#anew(seat) : known; // the other's is not ours
    this.#answer(seat, await pair.exchange.take(said));
    const { secret } = pair.exchange;
    if (!secret) return;
    pair.name = await secret.name();
    pair.words = await secret.words();
    await this.#renew();
  }

  /** @param {string} seat @param {Message | null} message */
  #answer(seat, message) {
    if (message) this.#say(seat, message);
  }

  #mayExchange() {
    this.#exchanges += 1;
    return this.#exchanges <= MOST_EXCHANGES;
  }

  // ---- time, and what cannot be opened

  /** @param {number} now */
  async #tick(now) {
    this.guard?.count();
    this.#lockingSince = this.mode === "locking" ? this.#lockingSince || now : 0;
    await this.#epochs?.late(now);
    await this.#vouching.tick(this.#seat, this.pairs, now);
    for (const [seat, pair] of this.pairs) {
      if (!pair.exchange.secret && now - pair.asked > AGAIN_MS) this.#hello(seat, pair);
    }
  }

  /** @param {Counted} told by the worker's clock @param {number} now by ours */
  async #counted(told, now) {
    this.counts = told.counts;
    const fails = [...told.failing.values()].filter(({ last }) => told.now - last < RECENT_MS);
    const longest = Math.max(0, ...fails.map(({ since }) => told.now - since));
    if (longest > BROKEN_MS && now - this.#asked > AGAIN_MS) {
      this.#asked = now;
      for (const [seat, pair] of this.pairs) this.#hello(seat, pair);
      await this.#renew();
    }
    const isStuck = this.#lockingSince > 0 && now - this.#lockingSince > BLIND_MS;
    const isBlind = isStuck || longest > BLIND_MS;
    if (isBlind === this.#isBlind) return;
    this.#isBlind = isBlind;
    for (const seat of this.pairs.keys()) this.#say(seat, { kind: "blind", yes: isBlind ? "yes" : "no" });
  }

  // ---- the page

  /** @returns {Mode} */
  get mode() {
    const others = this.#others();
    if (!others.length) return "alone";
    const can = this.guard && others.every((seat) => this.#there[seat] === END_TO_END);
    if (!can) return this.#mayBeOpen ? "open" : "ask";
    return this.#epochs?.isSending && this.#friends().length === others.length ? "locked" : "locking";
  }

  #show() {
    const isBlind = this.#isBlind || this.#othersBlind;
    const shown = { mode: this.mode, ...standing(this.#seat, this.pairs), isBlind };
    const now = JSON.stringify(shown);
    if (now === this.#shown) return;
    this.#shown = now;
    this.dispatchEvent(new CustomEvent("change", { detail: shown }));
  }
}

/** @param {Event} event */
const detail = (event) => /** @type {CustomEvent} */ (event).detail;

/** How far everybody can encrypt who has been let in. @param {Standing} room */
const inside = ({ encryption, seats = {} }) =>
  Object.fromEntries(Object.entries(encryption).filter(([seat]) => seats[seat] !== KNOCKING));

/** What the doctor says of the words; only the other page can say it. @param {Pair} pair @param {Message} said */
async function judged(pair, { verdict = "", proof = "" }) {
  const isReal = (await pair.exchange.secret?.proof(verdict)) === proof;
  if (isReal && (verdict === "same" || verdict === "different")) pair.verdict = verdict;
}
