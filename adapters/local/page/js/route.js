/** Addresses inside the page: `#/place` and `#/place/message`. */

/** @param {string} hash */
export function parse(hash) {
  const [place = "", message = ""] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { place, message };
}

/** @param {string} place @param {string} [message] */
export const link = (place, message) =>
  `#/${encodeURIComponent(place)}${message ? `/${encodeURIComponent(message)}` : ""}`;

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
