// Of three people, the two who are not the doctor need not compare words with each other: each has
// compared with the doctor, whose page finds out whether both share one secret, and says so to both.

export const DOCTOR = "doctor";

/**
 * @typedef {import("./exchange.js").Message} Message
 * @typedef {import("./secrecy.js").Pair} Pair
 * @typedef {import("./secrecy.js").Verdict} Verdict
 * @typedef {Map<string, Pair>} Pairs by the other seat
 */

/**
 * What there is to compare, and how it stands with all of it: `with` is the seat of the other, and is
 * empty when nothing is left to compare for this page's owner.
 * @param {string} own seat @param {Pairs} pairs
 */
export function standing(own, pairs) {
  const all = [...pairs];
  const verdicts = all.map(([, { verdict }]) => verdict);
  const [seat = "", pair] =
    all.find(([each, { verdict }]) => isCompared(own, each) && verdict !== "same") ??
    (verdicts.includes("") ? [] : (all[0] ?? []));
  return { with: seat, words: pair?.words ?? [], verdict: overall(verdicts) };
}

/** @param {Verdict[]} verdicts @returns {Verdict} */
function overall(verdicts) {
  if (verdicts.includes("different")) return "different";
  return verdicts.includes("") ? "" : "same";
}

/** @param {string} own @param {string} other */
const isCompared = (own, other) => own === DOCTOR || other === DOCTOR;

const AGAIN_MS = 5000; // what has brought no answer is said again; the room takes two a second from a page

export class Vouching {
  #said = "";
  #at = 0;

  /** @param {(seat: string, message: Message) => void} say */
  constructor(say) {
    this.say = say;
  }

  /** Once a second: what has to be said, and has not been. @param {string} own @param {Pairs} pairs @param {number} now */
  async tick(own, pairs, now) {
    if (own === DOCTOR) await this.#vouch(pairs);
    else await this.#report(pairs, now);
  }

  /** @param {string} own @param {string} from @param {Message} said @param {Pairs} pairs */
  async hears(own, from, said, pairs) {
    const pair = pairs.get(from);
    const { seat = "", name = "", verdict = "" } = said;
    if (!pair || !(await isReal(pair, statement(said), said))) return;
    if (said.kind === "met" && own === DOCTOR) pair.met = name;
    const third = pairs.get(seat);
    if (said.kind !== "vouched" || from !== DOCTOR || third?.name !== name) return;
    if (verdict === "same" || verdict === "different") third.verdict = verdict;
  }

  /** To the doctor: by which name we know what we share with the third. @param {Pairs} pairs @param {number} now */
  async #report(pairs, now) {
    const doctor = pairs.get(DOCTOR);
    for (const [seat, { name, verdict }] of pairs) {
      if (!doctor?.name || seat === DOCTOR || !name || verdict) continue;
      const what = `${doctor.name} ${name}`;
      if (what === this.#said && now - this.#at < AGAIN_MS) continue;
      this.#said = what;
      this.#at = now;
      await this.#tell(DOCTOR, doctor, { kind: "met", seat, name });
    }
  }

  /** To both others, when the doctor knows. @param {Pairs} pairs */
  async #vouch(pairs) {
    const [one, two] = pairs;
    if (!one || !two || !one[1].met || !two[1].met) return;
    const verdict = judge(one[1], two[1]);
    if (verdict === "different") one[1].verdict = two[1].verdict = verdict;
    for (const [[to, pair], [seat]] of [[one, two], [two, one]]) {
      const now = `${pair.name} ${pair.met} ${verdict}`;
      if (!verdict || pair.vouched === now) continue;
      pair.vouched = now;
      await this.#tell(to, pair, { kind: "vouched", seat, name: pair.met, verdict });
    }
  }

  /** @param {string} to @param {Pair} pair @param {Message} message */
  async #tell(to, pair, message) {
    const proof = await pair.exchange.secret?.proof(statement(message));
    if (proof) this.say(to, { ...message, proof });
  }
}

/** Two who name their secret alike share it. @param {Pair} one @param {Pair} two @returns {Verdict} */
function judge(one, two) {
  if (one.met !== two.met) return "different";
  return one.verdict === "same" && two.verdict === "same" ? "same" : "";
}

/** @param {Message} message */
const statement = ({ kind, seat = "", name = "", verdict = "" }) => [kind, seat, name, verdict].join(" ");

/** @param {Pair} pair @param {string} what @param {Message} said */
const isReal = async ({ exchange }, what, { proof = "" }) => (await exchange.secret?.proof(what)) === proof;
