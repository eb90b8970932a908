// How long a page that has lost the service waits until it tries again. Thousands lose it at the same
// moment, and each of them costs the server some milliseconds: they have to come back one by one.

const LONGEST_MS = [500, 2000, 8000, 20000]; // for the first try, the second …; a blip of the network is over at once
const TOLD = 2; // where one begins whom the service itself has sent away: everybody was, and it will take a while
const SENT_AWAY = [1012, 1013]; // it restarts, or cannot keep up

/**
 * @param {number} tries that have failed since the page was last shown anything
 * @param {number} code that the socket was closed with
 * @param {number} chance from 0 up to 1, another one each time
 * @returns {number} milliseconds
 */
export function pause(tries, code, chance) {
  const step = tries + (SENT_AWAY.includes(code) ? TOLD : 0);
  const longest = LONGEST_MS[Math.min(step, LONGEST_MS.length - 1)] ?? 0;
  return longest * (0.2 + 0.8 * chance);
}
