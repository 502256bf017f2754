/** One message, and one that is still on its way. */

import { h, fill } from "../h.js";
import { icon } from "../icons.js";
import { render } from "../markup.js";
import { full, time } from "../times.js";
import { PRODUCT, QUICK, ROLES } from "../words.js";
import { avatar } from "./avatar.js";
import { blocks, files } from "./blocks.js";
import { choices } from "./choices.js";

/**
 * @typedef {object} Ctx What views may use.
 * @property {import("../store.js").Store} store
 * @property {import("../actions.js").Actions} act
 * @property {(url: string | null | undefined) => string | null} file
 * @property {(person: string) => string} nameOf
 * @property {(src: string | null, alt: string, title: string) => void} showPicture
 * @property {() => import("../api.js").Api} api
 * @property {(text: string) => void} toast
 */

/** @param {import("../types.js").Message} message */
export const speakerOf = (message) => message.speaker.name || PRODUCT;

/**
 * @param {import("../types.js").Message} message
 * @param {{follows: boolean, role: string, own: boolean, target: boolean, cut: boolean}} how `cut`: what grew cannot grow on.
 * @param {Ctx} ctx
 */
export function messageNode(message, how, ctx) {
  const name = speakerOf(message);
  const cls = ["message", how.follows && "follows", message.only_for && "private", message.draft && "draft", how.cut && "cut", how.target && "target", how.own && "own", `by-${message.speaker.role}`];
  const when = h("time", { datetime: message.at, title: full(message.at) }, time(message.at));
  const node = h(
    "article",
    { class: cls.filter(Boolean).join(" "), tabindex: -1, data: { id: message.id }, "aria-label": `${name}, ${time(message.at)}` },
    how.follows ? h("span", { class: "gutter" }, when) : face(message, ctx),
    h(
      "div",
      { class: "body" },
      !how.follows && header(name, how.role, message, when),
      message.only_for && h("p", { class: "only" }, icon("eye"), "Only you can see this"),
      message.deleted ? h("p", { class: "gone" }, "This message was deleted.") : content(message, how.cut, ctx),
    ),
  );
  node.shown = message.text;
  return node;
}

/** A draft grows in place: its text is set anew, and nothing around it moves. @param {any} node @param {import("../types.js").Message} message @param {Ctx} ctx */
export function grow(node, message, ctx) {
  if (!message.draft || node.shown === message.text) return;
  node.shown = message.text;
  const box = node.querySelector(".prose");
  if (box) fill(box, message.text ? render(message.text, ctx.nameOf) : dots());
}

/** @param {import("../types.js").Message} message @param {Ctx} ctx */
function face(message, ctx) {
  const product = message.speaker.role === "bot" && !message.speaker.picture;
  const picture = product ? "/local/page/icon.svg" : ctx.file(message.speaker.picture);
  return avatar(speakerOf(message), picture, product ? "product" : "");
}

/** @param {string} name @param {string} role @param {import("../types.js").Message} message @param {Node} when */
function header(name, role, message, when) {
  const badge = message.speaker.role === "person" ? ROLES[role] : message.speaker.role === "bot" ? "App" : "";
  return h(
    "header",
    {},
    h("b", { class: "name" }, name),
    badge && h("span", { class: `badge ${message.speaker.role === "person" ? role : "by-app"}` }, badge),
    when,
    message.pinned && h("span", { class: "pinned", title: "Pinned" }, icon("pin"), h("span", { class: "unseen" }, "Pinned")),
  );
}

/** @param {import("../types.js").Message} message @param {boolean} cut @param {Ctx} ctx */
function content(message, cut, ctx) {
  // What stands as a button under every thread need not stand on its card too.
  const offered = message.pinned ? message.choices?.filter((one) => !QUICK.includes(one.id)) : message.choices;
  // Scenario cards say what the list in the text says; the text stays for notifications and search.
  const cards = (message.blocks ?? []).filter((one) => one.kind === "card").length > 1;
  return [
    message.title && h("h3", {}, message.title),
    (message.text || (message.draft && !cut)) &&
      !cards &&
      h("div", { class: "prose" }, message.text ? render(message.text, ctx.nameOf) : dots()),
    message.draft && cut && h("span", { class: "edited" }, "(unfinished)"),
    message.edited && h("span", { class: "edited" }, "(edited)"),
    blocks(message, ctx),
    files(message.files, ctx),
    choices(offered, message, ctx),
  ].flat();
}

export const dots = () => h("span", { class: "dots", role: "img", "aria-label": "writing" }, h("i"), h("i"), h("i"));

/**
 * @param {import("../store.js").Pending} one
 * @param {import("../types.js").Person} me
 * @param {Ctx} ctx
 */
export function pendingNode(one, me, ctx) {
  return h(
    "article",
    { class: `message pending ${one.status}`, tabindex: -1, data: { id: one.event_id }, "aria-label": `${me.name}, ${pendingWord(one)}` },
    avatar(me.name, ctx.file(me.picture)),
    h(
      "div",
      { class: "body" },
      h("header", {}, h("b", { class: "name" }, me.name), h("span", { class: `badge ${me.role}` }, ROLES[me.role]), h("span", { class: "status" }, pendingWord(one))),
      one.text && h("div", { class: "prose" }, render(one.text, ctx.nameOf)),
      one.files.length > 0 && h("p", { class: "edited" }, one.files.map((file) => file.name).join(", ")),
      (one.status === "waiting" || one.status === "refused") && pendingWhy(one, ctx),
    ),
  );
}

/** @param {import("../store.js").Pending} one @param {Ctx} ctx */
function pendingWhy(one, ctx) {
  return h(
    "div",
    { class: "unsent" },
    h("p", {}, one.why),
    h("button", { type: "button", class: "button small", data: { focus: "retry" }, on: { click: () => ctx.act.outbox.retry(one.event_id) } }, icon("again"), "Try again"),
    h("button", { type: "button", class: "button small quiet", on: { click: () => ctx.act.outbox.drop(one.event_id) } }, "Take back"),
  );
}

/** @param {import("../store.js").Pending} one */
function pendingWord(one) {
  return { sending: "Sending …", stored: "Sent", waiting: "Not sent yet", refused: "Not sent" }[one.status];
}
