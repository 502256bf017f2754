/** Keys that work everywhere, and the dialog that lists them. */

import { dialog } from "./dialogs.js";
import { h } from "./h.js";

/** @type {[string[], string][]} */
const LIST = [
  [["Ctrl", "K"], "Go anywhere, do anything"],
  [["/"], "Commands, in the box where you write"],
  [["Enter"], "Send"],
  [["Shift", "Enter"], "A new line"],
  [["↑"], "In an empty box: change your last message"],
  [["Tab"], "Take the chosen command"],
  [["Alt", "↑"], "The place above, or below with ↓"],
  [["F6"], "The next part: places, messages, writing, thread"],
  [["↑"], "In the messages: from one to the next, Tab for its buttons"],
  [["Ctrl", "F"], "Search in the page; with Shift: in all messages"],
  [["Esc"], "Close what is open"],
  [["?"], "This list"],
];

export function showKeys() {
  dialog(
    "Keys",
    h("table", { class: "keys" }, h("thead", { class: "unseen" }, h("tr", {}, h("th", { scope: "col" }, "Keys"), h("th", { scope: "col" }, "What they do"))),
      h("tbody", {}, LIST.map(([keys, does]) => h("tr", {}, h("td", {}, keys.flatMap((key, at) => [at ? " + " : null, h("kbd", {}, key)])), h("td", {}, does))))),
    { cls: "small" },
  );
}

/**
 * @param {object} given
 * @param {() => void} given.palette
 * @param {() => void} given.search
 * @param {(step: number) => void} given.step
 * @param {(back: boolean) => void} given.part
 * @param {() => void} given.escape
 * @param {() => void} given.command
 */
export function listen({ palette, search, step, part, escape, command }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const modal = document.querySelector("dialog[open]");
    const writing = /** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select");
    const ctrl = event.ctrlKey || event.metaKey;
    if (modal) return;
    if (ctrl && event.key.toLowerCase() === "k") palette();
    else if (ctrl && event.shiftKey && event.key.toLowerCase() === "f") search();
    else if (event.altKey && event.key === "ArrowUp") step(-1);
    else if (event.altKey && event.key === "ArrowDown") step(1);
    else if (event.key === "F6") part(event.shiftKey);
    else if (event.key === "Escape") return escape();
    else if (!writing && !ctrl && event.key === "?") showKeys();
    else if (!writing && !ctrl && !event.altKey && event.key === "/") command();
    else return;
    event.preventDefault();
  });
}
