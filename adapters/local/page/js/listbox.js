/** A list of offers under or over an input, moved through with the arrow keys (ARIA combobox). */

import { h, fill } from "./h.js";

let ids = 0;

/**
 * @param {HTMLElement} input
 * @param {object} given
 * @param {string} given.label
 * @param {(offer: any, how: "enter" | "tab" | "click") => void} given.take
 */
export function createListbox(input, { label, take }) {
  const id = `offers-${(ids += 1)}`;
  const list = h("ul", { id, role: "listbox", "aria-label": label });
  const usage = h("p", { class: "usage" });
  const node = h("div", { class: "offers", hidden: true }, usage, list);
  /** @type {any[]} */
  let items = [];
  let at = -1;
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", id);

  /** @param {number} next */
  function choose(next) {
    at = next;
    [...list.children].forEach((one, i) => {
      one.setAttribute("aria-selected", String(i === at));
      if (i === at) one.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) input.setAttribute("aria-activedescendant", `${id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function hide() {
    items = [];
    at = -1;
    node.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {any[]} next @param {string} [words] @param {boolean} [first] Whether the first one is chosen. */
  function show(next, words = "", first = true) {
    if (!next.length && !words) return hide();
    items = next;
    usage.textContent = words;
    usage.hidden = !words;
    list.hidden = !next.length;
    fill(
      list,
      next.map((one, i) =>
        h(
          "li",
          { id: `${id}-${i}`, role: "option", "aria-selected": "false", on: { mousedown: (/** @type {Event} */ event) => event.preventDefault(), click: () => take(one, "click") } },
          h("span", { class: "offer" }, one.label),
          one.hint && h("span", { class: "offer-hint" }, one.hint),
        ),
      ),
    );
    node.hidden = false;
    input.setAttribute("aria-expanded", String(next.length > 0));
    choose(first && next.length ? 0 : -1);
  }

  /** @param {KeyboardEvent} event @returns {boolean} Whether the key was for the list. */
  function key(event) {
    if (node.hidden) return false;
    if (event.key === "Escape") hide();
    else if (!items.length) return false;
    else if (event.key === "ArrowDown") choose((at + 1) % items.length);
    else if (event.key === "ArrowUp") choose((at - 1 + items.length) % items.length);
    else if (event.key === "Tab" && !event.shiftKey && at >= 0) take(items[at], "tab");
    else if (event.key === "Enter" && !event.shiftKey && at >= 0) take(items[at], "enter");
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  hide();
  return { node, show, hide, key, open: () => !node.hidden && items.length > 0 };
}
