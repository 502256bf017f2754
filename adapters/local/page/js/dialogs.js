/** Dialogs: the browser's own, which keeps the keyboard inside and gives the focus back. */

import { h } from "./h.js";
import { icon } from "./icons.js";

/**
 * @param {string} title
 * @param {Node | Node[]} content
 * @param {{cls?: string, closed?: () => void}} [how]
 */
export function dialog(title, content, { cls = "", closed } = {}) {
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const close = () => node.close();
  const node = h(
    "dialog",
    { class: `dialog ${cls}`, "aria-label": title },
    h("header", {}, h("h2", {}, title), h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: close } }, icon("close"))),
    h("div", { class: "dialog-body" }, content),
  );
  node.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === node && outside(event, node) && close());
  node.addEventListener("close", () => {
    node.remove();
    closed?.();
    if (!back?.isConnected) return;
    // Chromium gives the focus back while the page is still inert, and then takes no typing there.
    back.blur();
    back.focus();
  });
  document.body.append(node);
  node.showModal();
  const first = node.querySelector("[autofocus], .dialog-body input, .dialog-body textarea, .dialog-body select, .dialog-body button");
  first?.focus();
  return { node, close };
}

/** @param {MouseEvent} event @param {HTMLElement} node */
function outside(event, node) {
  const at = node.getBoundingClientRect();
  return event.clientX < at.left || event.clientX > at.right || event.clientY < at.top || event.clientY > at.bottom;
}

/** @param {string} question @param {string} yes @param {boolean} danger @returns {Promise<boolean>} */
export function confirm(question, yes, danger) {
  return new Promise((answer) => {
    let said = false;
    const agree = () => {
      said = true;
      shown.close();
    };
    const shown = dialog(
      "Are you sure?",
      [
        h("p", {}, question),
        h(
          "div",
          { class: "form-end" },
          h("button", { type: "button", class: "button quiet", on: { click: () => shown.close() } }, "No, go back"),
          h("button", { type: "button", class: `button ${danger ? "danger" : "primary"}`, on: { click: agree } }, yes),
        ),
      ],
      { cls: "small", closed: () => answer(said) },
    );
  });
}

/** @param {string | null} src @param {string} alt @param {string} title */
export function showPicture(src, alt, title) {
  if (!src) return;
  dialog(title || "Picture", [
    h("img", { src, alt }),
    alt && alt !== title && h("p", { class: "help" }, alt),
    h("a", { class: "button small", href: src, target: "_blank", rel: "noopener" }, "Open at full size"),
  ].filter(Boolean), { cls: "picture-dialog" });
}
