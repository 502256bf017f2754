/** What a place says before anybody has written in it. */

import { h } from "../h.js";
import { icon } from "../icons.js";
import { nameOf } from "../places.js";
import { LIST } from "../words.js";

/** @param {import("../store.js").State} state @param {string} key @param {import("./message.js").Ctx} ctx */
export function emptyPlace(state, key, ctx) {
  const place = state.places[key];
  if (place?.kind === "thread") return h("div", { class: "empty" }, h("p", {}, "It begins in a moment."));
  if (place?.kind === "dm") return h("div", { class: "empty" }, h("h3", {}, nameOf(state, place)), h("p", {}, "Only the two of you can read what is written here."));
  return welcome(key, ctx);
}

/** @param {string} key @param {import("./message.js").Ctx} ctx */
export function welcome(key, ctx) {
  const see = () => ctx.act.command(key, LIST);
  return h(
    "div",
    { class: "empty welcome" },
    h("img", { src: "/local/page/icon.svg", alt: "", width: 56, height: 56 }),
    h("h3", {}, "Rehearse a difficult conversation"),
    h("p", {}, "Talk with a patient, a client or a customer who is played for you. They remember, they react, and nobody is hurt when it goes wrong."),
    h(
      "ol",
      { class: "steps" },
      h("li", {}, h("b", {}, "Choose"), "a scenario and press Start."),
      h("li", {}, h("b", {}, "Talk"), "as you would in real life: just write."),
      h("li", {}, h("b", {}, "Look back"), "at what went well, with evidence."),
    ),
    h("button", { type: "button", class: "button primary large", data: { focus: "scenarios" }, on: { click: see } }, icon("cards"), "See the scenarios"),
    h("p", { class: "hint" }, "Or type ", h("kbd", {}, "/"), " to see everything you can do."),
  );
}
