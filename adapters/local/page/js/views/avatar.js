/** A picture of somebody, or their initials on a calm colour that stays theirs. */

import { h } from "../h.js";

const HUES = 8;

/**
 * @param {string} name
 * @param {string | null} picture An address that may be used as it is.
 * @param {string} [more] Further class names.
 */
export function avatar(name, picture, more = "") {
  const box = h("span", { class: `avatar hue-${hue(name)} ${more}`, "aria-hidden": "true" }, initials(name));
  if (picture) {
    const image = h("img", { src: picture, alt: "", loading: "lazy", width: 36, height: 36 });
    image.addEventListener("error", () => image.remove());
    box.append(image);
  }
  return box;
}

/** @param {string} name */
export function initials(name) {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const marks = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
  return marks.map((part) => [...part][0].toUpperCase()).join("") || "?";
}

/** @param {string} name */
function hue(name) {
  let sum = 0x811c9dc5; // FNV-1a
  for (const mark of name) sum = Math.imul(sum ^ (mark.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return ((sum ^ (sum >>> 13)) >>> 0) % HUES;
}
