// The panel in which two people write to each other in a call. Nothing of it is kept: not by the server,
// which cannot read it, and not by the page, which forgets it when it is left.

import { part, write } from "./controls.js";
import { Chat } from "./e2ee/chat.js";

const MOST = 500; // characters of one message
const REST_MS = 500; // between two messages of one's own; the room takes two a second

/**
 * @typedef {import("./protocol.js").RoomClient} RoomClient
 * @typedef {import("./e2ee/secrecy.js").Secrecy} Secrecy
 */

/**
 * @param {RoomClient} client @param {Secrecy} secrecy @param {Record<string, string>} words
 * @param {import("./controls.js").Seats} seats
 * @returns {(told: {seat: string, body: string}) => void} what comes
 */
export function chatting(client, secrecy, words, { own, theirs }) {
  const field = /** @type {HTMLTextAreaElement} */ (part("chat-text"));
  const send = /** @type {HTMLButtonElement} */ (part("chat-send"));
  /** @type {Map<import("./e2ee/exchange.js").Secret, Chat>} */
  const chats = new Map();
  /** @type {Map<string, HTMLElement>} what has not arrived yet, by seat and number */
  const underway = new Map();
  let unread = 0;
  let last = Promise.resolve(); // one after the other: each has to be waited for

  /** @param {string} seat */
  const chatWith = (seat) => {
    const secret = secrecy.pairs.get(seat)?.exchange.secret;
    if (!secret) return null;
    const chat = chats.get(secret) ?? new Chat(secret, own, seat);
    chats.set(secret, chat);
    return chat;
  };

  const show = () => {
    const mayWrite = secrecy.mode === "locked";
    field.disabled = !mayWrite;
    send.disabled = !mayWrite;
    write("chat-why", mayWrite ? "" : (words[`chat_${secrecy.mode}`] ?? words.chat_alone ?? ""));
  };
  const count = () => {
    const isOpen = !part("chat-panel").hidden;
    unread = isOpen ? 0 : unread;
    write("chat-unread", unread ? `${unread}` : "");
    write("chat-unread-said", unread ? (words.chat_unread ?? "") : "");
  };

  /** @param {string} who @param {string} text */
  const add = (who, text) => {
    const item = document.createElement("li");
    const name = document.createElement("b");
    const body = document.createElement("span");
    name.textContent = who;
    body.textContent = text; // never anything but text
    item.append(name, " ", body);
    part("chat-said").append(item);
    part("chat-said").scrollTop = part("chat-said").scrollHeight;
    return item;
  };

  const say = async () => {
    const text = field.value.trim().slice(0, MOST);
    if (!text || secrecy.mode !== "locked") return;
    field.value = "";
    send.disabled = true;
    setTimeout(show, REST_MS);
    const item = add(words.chat_me ?? "", text);
    item.dataset.sent = "";
    const state = item.appendChild(document.createElement("small"));
    state.textContent = words.chat_sending ?? "";
    for (const seat of secrecy.pairs.keys()) {
      const sealed = await chatWith(seat)?.seal({ text });
      if (!sealed) continue;
      underway.set(`${seat} ${sealed.n}`, state);
      client.write(seat, sealed.body);
    }
  };

  /** @param {{seat: string, body: string}} told */
  const hear = async ({ seat, body }) => {
    const chat = chatWith(seat);
    const said = await chat?.open(body);
    if (said?.got) {
      const state = underway.get(`${seat} ${said.got}`);
      if (state) state.textContent = words.chat_arrived ?? "";
      return;
    }
    const name = (seat === theirs ? part("far-name") : part("third-name")).textContent ?? "";
    if (said?.text !== undefined) add(name, String(said.text).slice(0, MOST));
    else add("", words.chat_unreadable ?? "");
    unread += 1;
    count();
    if (said && chat) client.write(seat, (await chat.seal({ got: said.n })).body);
  };

  secrecy.addEventListener("change", show);
  part("chat").addEventListener("click", () => setTimeout(count));
  send.addEventListener("click", () => {
    last = last.then(say).catch(() => {});
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send.click();
  });
  show();
  return (told) => {
    last = last.then(() => hear(told)).catch(() => {});
  };
}
