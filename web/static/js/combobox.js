// A line of text with a list of what it may become (WAI-ARIA's combobox with a list): arrows go through the
// list, Enter takes, Escape closes it. The focus stays in the line all the time.

const WAIT_MS = 150; // while somebody types on

/** @typedef {{code: string, term: string}} Found */

for (const each of document.querySelectorAll(".combobox")) combobox(/** @type {HTMLElement} */ (each));

/** @param {HTMLElement} whole */
function combobox(whole) {
  const words = whole.dataset;
  const line = /** @type {HTMLInputElement} */ (whole.querySelector("input"));
  const list = /** @type {HTMLElement} */ (whole.querySelector("[role=listbox]"));
  const said = /** @type {HTMLElement} */ (whole.querySelector("[role=status]"));
  /** @type {Found[]} */
  let found = [];
  let at = -1; // in the list; -1 is the line itself
  let timer = 0;
  let asked = 0;

  line.setAttribute("role", "combobox");
  line.setAttribute("aria-autocomplete", "list");
  line.setAttribute("aria-controls", list.id);
  close();

  line.addEventListener("input", () => {
    clearTimeout(timer);
    said.textContent = "";
    timer = setTimeout(look, WAIT_MS);
  });
  line.addEventListener("keydown", pressed);
  line.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the line keeps the focus
  list.addEventListener("click", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (list.hidden) {
      if (event.key !== "ArrowDown") return;
      void look();
    } else if (event.key === "ArrowDown") go(at + 1 < found.length ? at + 1 : -1);
    else if (event.key === "ArrowUp") go(at < 0 ? found.length - 1 : at - 1);
    else if (event.key === "Enter" && at >= 0) take(at);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault(); // Enter must not send the form while something is being chosen
  }

  async function look() {
    const turn = ++asked;
    const typed = line.value.trim();
    if (!typed) return close();
    try {
      const answer = await fetch(`${words.source}?${new URLSearchParams({ q: typed })}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (turn === asked && document.activeElement === line) show(told.found, typed);
    } catch {
      if (turn === asked) said.textContent = words.failed ?? "";
    }
  }

  /** @param {Found[]} now @param {string} typed */
  function show(now, typed) {
    const whole = now.find((each) => each.code === typed.toUpperCase());
    if (whole) {
      close(); // there is nothing left to choose
      said.textContent = whole.term;
      return;
    }
    found = now;
    list.replaceChildren(...found.map(option));
    if (!found.length) close();
    list.hidden = !found.length;
    line.setAttribute("aria-expanded", String(!list.hidden));
    go(-1);
    said.textContent = (found.length ? words.some : words.none)?.replace("{n}", String(found.length)) ?? "";
  }

  /** @param {Found} each @param {number} n */
  function option(each, n) {
    const made = document.createElement("li");
    made.id = `${line.id}-${n}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    const code = document.createElement("span");
    code.className = "figures";
    code.textContent = each.code;
    made.append(code, ` ${each.term}`);
    return made;
  }

  /** @param {number} n */
  function go(n) {
    at = n;
    [...list.children].forEach((each, k) => each.setAttribute("aria-selected", String(k === n)));
    if (n < 0) return line.removeAttribute("aria-activedescendant");
    line.setAttribute("aria-activedescendant", `${line.id}-${n}`);
    list.children[n]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} n */
  function take(n) {
    const chosen = found[n];
    if (!chosen) return;
    close();
    line.value = chosen.code;
    line.dispatchEvent(new Event("input", { bubbles: true })); // so that the note is saved
    clearTimeout(timer);
    said.textContent = chosen.term;
  }

  function close() {
    asked++; // an answer that comes now is too late
    clearTimeout(timer);
    list.hidden = true;
    line.setAttribute("aria-expanded", "false");
    line.removeAttribute("aria-activedescendant");
    at = -1;
  }
}
