/** Unsent text, kept per person and place, so that a reload or a look elsewhere loses nothing. */

const PREFIX = "dressrun.draft.";

/** @param {string} person @param {string} place */
const key = (person, place) => `${PREFIX}${person}.${place}`;

/** @param {string} person @param {string} place */
export function read(person, place) {
  try {
    return localStorage.getItem(key(person, place)) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} person @param {string} place @param {string} text */
export function keep(person, place, text) {
  try {
    if (text) localStorage.setItem(key(person, place), text);
    else localStorage.removeItem(key(person, place));
  } catch {
    // A full or forbidden storage: the text stays in its box.
  }
}
