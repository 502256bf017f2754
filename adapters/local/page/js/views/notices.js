/** What is wrong right now, over everything; and small notes that go away by themselves. */

import { fill, h } from "../h.js";
import { icon } from "../icons.js";

const QUIET_MS = 1200;
const TOAST_MS = 6000;

/** @param {{again: () => void}} given */
export function createNotices({ again }) {
  const bar = h("div", { class: "notice", role: "status", hidden: true });
  const toasts = h("div", { class: "toasts", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  let what = "";

  /** @param {string} next */
  function show(next) {
    bar.hidden = !next;
    if (next === "lost") fill(bar, icon("cloud"), h("span", {}, "The connection is lost. What you write is kept, and sent when it is back."), h("button", { type: "button", class: "button small", on: { click: again } }, "Try now"));
    if (next === "down") fill(bar, icon("cloud"), h("span", {}, "Messages cannot be stored right now. What you write is kept, and sent as soon as they can."));
  }

  /** @param {import("../store.js").State} state */
  function update(state) {
    const next = state.phase !== "ready" ? "" : state.net !== "up" ? "lost" : state.down ? "down" : "";
    if (next === what) return;
    what = next;
    clearTimeout(later);
    // A blink of the network is not worth a word.
    if (next === "lost") later = setTimeout(() => show(next), QUIET_MS);
    else show(next);
  }

  /** @param {string} text */
  function toast(text) {
    const note = h("div", { class: "toast" }, h("span", {}, text), h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => note.remove() } }, icon("close")));
    toasts.append(note);
    setTimeout(() => note.remove(), TOAST_MS);
  }

  return { bar, toasts, update, toast };
}
