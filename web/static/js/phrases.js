// Phrases in the note: from the menu, or by a key that is typed with a dot before it and a blank after it.

const KEY = /(^|\s)\.([a-zæøå0-9]{2,20})$/i;
const HOLE = "___"; // what only the doctor can fill in

const menu = /** @type {HTMLElement} */ (document.getElementById("phrases"));
const said = /** @type {HTMLElement} */ (document.getElementById("phrase-said"));
const buttons = /** @type {NodeListOf<HTMLElement>} */ (menu.querySelectorAll("[data-phrase]"));
const texts = new Map([...buttons].map((each) => [each.dataset.key ?? "", each.dataset.phrase ?? ""]));

/** @type {HTMLTextAreaElement | null} */
let last = document.querySelector("#note textarea");

for (const area of /** @type {NodeListOf<HTMLTextAreaElement>} */ (document.querySelectorAll("#note textarea"))) {
  area.addEventListener("focus", () => (last = area));
  area.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const before = area.value.slice(0, area.selectionStart);
    const key = KEY.exec(before)?.[2] ?? "";
    const text = texts.get(key.toLowerCase());
    if (text === undefined || area.selectionStart !== area.selectionEnd) return;
    event.preventDefault();
    put(area, before.length - key.length - 1, before.length, text);
  });
}

for (const each of buttons) {
  each.addEventListener("click", () => {
    if (last) put(last, last.selectionStart, last.selectionEnd, each.dataset.phrase ?? "");
  });
}

/** @param {HTMLTextAreaElement} area @param {number} from @param {number} to @param {string} text */
function put(area, from, to, text) {
  area.focus();
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true })); // so that the note is saved
  const hole = text.indexOf(HOLE);
  if (hole >= 0) area.setSelectionRange(from + hole, from + hole + HOLE.length);
  said.textContent = "";
  setTimeout(() => (said.textContent = menu.dataset.put ?? "")); // said again, though it is the same
}
