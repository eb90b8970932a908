// The short code that two people compare by voice: five words out of 64. They are the same in every
// language of the page, for both must have the same. No two are alike over a poor line.

const WORDS = [
  "anker", "ballong", "banan", "benk", "bil", "blomst", "bok", "brev",
  "bukse", "buss", "diamant", "drage", "elefant", "elg", "eple", "fiolin",
  "fisk", "flagg", "fly", "gaffel", "gitar", "gulrot", "hammer", "hatt",
  "hest", "hus", "iglo", "jakke", "kaktus", "kamera", "kanin", "katt",
  "kirke", "klokke", "kompass", "krone", "lampe", "magnet", "mandarin", "nisse",
  "ost", "papegoye", "paraply", "pingvin", "potet", "radio", "rakett", "robot",
  "saks", "seilskute", "sjiraff", "skilpadde", "sofa", "sol", "spade", "sykkel",
  "telefon", "tiger", "traktor", "tromme", "ugle", "vaffel", "vulkan", "zebra",
];
const BITS = 6n; // of 64 words
const HOW_MANY = 5; // 30 bits: who sits between has one guess, and is right once in a thousand million

/** @param {bigint} number of which the lowest thirty bits count @returns {string[]} */
export const wordsOf = (number) =>
  Array.from({ length: HOW_MANY }, (_, at) => {
    const place = (number >> (BITS * BigInt(HOW_MANY - 1 - at))) & 63n;
    return WORDS[Number(place)] ?? "";
  });
