// When a line is too narrow for a picture, and when one is tried again. No DOM, no clock: a state, a
// sample, and what time it is.
//
// While no picture is sent, nobody can measure whether there would be room for one. So it is tried,
// after a calm while; and later each time that it turns out to have been too soon.

const TIGHT_KBIT = 150; // what the browser believes it may send; with less, sound suffers from the picture
const HEAVY = 0.2; // of all packets lost: sound still can be understood, a picture stands still
const SLIGHT = 0.05; // less than this is calm
const BAD_MS = 6000; // for so long, and the picture is taken away
const CALM_MS = 15_000; // for so long, and it is tried again
const MOST_CALM_MS = 120_000;
const SETTLING_MS = 8000; // a picture that was just begun: the browser feels its way
const HELD_MS = 60_000; // a picture that stood for so long was not begun too soon

/**
 * @typedef {{kbit?: number | undefined, lost?: number | undefined}} Sample what the browser believes it may
 *   send, and the share of packets that the other end misses; what is not known is left out
 * @typedef {{isNarrow: boolean, since: number, turned: number, calm: number}} Line `since`: from when on it
 *   has been as it would have to be to turn, 0 when it is not; `turned`: when it last did; `calm`: how long
 *   it has to be calm, in milliseconds
 */

/** @type {Line} */
export const WIDE = { isNarrow: false, since: 0, turned: 0, calm: CALM_MS };

/** @param {Line} line @param {Sample} sample @param {number} now milliseconds @returns {Line} */
export function next(line, sample, now) {
  if (!line.isNarrow && isSilent(sample)) return line;
  const isSettling = !line.isNarrow && line.turned > 0 && now - line.turned < SETTLING_MS;
  const speaksForIt = line.isNarrow ? isCalm(sample) : isBad(sample) && !isSettling;
  if (!speaksForIt) return { ...line, since: 0 };
  const since = line.since || now;
  if (now - since < (line.isNarrow ? line.calm : BAD_MS)) return { ...line, since };
  return { isNarrow: !line.isNarrow, since: 0, turned: now, calm: calmAfter(line, now) };
}

/**
 * Nobody has reported since the last look: the other end may be away, and that says nothing of this line.
 * @param {Sample} sample
 */
const isSilent = ({ kbit = Infinity, lost }) => lost === undefined && kbit >= TIGHT_KBIT;

/** @param {Sample} sample */
const isBad = ({ kbit = Infinity, lost = 0 }) => kbit < TIGHT_KBIT || lost >= HEAVY;

/** @param {Sample} sample */
const isCalm = ({ lost = 0 }) => lost < SLIGHT;

/** @param {Line} line that turns now @param {number} now */
function calmAfter({ isNarrow, turned, calm }, now) {
  if (isNarrow) return calm;
  const wasTooSoon = turned > 0 && now - turned < HELD_MS;
  return wasTooSoon ? Math.min(2 * calm, MOST_CALM_MS) : CALM_MS;
}
