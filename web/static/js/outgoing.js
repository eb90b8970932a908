// What this page sends: one track of sound and one of picture. Another device, or the screen, takes
// the place of a track in the same sender: nothing is negotiated anew, and what stands in the sender's
// way to encrypt its frames stands there still.

/** @typedef {import("./protocol.js").RoomClient} RoomClient */
/** @typedef {"audio" | "video"} Kind */

/** Events: `changed`; `gone` (detail: Kind), a device was pulled out or does not work any more. */
export class Outgoing extends EventTarget {
  off = { audio: false, video: false }; // by the hand of its owner
  isPaused = false; // no picture is sent, whatever there is
  /** @type {MediaStreamTrack | null} the screen, which is sent instead of the camera */
  screen = null;
  /** @type {MediaStreamTrack | null} */
  #camera;

  /** @param {RoomClient} client */
  constructor(client) {
    super();
    this.client = client;
    this.#camera = this.#sent("video");
    for (const track of client.own.getTracks()) this.#follow(track);
    client.addEventListener("way", (event) => {
      const { sender, kind } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "video" && this.isPaused) void this.#pace(sender);
    });
    client.addEventListener("stream", () => void this.pause(this.isPaused));
  }

  /** The device's track, also while the screen is shown. @param {Kind} kind */
  device(kind) {
    return kind === "video" ? this.#camera : this.#sent("audio");
  }

  /** @param {Kind} kind @param {boolean} off */
  turn(kind, off) {
    this.off[kind] = off;
    const track = this.device(kind);
    if (track) track.enabled = !off;
    this.#changed();
  }

  /** Another device; null: there is none any more. @param {Kind} kind @param {MediaStreamTrack | null} track */
  async use(kind, track) {
    const old = this.device(kind);
    if (track) {
      track.enabled = !this.off[kind];
      this.#follow(track);
    }
    if (kind === "video") this.#camera = track;
    if (kind === "audio" || !this.screen) await this.#send(kind, track);
    if (old !== track) old?.stop();
    this.#changed();
  }

  /** The screen instead of the camera, until it ends or `show(null)`. @param {MediaStreamTrack | null} screen */
  async show(screen) {
    const before = this.screen;
    this.screen = screen;
    screen?.addEventListener("ended", () => this.screen === screen && void this.show(null));
    await this.#send("video", screen ?? this.#camera);
    before?.stop();
    this.#changed();
  }

  /** Send no picture, or send it again. @param {boolean} yes */
  async pause(yes) {
    const changes = yes !== this.isPaused;
    this.isPaused = yes;
    await Promise.all(this.#senders("video").map((sender) => this.#pace(sender)));
    if (changes) this.#changed();
  }

  /** @param {Kind} kind */
  #sent(kind) {
    return this.client.own.getTracks().find((each) => each.kind === kind) ?? null;
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  async #send(kind, track) {
    const { own, peer } = this.client;
    for (const old of own.getTracks()) if (old.kind === kind) own.removeTrack(old);
    if (track) own.addTrack(track);
    const senders = this.#senders(kind);
    await Promise.all(senders.map((sender) => sender.replaceTrack(track)));
    if (track && peer && !senders.length) this.client.rejoin(); // nothing of this kind was sent until now
  }

  /** Of the connection that we have and of the one that is on its way. @param {Kind} kind */
  #senders(kind) {
    const { peer, coming } = this.client;
    const ways = [peer, coming].flatMap((each) => each?.getTransceivers() ?? []);
    const sending = ways.filter((way) => way.receiver.track.kind === kind && way.direction === "sendrecv");
    return sending.map((way) => way.sender);
  }

  /** @param {RTCRtpSender} sender */
  async #pace(sender) {
    const wanted = sender.getParameters();
    for (const each of wanted.encodings ?? []) each.active = !this.isPaused;
    await sender.setParameters(wanted).catch(() => {}); // it is on its way still: done when it has arrived
  }

  /** @param {MediaStreamTrack} track */
  #follow(track) {
    const kind = /** @type {Kind} */ (track.kind);
    track.addEventListener("ended", () => {
      if (track === this.device(kind)) this.dispatchEvent(new CustomEvent("gone", { detail: kind }));
    });
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }
}
