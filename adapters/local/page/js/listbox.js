/**
 * A list of offers under or over an input, moved through with the arrow keys (ARIA combobox).
 *
 * Offers are asked for while somebody types on. A key that takes an offer is therefore kept until the list is the one
 * for what stands in the input: what was typed is never replaced by an offer for half of it.
 */

import { h, fill } from "./h.js";

let ids = 0;

/**
 * @param {HTMLElement} input
 * @param {object} given
 * @param {string} given.label
 * @param {(offer: any, how: "enter" | "tab" | "click") => void} given.take
 * @param {() => void} given.enter Enter was pressed, and no offer is chosen.
 */
export function createListbox(input, { label, take, enter }) {
  const id = `offers-${(ids += 1)}`;
  const list = h("ul", { id, role: "listbox", "aria-label": label });
  const usage = h("p", { class: "usage" });
  const node = h("div", { class: "offers", hidden: true }, usage, list);
  /** @type {any[]} */
  let items = [];
  let at = -1;
  let waiting = false;
  let dropped = false;
  /** @type {"enter" | "tab" | null} */
  let kept = null;
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

  /** The input has changed: another `show` or `hide` will follow. */
  function wait() {
    waiting = true;
    dropped = false;
    kept = null;
  }

  /** The list is the one for the input: the key that was kept for it does its work. */
  function settle() {
    const how = kept;
    waiting = false;
    kept = null;
    if (how && at >= 0) take(items[at], how);
    else if (how === "enter") enter();
  }

  function hide() {
    clear();
    settle();
  }

  /** The input is about something else now: no key that was kept for it does anything. */
  function forget() {
    waiting = false;
    dropped = true;
    kept = null;
    clear();
  }

  function clear() {
    items = [];
    at = -1;
    node.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {any[]} next @param {string} [words] @param {boolean} [first] Whether the first one is chosen. */
  function show(next, words = "", first = true) {
    if (dropped) return;
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
    settle();
  }

  /** @param {KeyboardEvent} event @returns {boolean} Whether the key was for the list. */
  function key(event) {
    const taking = !event.shiftKey && (event.key === "Enter" || event.key === "Tab");
    if (waiting && taking) kept = event.key === "Enter" ? "enter" : "tab";
    else if (event.key === "Escape" && (waiting || !node.hidden)) {
      dropped = waiting;
      waiting = false;
      clear();
    } else if (node.hidden) return false;
    else if (!items.length) return false;
    else if (event.key === "ArrowDown") choose((at + 1) % items.length);
    else if (event.key === "ArrowUp") choose((at - 1 + items.length) % items.length);
    else if (taking && at >= 0) take(items[at], event.key === "Enter" ? "enter" : "tab");
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  clear();
  return { node, wait, show, hide, forget, key, open: () => !node.hidden && items.length > 0 };
}
