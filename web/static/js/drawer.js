// What was typed and is not saved yet, kept in this tab: for a page that is loaded anew, or a browser
// that dies. It lies there encrypted. The key is made of the token of the page's form: whoever is
// signed in gets the same one with the next page, and nobody gets it afterwards.

const NONCE = 12; // bytes, as AES-GCM wants them

export class Drawer {
  /** @param {string} name of what lies in it @param {string} token */
  constructor(name, token) {
    this.name = name;
    this.key = keyOf(name, token);
    this.turn = 0;
  }

  /** @param {unknown} value the newest; what was put in before is forgotten */
  async put(value) {
    const turn = ++this.turn;
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await this.key, plain);
    if (turn === this.turn) sessionStorage.setItem(this.name, text([...nonce, ...new Uint8Array(sealed)]));
  }

  /** @returns {Promise<any>} what lies there, or null; also when it was put there by somebody else */
  async look() {
    try {
      const bytes = Uint8Array.from(atob(sessionStorage.getItem(this.name) ?? ""), (each) => each.charCodeAt(0));
      const how = { name: "AES-GCM", iv: bytes.slice(0, NONCE) };
      const plain = await crypto.subtle.decrypt(how, await this.key, bytes.slice(NONCE));
      return JSON.parse(new TextDecoder().decode(plain));
    } catch {
      return null;
    }
  }

  clear() {
    this.turn += 1;
    sessionStorage.removeItem(this.name);
  }
}

/** @param {string} name @param {string} token */
async function keyOf(name, token) {
  const [info, raw] = [name, token].map((each) => new TextEncoder().encode(each));
  const root = await crypto.subtle.importKey("raw", raw ?? new Uint8Array(), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: info ?? new Uint8Array() };
  return crypto.subtle.deriveKey(how, root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** @param {number[]} bytes */
function text(bytes) {
  return btoa(bytes.map((each) => String.fromCharCode(each)).join(""));
}
