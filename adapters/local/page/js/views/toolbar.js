/** The small tools of the message that the pointer or the keyboard is on: one bar for all of them. */

import { h, fill } from "../h.js";
import { icon } from "../icons.js";
import { link } from "../route.js";

/**
 * @param {import("./message.js").Ctx} ctx
 * @param {HTMLElement} list
 */
export function toolbar(ctx, list) {
  const bar = h("div", { class: "tools", role: "toolbar", "aria-label": "Message tools" });

  const hide = () => bar.remove();

  /** @param {Event} event */
  function show(event) {
    const article = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("article.message"));
    if (!article || article.classList.contains("pending") || bar.parentElement === article) return;
    const message = find(article.dataset.id ?? "");
    if (!message || message.deleted || message.draft) return hide();
    const own = message.speaker.person !== null && message.speaker.person === ctx.store.get().me?.id;
    fill(
      bar,
      tool("Copy a link to this message", "link", () => copy(message)),
      own && tool("Edit", "pen", () => ctx.store.do({ type: "editing", editing: { place: message.place, message: message.id } })),
      own && tool("Delete", "bin", () => ctx.act.remove(message.place, message)),
    );
    article.append(bar);
  }

  /** @param {string} id */
  function find(id) {
    for (const all of Object.values(ctx.store.get().messages)) {
      const found = all.find((one) => one.id === id);
      if (found) return found;
    }
    return null;
  }

  /** @param {import("../types.js").Message} message */
  async function copy(message) {
    const url = `${location.origin}${location.pathname}${link(message.place, message.id)}`;
    try {
      await navigator.clipboard.writeText(url);
      ctx.toast("The link is copied.");
    } catch {
      ctx.act.go(message.place, message.id);
      ctx.toast("The link is in the address bar now.");
    }
  }

  list.addEventListener("pointerover", show);
  list.addEventListener("focusin", show);
  list.addEventListener("pointerleave", () => !bar.contains(document.activeElement) && hide());
  return { hide };
}

/** @param {string} name @param {string} sign @param {() => void} act */
function tool(name, sign, act) {
  return h("button", { type: "button", class: "icon-button", "aria-label": name, title: name, on: { click: act } }, icon(sign));
}
