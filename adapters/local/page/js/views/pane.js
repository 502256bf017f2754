/** A place on screen: its head, its messages, and where one writes. The middle and the thread are both one. */

import { createComposer } from "../composer.js";
import { fill, h } from "../h.js";
import { icon } from "../icons.js";
import { nameOf } from "../places.js";
import { ROLES, STATES } from "../words.js";
import { avatar } from "./avatar.js";
import { createTimeline } from "./timeline.js";

const IN_SIGHT = 3;

/**
 * @param {import("./message.js").Ctx} ctx
 * @param {object} given
 * @param {string} given.id
 * @param {string} given.cls
 * @param {string} given.tag
 * @param {() => Node[]} given.before Buttons at the start of the head.
 * @param {() => Node[]} given.after Buttons at its end.
 */
export function createPane(ctx, { id, cls, tag, before, after }) {
  const timeline = createTimeline(ctx);
  const composer = createComposer(ctx, { id, name: cls === "thread-pane" ? "Write in the thread" : "Write" });
  const title = h("h2", { tabindex: -1 });
  const people = h("div", { class: "members" });
  const pins = h("div", { class: "pins", hidden: true });
  const drop = h("div", { class: "drop", hidden: true }, h("p", {}, icon("clip"), "Let go to add the files"));
  const head = h("header", { class: "head" }, before(), h("div", { class: "head-words" }, title, people), after());
  const node = h(tag, { class: `pane ${cls}` }, head, pins, timeline.node, composer.node, drop);

  let depth = 0;
  const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  node.addEventListener("dragenter", (/** @type {DragEvent} */ event) => files(event) && ((depth += 1), (drop.hidden = false)));
  node.addEventListener("dragleave", (/** @type {DragEvent} */ event) => files(event) && (depth -= 1) <= 0 && (drop.hidden = true));
  node.addEventListener("dragover", (/** @type {DragEvent} */ event) => files(event) && event.preventDefault());
  node.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    composer.take(event.dataTransfer?.files ?? []);
    composer.box.focus();
  });

  /** @type {any[]} */
  let drawn = [];

  /** @param {import("../store.js").State} state @param {import("../types.js").Place} place */
  function update(state, place) {
    const all = state.messages[place.key] ?? [];
    // What stands in plain sight needs no second line that leads to it.
    const pinned = all.filter((one, at) => one.pinned && !one.deleted && (state.loaded[place.key]?.more || all.length - at > IN_SIGHT));
    const now = [place.key, place.title, place.state, place.members, state.people, pinned.at(-1)];
    if (!now.every((one, i) => one === drawn[i])) {
      drawn = now;
      const name = nameOf(state, place);
      fill(title, place.kind === "channel" && h("span", { class: "hash", "aria-hidden": "true" }, "# "), name);
      node.setAttribute("aria-label", place.kind === "thread" ? `Thread: ${name}` : name);
      timeline.scroller.setAttribute("aria-label", `Messages in ${name}`);
      fill(people, STATES[place.state] && place.kind === "thread" && h("span", { class: `state ${place.state}` }, STATES[place.state]), members(state, place));
      pin(pinned.at(-1));
    }
    timeline.update(state, place.key);
    composer.update(state, place.key);
  }

  /** @param {import("../store.js").State} state @param {import("../types.js").Place} place */
  function members(state, place) {
    const all = place.members.map((one) => state.people[one]).filter(Boolean);
    if (!all.length || place.kind === "channel") return h("span", {}, place.kind === "channel" ? "Everybody can read here" : "");
    const names = all.map((one) => `${one.name} (${ROLES[one.role]})`).join(", ");
    return h("span", { class: "faces", title: names }, all.slice(0, 5).map((one) => avatar(one.name, ctx.file(one.picture), "tiny")), h("span", { class: "names" }, all.map((one) => one.name).join(", ")));
  }

  /** @param {import("../types.js").Message | undefined} message */
  function pin(message) {
    pins.hidden = !message;
    if (!message) return;
    const words = message.title || message.text.split("\n")[0];
    fill(pins, h("button", { type: "button", on: { click: () => ctx.act.go(message.place, message.id) } }, icon("pin"), h("span", { class: "unseen" }, "Pinned: "), h("span", {}, words), h("small", {}, "Show")));
  }

  return { node, update, composer, timeline, title };
}
