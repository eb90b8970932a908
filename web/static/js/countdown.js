// Minutes that run: counted from the server's clock, whatever the device's own clock says.

/** @type {Map<Element, number>} the server's clock minus ours, as each element was seen first */
const offsets = new Map();

/** @param {HTMLElement} element */
function serverNow(element) {
  if (!offsets.has(element)) {
    offsets.set(element, Date.parse(element.dataset.serverNow ?? "") - Date.now());
  }
  return Date.now() + (offsets.get(element) ?? 0);
}

/** @param {HTMLElement} element */
function countDown(element) {
  const left = Date.parse(element.dataset.deadline ?? "") - serverNow(element);
  const minutes = Math.floor(left / 60000);
  const words = element.dataset;
  const text = minutes > 1 ? words.many?.replace("{n}", String(minutes)) : minutes === 1 ? words.one : words.soon;
  if (text && element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} element */
function countUp(element) {
  if ("still" in element.dataset) return;
  const minutes = Math.floor((serverNow(element) - Date.parse(element.dataset.since ?? "")) / 60000);
  const text = element.querySelector("[data-text]");
  if (text) text.textContent = String(minutes);
  element.classList.toggle("over", minutes >= Number(element.dataset.length));
}

function tick() {
  for (const each of offsets.keys()) if (!each.isConnected) offsets.delete(each);
  document.querySelectorAll("[data-deadline]").forEach((each) => countDown(/** @type {HTMLElement} */ (each)));
  document.querySelectorAll("[data-since]").forEach((each) => countUp(/** @type {HTMLElement} */ (each)));
}

tick();
setInterval(tick, 1000);
