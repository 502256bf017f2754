/** What is wrong right now, over everything; and small notes that go away by themselves. */

import { fill, h } from "../h.js";
import { icon } from "../icons.js";
import { AWAY } from "../words.js";

const TOAST_MS = 6000;

/** @param {{again: () => void}} given */
export function createNotices({ again }) {
  const bar = h("div", { class: "notice", role: "status", hidden: true });
  const toasts = h("div", { class: "toasts", role: "status" });
  let what = "";

  /** @param {import("../store.js").State} state */
  function update(state) {
    const next = state.phase !== "ready" ? "" : state.net in AWAY ? state.net : state.down ? "down" : "";
    if (next === what) return;
    what = next;
    bar.hidden = !next;
    const retry = next !== "down" && h("button", { type: "button", class: "button small", on: { click: again } }, "Try now");
    if (next) fill(bar, icon("cloud"), h("span", {}, AWAY[next]), retry);
  }

  /** @param {string} text */
  function toast(text) {
    const note = h("div", { class: "toast" }, h("span", {}, text), h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => note.remove() } }, icon("close")));
    toasts.append(note);
    setTimeout(() => note.remove(), TOAST_MS);
  }

  return { bar, toasts, update, toast };
}
