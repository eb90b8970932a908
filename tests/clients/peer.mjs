// Somebody in a room whose WebRTC is werift's (TypeScript: its own ICE, DTLS, SRTP, SDP). Sends
// numbered packets, or those that come in back to where they are from; says what has come, as lines
// of JSON, until standard input ends.
//
//     node peer.mjs SOCKET ROOM SEAT (numbers | mirror)

import { request } from "node:http";

import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from "werift";

const EVERY_MS = 20;
const TELL_MS = 200;
const MARK = "numbered by werift";
const CODECS = {
  audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
  video: [new RTCRtpCodecParameters({
    mimeType: "video/VP8",
    clockRate: 90000,
    rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }],
  })],
};

const [socketPath, room, seat, sends] = process.argv.slice(2);
const told = { state: "new", audio: 0, video: 0, marked: 0 };

/** What the worker answers to an offer. @param {string} offer @returns {Promise<string>} */
function seated(offer) {
  return new Promise((resolve, reject) => {
    const path = `/rooms/${room}/seats/${seat}`;
    const asked = request({ socketPath, path, method: "POST" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => (answer.statusCode === 201 ? resolve(text) : reject(new Error(text))));
    });
    asked.on("error", reject);
    asked.end(offer);
  });
}

const peer = new RTCPeerConnection({
  codecs: CODECS,
  iceServers: [],
  iceUseIpv6: false,
  iceAdditionalHostAddresses: ["127.0.0.1"],
  bundlePolicy: "max-bundle",
});
peer.connectionStateChange.subscribe((state) => (told.state = state));

for (const kind of ["audio", "video"]) {
  const own = new MediaStreamTrack({ kind });
  const way = peer.addTransceiver(own, { direction: "sendrecv" });
  way.onTrack.subscribe((theirs) => {
    theirs.onReceiveRtp.subscribe((packet) => {
      told[kind] += 1;
      if (packet.payload.includes(MARK)) told.marked += 1;
      if (sends === "mirror") own.writeRtp(packet.serialize());
    });
  });
  if (sends === "numbers") number(own, kind === "audio" ? 960 : 1800);
}

/** @param {MediaStreamTrack} own @param {number} step of the clock from packet to packet */
function number(own, step) {
  let sent = 0;
  setInterval(() => {
    sent += 1;
    const header = new RtpHeader({ sequenceNumber: sent & 0xffff, timestamp: sent * step });
    own.writeRtp(new RtpPacket(header, Buffer.from(`\x90${MARK} ${sent}`, "latin1")));
  }, EVERY_MS);
}

await peer.setLocalDescription(await peer.createOffer());
await peer.setRemoteDescription({ type: "answer", sdp: await seated(peer.localDescription.sdp) });
setInterval(() => console.log(JSON.stringify(told)), TELL_MS);
process.stdin.resume().on("end", () => process.exit(0));
