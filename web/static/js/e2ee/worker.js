// The worker through which every frame of a call goes. It holds the keys, and does as the page says:
// nothing passes until there is a key, or the page's owner has agreed to a call without one.

import { Keyring } from "./keyring.js";

/**
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./sframe.js").Kind} Kind
 * @typedef {{side: "send" | "receive", kind: Kind}} Way
 * @typedef {{options: Way, readable: ReadableStream, writable: WritableStream}} Transformer
 * @typedef {{data: ArrayBuffer}} Frame
 */

const ring = new Keyring();
let isClear = false; // frames pass as they are, both ways
let acts = Promise.resolve();

/** @param {unknown} told */
const tell = (told) => globalThis.postMessage(told);

/** @param {any} wanted */
async function act(wanted) {
  switch (wanted.act) {
    case "clear":
      isClear = wanted.yes;
      break;
    case "send":
      await ring.sendWith(wanted.base, wanted.kid);
      break;
    case "receive":
      await ring.receiveWith(wanted.base, wanted.kid);
      break;
    case "forget":
      ring.forget(wanted.seat);
      break;
    case "count":
      tell({ counts: ring.counts, failing: ring.failing, now: performance.now() });
      return;
  }
  tell({ done: wanted.number });
}

/** @param {Way} way @param {Bytes} bytes */
const change = ({ side, kind }, bytes) =>
  side === "send" ? ring.seal(kind, bytes) : ring.open(kind, bytes, performance.now());

/** @param {Transformer} transformer */
function carry({ options, readable, writable }) {
  const frames = new TransformStream({
    /** @param {Frame} frame @param {TransformStreamDefaultController} passed */
    async transform(frame, passed) {
      if (!isClear) {
        const bytes = await change(options, new Uint8Array(frame.data));
        if (!bytes) return;
        frame.data = bytes.buffer;
      }
      passed.enqueue(frame);
    },
  });
  readable.pipeThrough(frames).pipeTo(writable).catch(() => {}); // ends with its connection
}

/** @param {any} event */
const begin = (event) => carry(event.transformer);
globalThis.addEventListener("rtctransform", begin);
globalThis.addEventListener("message", (event) => {
  acts = acts.then(() => act(event.data)); // in order, whatever has to be waited for
});
tell({ ready: true });
