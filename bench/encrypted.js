// The calls of encrypted.py: so many connections of one page, two to a room. Every frame goes through
// the encrypting worker that pages of the service use, and is sealed with a key that the media worker
// does not know. `ask(path, body)` posts to that one and gives its answer.

const { Guard } = await import("/js/e2ee/guard.js");
const secret = crypto.getRandomValues(new Uint8Array(32));
const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits", "deriveKey"]);
const { width, height, rate, calls } = given;
const video = { width, height, frameRate: rate };
const media = await navigator.mediaDevices.getUserMedia({ video, audio: true });

/** @param {number} room @param {number} seat 0 or 1 */
async function enter(room, seat) {
  const guard = await Guard.start();
  await guard.act({ act: "send", base, kid: BigInt(4 + seat) });
  await guard.act({ act: "receive", base, kid: BigInt(4 + (1 - seat)) });
  const peer = new RTCPeerConnection();
  for (const track of [...media.getAudioTracks(), ...media.getVideoTracks()]) {
    const { sender, receiver } = peer.addTransceiver(track.clone());
    guard.stand({ sender, receiver, kind: track.kind });
  }
  await peer.setLocalDescription();
  const sdp = await globalThis.ask(`/rooms/${room}/seats/${seat}`, peer.localDescription.sdp);
  await peer.setRemoteDescription({ type: "answer", sdp });
  return { peer, guard };
}

/** What all of them have sent and received until now, and how large their pictures are, summed up. */
async function counted() {
  const sum = { at: performance.now(), sent: 0, received: 0, lost: 0, bytes: 0, refused: 0 };
  const pictures = { encoded: 0, decoded: 0, encoding: 0, decoding: 0 }; // how many, and seconds of work
  const limits = { cpu: 0, bandwidth: 0 }; // seconds in which pictures were smaller or fewer for it
  const ways = { ways: 0, waited: 0 }; // there and back between two browsers: how often, and seconds
  const size = { width: 0, height: 0 };
  for (const { peer, guard } of everybody) {
    const counts = new Promise((done) => guard.addEventListener("counted", done, { once: true }));
    guard.count();
    sum.refused += (await counts).detail.counts.refused;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "outbound-rtp") {
        sum.sent += report.packetsSent;
        sum.bytes += report.bytesSent;
        pictures.encoded += report.framesEncoded ?? 0;
        pictures.encoding += report.totalEncodeTime ?? 0;
        limits.cpu += report.qualityLimitationDurations?.cpu ?? 0;
        limits.bandwidth += report.qualityLimitationDurations?.bandwidth ?? 0;
        size.width += report.frameWidth ?? 0;
        size.height += report.frameHeight ?? 0;
      } else if (report.type === "inbound-rtp") {
        sum.received += report.packetsReceived;
        sum.lost += report.packetsLost;
        pictures.decoded += report.framesDecoded ?? 0;
        pictures.decoding += report.totalDecodeTime ?? 0;
      } else if (report.type === "remote-inbound-rtp") {
        ways.ways += report.roundTripTimeMeasurements ?? 0;
        ways.waited += report.totalRoundTripTime ?? 0;
      }
    }
  }
  return { ...sum, ...pictures, ...limits, ...ways, ...size };
}

const everybody = [];
for (let room = 0; room < calls; room += 1) {
  for (const seat of [0, 1]) everybody.push(await enter(room, seat));
  await globalThis.ask(`/rooms/${room}/admit`, JSON.stringify({ seats: ["0", "1"] }));
}
globalThis.counted = counted;
