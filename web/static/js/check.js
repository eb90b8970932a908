// Camera, microphone and browser, tried before the call; every outcome is said in words.

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("check-words")?.textContent ?? "{}");
const IN_APP = /FBAN|FBAV|Instagram|Line\/|Snapchat|; wv\)/;
const QUIET = 0.02; // of full level; a room without speech stays below

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {MediaStream | null} */
let stream = null;

/** @param {string} row @param {"good" | "watch" | "none"} result @param {string} said */
function say(row, result, said) {
  const line = part(row);
  line.dataset.result = result;
  const text = line.querySelector("[data-words]");
  if (text) text.textContent = said;
}

/** @param {unknown} fault @param {string} missing @param {string} refused */
function wordsFor(fault, missing, refused) {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return words[refused];
  if (name === "NotReadableError" || name === "AbortError") return words.busy;
  return words[missing];
}

/** @returns {boolean} whether a call can be held here at all */
function browserCan() {
  const fault = !globalThis.isSecureContext
    ? words.insecure
    : IN_APP.test(navigator.userAgent)
      ? words.in_app
      : !("RTCPeerConnection" in globalThis) || !navigator.mediaDevices
        ? words.no_webrtc
        : "";
  say("row-line", fault ? "watch" : "good", fault || words.line_good || "");
  return !fault || fault === words.in_app;
}

/** @param {MediaStreamConstraints} wanted */
const ask = (wanted) => navigator.mediaDevices.getUserMedia(wanted);

async function sound() {
  try {
    const got = await ask({ audio: { echoCancellation: true, noiseSuppression: true } });
    say("row-mic", "good", words.mic_quiet ?? "");
    return got.getAudioTracks();
  } catch (fault) {
    say("row-mic", "watch", wordsFor(fault, "no_mic", "refused_mic") ?? "");
    return [];
  }
}

async function picture() {
  try {
    const got = await ask({ video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
    say("row-cam", "good", words.cam_good ?? "");
    return got.getVideoTracks();
  } catch (fault) {
    say("row-cam", "watch", wordsFor(fault, "no_cam", "refused_cam") ?? "");
    return [];
  }
}

/** @param {boolean} withPicture */
async function tryOut(withPicture) {
  if (!browserCan()) return;
  stream?.getTracks().forEach((track) => track.stop());
  say("row-mic", "none", words.asking ?? "");
  if (withPicture) say("row-cam", "none", words.asking ?? "");
  else say("row-cam", "none", words.sound_only ?? "");
  const tracks = [...(withPicture ? await picture() : []), ...(await sound())];
  stream = new MediaStream(tracks);
  const preview = /** @type {HTMLVideoElement} */ (part("preview"));
  preview.srcObject = stream;
  part("preview-empty").hidden = stream.getVideoTracks().length > 0;
  if (stream.getAudioTracks().length) meter(stream);
  part("try").textContent = words.retry ?? "";
  part("try").classList.remove("main", "big");
  part("enter").hidden = false;
}

/** @param {MediaStream} heard */
function meter(heard) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(heard).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = /** @type {HTMLMeterElement} */ (part("level"));
  part("level-row").hidden = false;
  const look = () => {
    if (heard !== stream || part("check").hidden) {
      void context.close();
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    level.value = Math.min(1, loud * 4);
    if (loud > QUIET) say("row-mic", "good", words.mic_good ?? "");
    requestAnimationFrame(look);
  };
  look();
}

part("try").addEventListener("click", () => void tryOut(true));
part("sound-only").addEventListener("click", () => void tryOut(false));
part("enter").addEventListener("click", () => {
  part("check").hidden = true;
  part("call-frame").hidden = false;
  dispatchEvent(new CustomEvent("enter-room", { detail: stream ?? new MediaStream() }));
});
browserCan();
