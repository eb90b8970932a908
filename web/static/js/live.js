// Keeps the part of a page that changes by itself up to date: whole states, swapped in place.

const BACK_OFF_MS = [500, 1000, 2000, 5000];
const live = /** @type {HTMLElement} */ (document.getElementById("live"));
const state = /** @type {HTMLElement} */ (document.getElementById("live-state"));
let tries = 0;

function listen() {
  const address = new URL(live.dataset.live ?? "", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onmessage = (event) => {
    if (tries) tell("back");
    tries = 0;
    show(JSON.parse(event.data));
  };
  socket.onclose = () => {
    tell("lost");
    setTimeout(listen, BACK_OFF_MS[Math.min(tries++, BACK_OFF_MS.length - 1)]);
  };
}

/** @param {{view: string, html: string}} sent */
function show(sent) {
  if (sent.view !== live.dataset.view) {
    location.reload();
    return;
  }
  const kept = document.activeElement?.closest("[data-keep]")?.getAttribute("data-keep");
  live.innerHTML = sent.html; // rendered and escaped by our own server
  const again = kept && live.querySelector(`[data-keep="${CSS.escape(kept)}"]`);
  if (again instanceof HTMLElement) again.focus();
  say();
}

function say() {
  const spoken = /** @type {HTMLElement | null} */ (live.querySelector("[data-say]"));
  const voice = document.getElementById(spoken && "urgent" in spoken.dataset ? "said-now" : "said");
  const words = spoken?.dataset.say ?? "";
  if (voice && voice.textContent !== words) voice.textContent = words;
}

/** @param {"lost" | "back"} which */
function tell(which) {
  if (state.dataset.state === which) return;
  state.dataset.state = which;
  state.textContent = state.dataset[which] ?? "";
}

listen();
