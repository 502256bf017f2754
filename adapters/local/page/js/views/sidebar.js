/** The left column: scenarios, channels with their threads, direct messages, and who this tab is. */

import { fill, h } from "../h.js";
import { icon } from "../icons.js";
import { showKeys } from "../keys.js";
import { channels, directs, firstChannel, nameOf, ofBot, otherIn, shown, threads } from "../places.js";
import { link } from "../route.js";
import { nextTheme, theme } from "../theme.js";
import { LIST, PRODUCT, ROLES, STATES } from "../words.js";
import { avatar } from "./avatar.js";

const THREADS_SHOWN = 8;
const ICON = "/local/page/icon.svg";
const ORDER = ["trainee", "instructor", "admin"];

/**
 * @param {import("./message.js").Ctx} ctx
 * @param {{search: () => void, palette: () => void, become: (id: string) => void, people: () => void}} open
 */
export function createSidebar(ctx, open) {
  const places = h("nav", { class: "places", "aria-label": "Places" });
  const who = h("div", { class: "who" });
  const themeButton = h("button", { type: "button", class: "icon-button", on: { click: turn } });
  const node = h(
    "aside",
    { class: "sidebar", "aria-label": "Workspace" },
    h(
      "header",
      { class: "brand" },
      h("img", { src: ICON, alt: "", width: 28, height: 28 }),
      h("h1", {}, PRODUCT),
      h("button", { type: "button", class: "icon-button", "aria-label": "Search messages", title: "Search messages", on: { click: open.search } }, icon("search")),
    ),
    h("div", { class: "begin" }, h("button", { type: "button", class: "button primary", data: { focus: "scenarios" }, on: { click: list } }, icon("cards"), "Scenarios")),
    places,
    h(
      "footer",
      {},
      who,
      h(
        "div",
        { class: "small-tools" },
        h("button", { type: "button", class: "go-anywhere", on: { click: open.palette } }, "Go anywhere", h("kbd", {}, /Mac/.test(navigator.platform) ? "⌘ K" : "Ctrl K")),
        themeButton,
        h("button", { type: "button", class: "icon-button", "aria-label": "Keys", title: "Keys (?)", on: { click: showKeys } }, icon("keys")),
      ),
    ),
  );
  sayTheme();

  function list() {
    const state = ctx.store.get();
    const at = shown(state).main ?? firstChannel(state);
    if (!at) return;
    ctx.act.go(at.key);
    void ctx.act.command(at.key, LIST);
  }

  function turn() {
    nextTheme();
    sayTheme();
  }

  function sayTheme() {
    const now = theme();
    const name = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" }[now] ?? "";
    fill(themeButton, icon({ auto: "auto", light: "sun", dark: "moon" }[now] ?? "auto"));
    themeButton.setAttribute("aria-label", `${name}. Change`);
    themeButton.title = name;
  }

  /** @type {any[]} */
  let drawn = [];

  /** @param {import("../store.js").State} state */
  function update(state) {
    const now = [state.places, state.route.place, state.people, state.me, state.identities];
    if (now.every((one, i) => one === drawn[i])) return;
    drawn = now;
    const focus = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.focus;
    fill(
      places,
      h("h2", {}, "Channels"),
      h("ul", {}, channels(state).flatMap((one) => [entry(state, one), ...threads(state, one.key).slice(0, THREADS_SHOWN).map((thread) => entry(state, thread))])),
      h("div", { class: "section" }, h("h2", {}, "Direct messages"), h("button", { type: "button", class: "icon-button", "aria-label": "Write to somebody", title: "Write to somebody", data: { focus: "people" }, on: { click: open.people } }, icon("plus"))),
      h("ul", {}, directs(state).flatMap((one) => [entry(state, one), ...threads(state, one.key).slice(0, THREADS_SHOWN).map((thread) => entry(state, thread))])),
    );
    fill(who, state.identities.length ? identities(state) : state.me && myself(state.me));
    if (focus) /** @type {HTMLElement | null} */ (node.querySelector(`[data-focus="${CSS.escape(focus)}"]`))?.focus({ preventScroll: true });
  }

  /** @param {import("../store.js").State} state @param {import("../types.js").Place} place */
  function entry(state, place) {
    const here = state.route.place === place.key;
    const parent = shown(state).main?.key === place.key && !here;
    const other = place.kind === "dm" ? otherIn(state, place) : null;
    const name = nameOf(state, place);
    const sign = place.kind === "dm" ? avatar(name, ofBot(state, place) ? ICON : ctx.file(other?.picture), "tiny") : icon(place.kind === "thread" ? "thread" : "hash");
    const word = STATES[place.state];
    return h(
      "li",
      { class: place.kind },
      h(
        "a",
        { href: link(place.key), class: [place.unread && "unread", here && "here", parent && "parent", place.state].filter(Boolean).join(" "), "aria-current": here ? "page" : null, data: { focus: `place:${place.key}` } },
        sign,
        h("span", { class: "place-name" }, name),
        word && place.kind === "thread" && h("small", {}, word),
        place.unread > 0 && h("span", { class: "count" }, place.unread, h("span", { class: "unseen" }, " unread")),
      ),
    );
  }

  /** @param {import("../store.js").State} state */
  function identities(state) {
    return [
      h("h2", { id: "who-title" }, "You are"),
      h(
        "ul",
        { class: "identities", "aria-labelledby": "who-title" },
        [...state.identities].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role)).map((one) => {
          const mine = one.id === state.me?.id;
          const choose = (/** @type {MouseEvent} */ event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            if (!mine) open.become(one.id);
          };
          return h(
            "li",
            {},
            h(
              "a",
              { href: `/?as=${encodeURIComponent(one.id)}`, class: mine ? "identity mine" : "identity", "aria-current": mine ? "true" : null, title: `${one.name}, ${ROLES[one.role]}. Ctrl-click: in a new tab`, data: { focus: `as:${one.id}` }, on: { click: choose } },
              avatar(one.name, ctx.file(one.picture), "small"),
              h("span", { class: "identity-name" }, one.name),
            ),
          );
        }),
      ),
      state.me && h("p", { class: "as" }, h("b", {}, state.me.name), h("span", { class: `badge ${state.me.role}` }, ROLES[state.me.role])),
    ];
  }

  /** @param {import("../types.js").Person} me */
  const myself = (me) =>
    h(
      "p",
      { class: "as" },
      avatar(me.name, ctx.file(me.picture), "small"),
      h("b", {}, me.name),
      h("span", { class: `badge ${me.role}` }, ROLES[me.role]),
      h("button", { type: "button", class: "icon-button", "aria-label": "Sign out", title: "Sign out", data: { focus: "sign-out" }, on: { click: signOut } }, icon("leave")),
    );

  async function signOut() {
    await ctx.api().logout().catch(() => {});
    location.assign("/");
  }

  return { node, update };
}
