// A room of pages for test_secrecy.py, made of nothing but their messages. Each page has a guard
// that notes what it is asked for, and says of the frames what the test wants.

const END = "end_to_end";
const HOP = "hop_by_hop";
const BETWEEN = { room: "/visit/v1/signal", begins: "doctor", answers: "patient" };

class Client extends EventTarget {
  entrance = { socket: BETWEEN.room };
  constructor(seat, room) {
    super();
    Object.assign(this, { seat, room });
  }
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
  say(seat, body) {
    this.room.carry(this.seat, seat, body);
  }
  // What the server passes off as somebody else's words.
  hears(seat, said) {
    this.tell("exchange", { seat, body: typeof said === "string" ? said : encoded(said) });
  }
}

class Guard extends EventTarget {
  acts = [];
  told = { counts: {}, failing: new Map(), now: 0 };
  act(wanted) {
    this.acts.push(wanted);
    return Promise.resolve();
  }
  stand() {}
  count() {
    this.dispatchEvent(new CustomEvent("counted", { detail: this.told }));
  }
  fails(seat, ms) {
    this.told = { counts: {}, now: ms, failing: new Map([[seat, { since: 0, last: ms }]]) };
  }
  works() {
    this.told = { counts: {}, now: 0, failing: new Map() };
  }
  #last = (name) => this.acts.findLast(({ act }) => act === name);
  get kid() {
    return this.#last("send")?.kid;
  }
  get sends() {
    return Boolean(this.#last("send")?.base);
  }
  get isClear() {
    return this.#last("clear")?.yes ?? false;
  }
  get opens() {
    return this.acts.filter(({ act }) => act === "receive").map(({ kid }) => kid);
  }
  get bases() {
    return this.acts.filter(({ base }) => base).map(({ base }) => base);
  }
}

class Room {
  pages = {};
  lies = (said) => said;
  carry(from, to, body) {
    const said = this.lies(decoded(body), from);
    if (said) this.pages[to]?.client.hears(from, said);
  }
  get encryption() {
    const pages = Object.entries(this.pages);
    return Object.fromEntries(pages.map(([seat, { can }]) => [seat, can]));
  }
  enter(seat, can = END, seats = ["doctor", "patient", "guest"]) {
    const client = new Client(seat, this);
    const guard = can === END ? new Guard() : null;
    const kept = new secrecy.Secrecy(client, guard, seats);
    const page = { client, guard, can, kept, shown: [] };
    kept.addEventListener("change", ({ detail }) => page.shown.push(detail));
    return this.join(page);
  }
  join(page) {
    const role = page.client.seat;
    this.pages[role] = page;
    page.client.tell("joined", { role, encryption: this.encryption });
    this.stands();
    return page;
  }
  leave(page) {
    delete this.pages[page.client.seat];
    this.stands();
  }
  stands() {
    const { encryption } = this;
    for (const { client } of Object.values(this.pages)) client.tell("room", { encryption });
  }
}

const SIGNS = { "+": "-", "/": "_", "=": "" };
const encoded = (said) => btoa(JSON.stringify(said)).replace(/[+/=]/g, (sign) => SIGNS[sign]);
const decoded = (body) => JSON.parse(atob(body.replace(/-/g, "+").replace(/_/g, "/")));
const now = ({ shown }) => shown.at(-1);
const spoken = (page) => now(page).words.join(" ");
const judge = (page, verdict) => page.kept.judge(verdict, now(page).words);
const room = new Room();

// All that is ever waited for is cryptography: it is quiet when none is under way any more.
let busy = 0;
const channel = new MessageChannel();
const turns = [];
channel.port1.onmessage = () => turns.shift()?.();
const turn = (done) => {
  turns.push(done);
  channel.port2.postMessage(0);
};
for (const name of [
  ...["digest", "deriveBits", "deriveKey", "importKey"],
  ...["exportKey", "generateKey", "encrypt", "decrypt"],
]) {
  const real = SubtleCrypto.prototype[name];
  SubtleCrypto.prototype[name] = function (...given) {
    busy += 1;
    return real.apply(this, given).finally(() => {
      busy -= 1;
    });
  };
}
const quiet = async () => {
  for (let still = 0; still < 5; still = busy ? 0 : still + 1) await new Promise(turn);
};
