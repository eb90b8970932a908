// The page's end of docs/protocol.md: one room socket and one peer connection, without any DOM.
// It comes back by itself: a new connection for the same seat, made while the old one still lives.

const VERSION = 3;
const PING_MS = 2000;
const SILENT_MS = 5000; // the room answers every ping: a socket that says less is dead, though it looks open
const OPENING_MS = 10000; // until a new socket has let us in
const LOST_MS = 2000; // «disconnected» for longer than this: a new connection is made
const COMING_MS = 15000; // a new connection that is not up by then is given up, as the room does
const BACK_OFF_MS = [250, 500, 1000, 2000]; // few share a room's server, and people wait for each other
const OTHERS = 2; // whom one connection can show, in the order patient, doctor, guest
const DONE = 1000;
const OUTDATED = [1002, 1007, 1009]; // what we said was no message: this page is too old, or broken
const REFUSED = 1008;
const REPLACED = 4001;

/**
 * @typedef {{socket: string, ticket: string, ice: RTCIceServer[]}} Entrance
 * @typedef {{state: string, seats: Record<string, string>, encryption: Record<string, string>,
 *   guest: {name?: string, kind?: string}}} Room
 */

/**
 * Events: `joined` and `room` (detail: Room), `stream` (detail: MediaStream of the first other),
 * `third` (detail: MediaStream of the second), `lost`,
 * `back`, `closed` (detail: reason), `refused` (detail: code), `replaced`, `outdated`, `network`
 * (detail: how each one's network is), `exchange` (detail: what another page says), `chat` (detail: what its owner writes, sealed), `way` (detail:
 * sender, receiver and kind, before they are used).
 */
export class RoomClient extends EventTarget {
  /**
   * @param {Entrance} entrance
   * @param {MediaStream} own what is sent; it may lack sound or picture
   */
  constructor(entrance, own) {
    super();
    this.entrance = entrance;
    this.own = own;
    this.encryption = "hop_by_hop"; // how far this page can encrypt; to be set before it enters
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @type {RTCPeerConnection | null} */
    this.coming = null;
    this.connection = 0;
    this.pings = 0;
    this.tries = 0;
    this.over = false;
    this.joined = false;
    /** @type {MediaStream | undefined} of the second other */
    this.third = undefined;
    this.anew = false; // the connection is not to be trusted, whatever it says of itself
    this.heard = 0; // when the socket last said something
    this.offered = 0; // when `coming` was begun
    this.lost = 0;
    this.timer = 0;
    this.wake = () => this.renew();
    this.show = () => document.visibilityState === "visible" && this.#tick();
  }

  /** Enter, and stay until `leave`. */
  enter() {
    this.over = false;
    this.lost = 0;
    globalThis.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.show);
    this.timer = globalThis.setInterval(() => this.#tick(), PING_MS);
    this.#connect();
  }

  /** Give the seat up. */
  leave() {
    this.#send({ type: "leave" });
    this.#end();
  }

  /** What our own connection has been like since the last time. @param {Record<string, number>} figures */
  measured(figures) {
    this.#send({ type: "quality", figures });
  }

  /** Something for another page, which the room cannot read. @param {string} seat @param {string} body */
  say(seat, body) {
    this.#send({ type: "exchange", seat, body });
  }

  /** What one person writes to another, sealed. @param {string} seat @param {string} body */
  write(seat, body) {
    this.#send({ type: "chat", seat, body });
  }

  /** A new connection for the same seat; the old one lives until the new one is up. */
  rejoin() {
    if (this.over) return;
    if (this.joined) void this.#offer();
    else this.#connect();
  }

  /** The network is another one: neither the socket nor the connection is to be trusted. */
  renew() {
    if (this.over) return;
    this.anew = true;
    this.#drop();
    this.#connect();
  }

  #connect() {
    if (this.over || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    const address = new URL(this.entrance.socket, globalThis.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    this.joined = false;
    this.heard = Date.now();
    const { encryption, entrance: { ticket } } = this;
    socket.onopen = () => this.#send({ type: "join", ticket, version: VERSION, encryption });
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.heard = Date.now();
      this.#receive(JSON.parse(event.data));
    };
    socket.onclose = (event) => socket === this.socket && this.#closed(event.code);
  }

