// The seats of a room by number, and the numbers of keys: epoch × 4 + seat.

const NAMES = ["doctor", "patient", "guest"]; // in the order of their numbers; two now, a third fits
const MOST = 4n;

/** @param {string} name @returns {number} */
export const place = (name) => NAMES.indexOf(name);
/** @param {number} seat */
export const nameOf = (seat) => NAMES[seat] ?? "";
/** @param {number} epoch @param {number} seat */
export const keyNumber = (epoch, seat) => BigInt(epoch) * MOST + BigInt(seat);
/** @param {bigint} kid */
export const seatOf = (kid) => kid % MOST;
