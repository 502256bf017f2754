/** Buttons under messages and in cards. */

import { h } from "../h.js";
import { goodLink } from "./blocks.js";

/**
 * @param {import("../types.js").Choice[] | undefined} list
 * @param {import("../types.js").Message} message
 * @param {import("./message.js").Ctx} ctx
 * @param {string} [of] What the buttons belong to, for those who hear them out of place.
 */
export function choices(list, message, ctx, of = "") {
  if (!list?.length) return null;
  return h(
    "div",
    { class: "choices" },
    list.map((one) => (goodLink(one.link, ctx) ? link(one, ctx, of) : button(one, message, ctx, of))),
  );
}

/** @param {import("../types.js").Choice} one @param {import("./message.js").Ctx} ctx @param {string} of */
function link(one, ctx, of) {
  const href = goodLink(one.link, ctx);
  const away = /^https?:/.test(href ?? "");
  return h(
    "a",
    { class: `button ${one.style || "plain"}`, href, target: away ? "_blank" : null, rel: away ? "noopener noreferrer" : null, "aria-label": of ? `${one.label}: ${of}` : null },
    one.label,
  );
}

/** @param {import("../types.js").Choice} one @param {import("../types.js").Message} message @param {import("./message.js").Ctx} ctx @param {string} of */
function button(one, message, ctx, of) {
  const press = async (/** @type {MouseEvent} */ event) => {
    const node = /** @type {HTMLElement} */ (event.currentTarget);
    // Not `disabled`: that would take the keyboard's place away.
    if (node.getAttribute("aria-disabled") === "true") return;
    node.setAttribute("aria-disabled", "true");
    node.classList.add("working");
    await ctx.act.press(message, one);
    node.removeAttribute("aria-disabled");
    node.classList.remove("working");
  };
  return h(
    "button",
    { type: "button", class: `button ${one.style || "plain"}`, data: { focus: `choice:${one.id}` }, "aria-label": of ? `${one.label}: ${of}` : null, on: { click: press } },
    one.label,
    one.opens_form && " …",
  );
}