  /** Forget a socket without waiting for its other end, which may never hear of it. */
  #drop() {
    const old = this.socket;
    this.socket = null;
    this.joined = false;
    old?.close();
  }

  /** @param {number} code */
  #closed(code) {
    if (this.over) return;
    this.joined = false;
    if (code === REPLACED) {
      this.#end();
      this.#tell("replaced");
    } else if (OUTDATED.includes(code)) {
      this.#end();
      this.#tell("outdated");
    } else if (code === DONE || code === REFUSED) {
      this.#end();
    } else {
      this.#tell("lost");
      const wait = BACK_OFF_MS[Math.min(this.tries, BACK_OFF_MS.length - 1)];
      this.tries += 1;
      globalThis.setTimeout(() => this.#connect(), wait);
    }
  }

  /** @param {any} message */
  #receive(message) {
    switch (message.type) {
      case "joined":
        this.joined = true;
        this.tries = 0;
        this.#tell("joined", message);
        this.#tell("room", message);
        if (this.#lives(message)) this.#tell("back");
        else void this.#offer();
        break;
      case "room":
        this.#tell("room", message);
        break;
      case "network":
        this.#tell("network", message.lines);
        break;
      case "exchange":
        this.#tell("exchange", message);
        break;
      case "chat":
        this.#tell("chat", message);
        break;
      case "answer":
        void this.#answered(message.connection, message.sdp);
        break;
      case "rejoin":
        void this.#offer();
        break;
      case "closed":
        this.#end();
        this.#tell("closed", message.reason);
        break;
      case "refused":
        if (message.connection === 0) this.#tell("refused", message.code);
        else globalThis.setTimeout(() => this.rejoin(), BACK_OFF_MS[3]);
        break;
    }
  }

  /**
   * Whether the connection that we have goes on. A room that was started again knows nothing of it,
   * long before this end notices.
   * @param {{role: string, seats: Record<string, string>}} room
   */
  #lives({ role, seats }) {
    return !this.anew && seats[role] === "connected" && this.peer?.connectionState === "connected";
  }

  async #offer() {
    this.coming?.close();
    const peer = new RTCPeerConnection({ iceServers: this.entrance.ice, bundlePolicy: "max-bundle" });
    const number = ++this.connection;
    this.coming = peer;
    this.offered = Date.now();
    const theirs = Array.from({ length: OTHERS }, () => new MediaStream());
    peer.onconnectionstatechange = () => this.#changed(peer, theirs);
    theirs.forEach((shown, place) => this.#open(peer, shown, place === 0));
    await peer.setLocalDescription();
    await gathered(peer);
    if (this.coming !== peer || !peer.localDescription) return;
    this.#send({ type: "offer", connection: number, sdp: peer.localDescription.sdp });
  }

  /**
   * A way for one other's sound and picture; the first is for our own, too.
   * @param {RTCPeerConnection} peer @param {MediaStream} shown @param {boolean} sends
   */
  #open(peer, shown, sends) {
    for (const kind of ["audio", "video"]) {
      const [track] = this.own.getTracks().filter((each) => sends && each.kind === kind);
      const direction = track ? "sendrecv" : "recvonly";
      const way = peer.addTransceiver(track ?? kind, { direction, streams: sends ? [this.own] : [] });
      const arrives = way.receiver.track;
      // A picture that never comes would keep the sound waiting for it.
      if (kind === "audio") shown.addTrack(arrives);
      else arrives.addEventListener("unmute", () => shown.addTrack(arrives));
      this.#tell("way", { sender: way.sender, receiver: way.receiver, kind });
      prefer(way, kind);
    }
  }

  /** @param {number} number @param {string} sdp */
  async #answered(number, sdp) {
    if (number !== this.connection || !this.coming) return;
    await this.coming.setRemoteDescription({ type: "answer", sdp });
  }

  /** @param {RTCPeerConnection} peer @param {MediaStream[]} theirs */
  #changed(peer, theirs) {
    if (peer === this.coming && peer.connectionState === "connected") this.#arrived(peer, theirs);
    else if (peer === this.peer || peer === this.coming) {
      if (peer.connectionState === "failed") this.rejoin();
      if (peer === this.peer && peer.connectionState === "disconnected") {
        this.lost = Date.now();
        this.#tell("lost");
      }
      if (peer === this.peer && peer.connectionState === "connected" && this.lost) {
        this.lost = 0;
        this.#tell("back");
      }
    }
  }

  /**
   * Only now is the other's picture taken from the new connection: until here the old one was seen.
   * @param {RTCPeerConnection} peer @param {MediaStream[]} theirs
   */
  #arrived(peer, [theirs, third]) {
    this.peer?.close();
    this.peer = peer;
    this.coming = null;
    this.anew = false;
    this.lost = 0;
    this.#tell("stream", theirs);
    this.third = third;
    this.#tell("third", third);
    this.#tell("back");
  }

  /** Whoever wakes up from a sleep is here first, and finds that everything is too long ago. */
  #tick() {
    const now = Date.now();
    if (this.socket && now - this.heard > (this.joined ? SILENT_MS : OPENING_MS)) {
      this.#tell("lost");
      this.#drop();
      this.#connect();
    }
    this.#send({ type: "ping", number: ++this.pings });
    const lost = this.lost && now - this.lost > LOST_MS && !this.coming;
    if (lost || (this.coming && now - this.offered > COMING_MS)) this.rejoin();
  }

  /** @param {object} message */
  #send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  #end() {
    this.over = true;
    globalThis.clearInterval(this.timer);
    globalThis.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.show);
    this.peer?.close();
    this.coming?.close();
    this.peer = this.coming = null;
    this.socket?.close(DONE);
  }

  /** @param {string} name @param {unknown} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * VP8 and Opus with what repairs them, and nothing else: what the room takes.
 * @param {RTCRtpTransceiver} way @param {string} kind
 */
export function prefer(way, kind) {
  const wanted = kind === "audio" ? ["audio/opus"] : ["video/VP8", "video/rtx"];
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const chosen = known.filter((codec) => wanted.includes(codec.mimeType));
  if (chosen.length) way.setCodecPreferences(chosen);
}

/** @param {RTCPeerConnection} peer @returns {Promise<void>} when its own addresses are known */
export function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", done);
    globalThis.setTimeout(resolve, 500); // the server needs none of them: it learns from checks
  });
}
