/** The whole: places on the left, messages in the middle, a thread or the search on the right. */

import { fill, h } from "../h.js";
import { icon } from "../icons.js";
import { shown, unreadInAll } from "../places.js";
import { link } from "../route.js";
import { PRODUCT } from "../words.js";
import { welcome } from "./empty.js";
import { createPane } from "./pane.js";
import { createSearch } from "./search.js";
import { createSidebar } from "./sidebar.js";

/**
 * @param {import("./message.js").Ctx} ctx
 * @param {ReturnType<typeof import("./notices.js").createNotices>} notices
 * @param {Parameters<typeof createSidebar>[1]} open
 */
export function createApp(ctx, notices, open) {
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  const sidebar = createSidebar(ctx, open);
  const search = createSearch(ctx);
  const button = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {() => void} */ act, /** @type {string} */ cls) =>
    h("button", { type: "button", class: `icon-button ${cls}`, "aria-label": name, title: name, on: { click: act } }, icon(sign));
  const toPlaces = () => root.classList.add("on-places");
  // Also to the place that was open before: then nothing else would lead back to it.
  sidebar.node.addEventListener("click", (event) => {
    if (/** @type {HTMLElement} */ (event.target).closest("a[href^='#'], .begin button")) root.classList.remove("on-places");
  });
  const closeThread = () => {
    const { main } = shown(ctx.store.get());
    if (main) ctx.act.go(main.key);
  };
  const main = createPane(ctx, { id: "composer", cls: "main-pane", tag: "main", before: () => [button("Back to the places", "back", toPlaces, "only-narrow")], after: () => [button("Search messages", "search", open.search, "")] });
  const thread = createPane(ctx, {
    id: "composer-thread",
    cls: "thread-pane",
    tag: "section",
    before: () => [button("Back", "back", closeThread, "only-narrow")],
    after: () => [button("Wider or narrower", "wide", () => root.classList.toggle("wide-thread"), "only-wide"), button("Close the thread", "close", closeThread, "only-wide")],
  });
  const nowhere = h("main", { class: "pane nowhere" });
  let attached = "";
  let place = "";

  /** @param {import("../store.js").State} state */
  function update(state) {
    notices.update(state);
    if (state.phase !== "ready") return outside(state);
    if (attached !== "ready") {
      attached = "ready";
      fill(root, notices.bar, sidebar.node, main.node, nowhere, thread.node, search.node, notices.toasts);
    }
    const at = shown(state);
    sidebar.update(state);
    search.update(state);
    main.node.hidden = !at.main;
    nowhere.hidden = Boolean(at.main);
    thread.node.hidden = !at.thread || state.search.open;
    search.node.hidden = !state.search.open;
    root.classList.toggle("has-thread", Boolean(at.thread) && !state.search.open);
    root.classList.toggle("has-search", state.search.open);
    if (place !== state.route.place) {
      place = state.route.place;
      root.classList.remove("on-places");
    }
    if (at.main) main.update(state, at.main);
    else if (!nowhere.childElementCount) fill(nowhere, welcome("", ctx));
    if (at.thread) thread.update(state, at.thread);
    const unread = unreadInAll(state);
    const title = at.thread?.title || at.main?.title;
    document.title = `${unread ? `(${unread}) ` : ""}${title ? `${title} · ` : ""}${PRODUCT}`;
  }

  /** Before the workspace is there. @param {import("../store.js").State} state */
  function outside(state) {
    if (attached === state.phase) return;
    attached = state.phase;
    if (state.phase === "loading") return fill(root, h("p", { class: "booting", role: "status" }, "Opening the workspace …"));
    const signIn = state.phase === "sign-in";
    fill(
      root,
      h(
        "main",
        { class: "outside" },
        h("img", { src: "/local/page/icon.svg", alt: "", width: 56, height: 56 }),
        h("h1", {}, signIn ? "Please sign in" : "The workspace does not answer"),
        h("p", {}, state.why || (signIn ? "Open the link that you were given. No link? Ask whoever runs this server." : "It is tried again by itself.")),
        h("button", { type: "button", class: "button primary", on: { click: () => location.reload() } }, "Try again"),
      ),
    );
  }

  return {
    update,
    main,
    thread,
    /** The composer of what is in front. */
    writing: () => (shown(ctx.store.get()).thread ? thread : main).composer,
    closeThread,
    /** Goes round the parts of the page. @param {boolean} back */
    part(back) {
      const parts = [sidebar.node.querySelector("a.here, nav a"), main.timeline.scroller, main.composer.box, thread.timeline.scroller, thread.composer.box].filter((one) => one && one.offsetParent);
      const at = parts.findIndex((one) => one === document.activeElement || (one !== document.body && one.contains(document.activeElement)));
      parts[(at + (back ? -1 : 1) + parts.length) % parts.length]?.focus();
    },
    /** The place above or below in the list. @param {number} step */
    step(step) {
      const all = [...sidebar.node.querySelectorAll("nav a")];
      const at = all.findIndex((one) => one.getAttribute("href") === link(ctx.store.get().route.place));
      const next = all[(at + step + all.length) % all.length];
      if (next) location.hash = next.getAttribute("href");
    },
  };
}
