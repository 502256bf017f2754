/** Search in the transcripts: results lead to the message itself. */

import { fill, h } from "../h.js";
import { icon } from "../icons.js";
import { plain } from "../markup.js";
import { nameOf } from "../places.js";
import { link } from "../route.js";
import { day, time } from "../times.js";
import { avatar } from "./avatar.js";
import { speakerOf } from "./message.js";

const WAIT_MS = 250;

/** @param {import("./message.js").Ctx} ctx */
export function createSearch(ctx) {
  const input = h("input", { type: "search", id: "search", placeholder: "Words that were said", autocomplete: "off" });
  const here = h("input", { type: "checkbox", id: "search-here" });
  const found = h("div", { class: "found" });
  const close = () => ctx.store.do({ type: "search", search: { open: false } });
  const node = h(
    "section",
    { class: "pane search-pane", "aria-label": "Search" },
    h("header", { class: "head" }, h("div", { class: "head-words" }, h("h2", {}, "Search")), h("button", { type: "button", class: "icon-button", "aria-label": "Close the search", on: { click: close } }, icon("close"))),
    h("form", { class: "search-form", role: "search", on: { submit: (/** @type {Event} */ event) => (event.preventDefault(), ask()) } }, h("label", { for: "search", class: "unseen" }, "Search for"), input, h("label", { class: "option" }, here, h("span", {}, "Only in this conversation"))),
    found,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  const ask = () => ctx.act.search(input.value, here.checked);
  input.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(ask, WAIT_MS);
  });
  here.addEventListener("change", ask);

  /** @type {any} */
  let drawn = null;

  /** @param {import("../store.js").State} state */
  function update(state) {
    if (drawn === state.search) return;
    if (state.search.open && !drawn?.open) setTimeout(() => input.focus());
    drawn = state.search;
    const { found: messages, busy, why, q } = state.search;
    if (why) fill(found, h("p", { class: "note" }, why));
    else if (!q.trim()) fill(found, h("p", { class: "note" }, "Search everything that you may read: what was said, ordered and shown."));
    else if (busy && !messages) fill(found, h("p", { class: "note" }, "Looking …"));
    else if (!messages?.length) fill(found, h("p", { class: "note" }, "Nothing was found. Try a shorter word."));
    else fill(found, h("ul", {}, messages.map((one) => h("li", {}, result(state, one)))));
  }

  /** @param {import("../store.js").State} state @param {import("../types.js").Message} one */
  function result(state, one) {
    const place = state.places[one.place];
    const name = speakerOf(one);
    return h(
      "a",
      { class: "result", href: link(one.place, one.id) },
      avatar(name, ctx.file(one.speaker.picture), "small"),
      h("span", {}, h("b", {}, name), h("small", {}, ` ${day(one.at)} ${time(one.at)}`), h("span", { class: "result-text" }, marked(excerpt(plain(one.text || one.title), state.search.q), state.search.q)), place && h("small", {}, nameOf(state, place))),
    );
  }

  return { node, update };
}

/** @param {string} text @param {string} q */
function excerpt(text, q) {
  const at = Math.max(0, text.toLowerCase().indexOf(q.trim().toLowerCase()) - 50);
  return `${at ? "… " : ""}${text.slice(at, at + 180)}${text.length > at + 180 ? " …" : ""}`;
}

/** @param {string} text @param {string} q */
function marked(text, q) {
  const like = q.trim().toLowerCase();
  const at = text.toLowerCase().indexOf(like);
  if (!like || at < 0) return [text];
  return [text.slice(0, at), h("mark", {}, text.slice(at, at + like.length)), text.slice(at + like.length)];
}
