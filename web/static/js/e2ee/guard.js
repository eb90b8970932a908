// The page's end of worker.js: every frame of the call goes through that worker, or none does.

const WORKER_MS = 5000; // until the worker runs, or this browser counts as one that cannot

/**
 * @typedef {import("./keyring.js").Failing} Failing
 * @typedef {{counts: Record<string, number>, failing: Map<bigint, Failing>, now: number}} Counted
 */

/** Events: `counted` (detail: Counted), the answer to `count`. */
export class Guard extends EventTarget {
  #acts = 0;
  /** @type {Map<number, () => void>} */
  #doing = new Map();

  /** @param {Worker} worker that has started */
  constructor(worker) {
    super();
    this.worker = worker;
    worker.addEventListener("message", ({ data }) => {
      this.#doing.get(data.done)?.();
      this.#doing.delete(data.done);
      if (data.counts) this.dispatchEvent(new CustomEvent("counted", { detail: data }));
    });
  }

  /** @returns {Promise<Guard | null>} null when this browser does not run it */
  static start() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    return new Promise((resolve) => {
      worker.addEventListener("message", () => resolve(new Guard(worker)), { once: true });
      worker.addEventListener("error", () => resolve(null), { once: true });
      setTimeout(() => resolve(null), WORKER_MS);
    });
  }

  /** To be called before the connection has a description: set later, the receiver's never runs.
   * @param {{sender: RTCRtpSender, receiver: RTCRtpReceiver, kind: string}} way */
  stand({ sender, receiver, kind }) {
    sender.transform = new RTCRtpScriptTransform(this.worker, { side: "send", kind });
    receiver.transform = new RTCRtpScriptTransform(this.worker, { side: "receive", kind });
  }

  /** @param {object} wanted see worker.js @returns {Promise<void>} when it is done */
  act(wanted) {
    const number = ++this.#acts;
    this.worker.postMessage({ ...wanted, number });
    return new Promise((resolve) => this.#doing.set(number, resolve));
  }

  /** Ask what has become of the frames. */
  count() {
    this.worker.postMessage({ act: "count" });
  }
}
