// Keeps the part of a page that changes by itself up to date: whole states, swapped in place.

import { pause } from "./comeback.js";

// The server says something every ten seconds. A socket that does not is dead, though it looks open:
// the laptop slept, or the network is another one.
const SILENT_MS = 25000;
const live = /** @type {HTMLElement} */ (document.getElementById("live"));
const state = /** @type {HTMLElement} */ (document.getElementById("live-state"));
/** @type {WebSocket | null} */
let socket = null;
let heard = 0;
let tries = 0;

function listen() {
  const address = new URL(live.dataset.live ?? "", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const opened = new WebSocket(address);
  socket = opened;
  heard = Date.now();
  opened.onmessage = (event) => {
    if (opened !== socket) return;
    heard = Date.now();
    if (tries) tell("back");
    tries = 0;
    show(JSON.parse(event.data));
  };
  opened.onclose = (event) => {
    if (opened !== socket) return;
    tell("lost");
    setTimeout(() => opened === socket && listen(), pause(tries++, event.code, Math.random()));
  };
}

/** A new socket, without waiting for the old one to notice. */
function anew() {
  const old = socket;
  socket = null;
  old?.close();
  tries += 1;
  tell("lost");
  listen();
}

/** @param {{view?: string, part?: string, html: string}} sent a state, or one part of it that has changed; or
 * nothing, to say that all is as it was */
function show(sent) {
  if (sent.view === undefined) return;
  if (sent.view !== live.dataset.view) {
    location.reload();
    return;
  }
  if (sent.part === undefined) showWhole(sent.html);
  else showPart(sent.part, sent.html);
  say();
  dispatchEvent(new Event("shown"));
}

/** @param {string} part @param {string} html rendered and escaped by our own server */
function showPart(part, html) {
  const shown = live.querySelector(`[data-part="${CSS.escape(part)}"]`);
  if (shown) shown.innerHTML = html;
}

/** @param {string} html the same */
function showWhole(html) {
  const kept = document.activeElement?.closest("[data-keep]")?.getAttribute("data-keep");
  const open = [...live.querySelectorAll("details[open]")].map((each) => each.id);
  live.innerHTML = html;
  for (const each of live.querySelectorAll("details")) each.open ||= open.includes(each.id);
  const again = kept && live.querySelector(`[data-keep="${CSS.escape(kept)}"]`);
  if (again instanceof HTMLElement) again.focus();
}

/** A form that leaves its page where it is, in the middle of a call: what comes of it is the next state.
 * @param {SubmitEvent} event */
function quietly(event) {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || !("quiet" in form.dataset)) return;
  event.preventDefault();
  const fields = /** @type {[string, string][]} */ ([...new FormData(form, submitter)]);
  const sent = { method: "POST", body: new URLSearchParams(fields), redirect: /** @type {const} */ ("manual") };
  void fetch(form.action, sent).catch(() => tell("lost"));
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
document.addEventListener("submit", quietly);
addEventListener("online", anew);
setInterval(() => Date.now() - heard > SILENT_MS && anew(), 1000);
