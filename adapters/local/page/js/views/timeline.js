/** The messages of one place: loads, keeps its position, jumps, and marks what is new. */

import { isCut, played } from "../expected.js";
import { fill, h, patch } from "../h.js";
import { icon } from "../icons.js";
import { threads } from "../places.js";
import { link } from "../route.js";
import { day, dayKey } from "../times.js";
import { avatar } from "./avatar.js";
import { emptyPlace } from "./empty.js";
import { dots, grow, messageNode, pendingNode, speakerOf } from "./message.js";
import { toolbar } from "./toolbar.js";

const TOGETHER_MS = 5 * 60_000;
const NEAR_PX = 80;

/**
 * @param {import("./message.js").Ctx} ctx
 */
export function createTimeline(ctx) {
  const list = h("div", { class: "list" });
  const scroller = h("div", { class: "scroller", tabindex: 0, role: "region" }, list);
  const jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: toEnd } });
  const node = h("div", { class: "timeline" }, scroller, jump);
  const tools = toolbar(ctx, list);

  let place = "";
  let stuck = true;
  let missed = 0;
  let lastKey = "";
  let expecting = false;
  let sent = "";
  /** @type {number | undefined} */
  let asked;
  /** @type {string | null} */
  let goal = null;
  let arrived = false;

  scroller.addEventListener("scroll", () => {
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    if (stuck) {
      missed = 0;
      seen();
    } else expecting = false;
    showJump();
    if (scroller.scrollTop < 200 && arrived) older();
  });
  scroller.addEventListener("keydown", move);
  new ResizeObserver(() => stuck && arrived && bottom()).observe(list);
  new ResizeObserver(() => stuck && arrived && bottom()).observe(scroller);
  document.addEventListener("visibilitychange", seen);

  function bottom() {
    scroller.scrollTop = scroller.scrollHeight;
  }
  function toEnd() {
    bottom();
    stuck = true;
    missed = 0;
    showJump();
    seen();
  }
  function showJump() {
    jump.hidden = stuck || !arrived;
    const words = missed ? `${missed} new` : "Latest";
    if (!jump.hidden && jump.dataset.words !== words) {
      jump.dataset.words = words;
      fill(jump, icon("down"), words);
      jump.setAttribute("aria-label", missed ? `Jump to ${missed} new messages` : "Jump to the latest message");
    }
  }
  function seen() {
    if (place && stuck && arrived && document.visibilityState === "visible" && node.isConnected && node.offsetParent) ctx.act.markRead(place);
  }

  async function older() {
    const at = ctx.store.get().loaded[place];
    if (!at?.more || at.busy) return;
    const from = scroller.scrollHeight - scroller.scrollTop;
    await ctx.act.older(place);
    requestAnimationFrame(() => (scroller.scrollTop = scroller.scrollHeight - from));
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target !== scroller && !(/** @type {HTMLElement} */ (event.target).matches("article"))) return;
    const all = [...list.querySelectorAll("article.message")];
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? all[all.length - 1] : all[at + step];
    if (next) next.focus();
    event.preventDefault();
  }

  /** @param {import("../store.js").State} state @param {string} key */
  function enter(state, key) {
    place = key;
    stuck = true;
    missed = 0;
    arrived = false;
    lastKey = "";
    tools.hide();
    const unread = state.places[key]?.unread ?? 0;
    ctx.act.load(key).then(() => {
      const all = ctx.store.get().messages[key] ?? [];
      const first = unread && unread <= all.length ? all[all.length - unread].id : "";
      ctx.store.do({ type: "opened", place: key, first });
    });
  }

  /** @param {import("../store.js").State} state @param {string} key */
  function update(state, key) {
    // Somebody else in this tab, or the server begun anew: what was loaded is gone.
    if (key !== place || !state.loaded[key]) enter(state, key);
    const at = state.loaded[key];
    const all = state.messages[key] ?? [];
    const ready = Boolean(at?.fresh || all.length);
    patch(list, ready ? rows(state, key, all, ctx) : loading(at));
    const newest = all[all.length - 1];
    const newestKey = newest?.id ?? "";
    const fresh = arrived && newestKey !== lastKey;
    if (fresh) {
      if (!stuck) missed += 1;
      const own = newest?.speaker.person === state.me?.id;
      // One's own words, and the answer to what one just pressed, are looked at.
      if (own || expecting) stuck = true;
    }
    // Asked just now; looking elsewhere meanwhile takes it back.
    if (state.waiting[key] !== asked) expecting = Boolean(state.waiting[key]);
    asked = state.waiting[key];
    const written = state.pending.findLast((one) => one.place === key)?.event_id ?? "";
    if (arrived && written && written !== sent) stuck = true;
    sent = written;
    lastKey = newestKey;
    if (at?.fresh && !arrived) first(state, key);
    if (state.route.place === key && state.route.message !== (goal ?? "")) seek(state);
    if (stuck && arrived) bottom();
    if (fresh) fromItsTop();
    showJump();
    seen();
  }

  /** What is taller than the view is read from its beginning, not from its end. */
  function fromItsTop() {
    const last = [...list.querySelectorAll("article.message")].at(-1);
    if (!stuck || !last || last.offsetHeight < scroller.clientHeight) return;
    seen();
    stuck = false;
    scroller.scrollTop = last.offsetTop - 12;
  }

  /** Where to look when a place has just been opened. @param {import("../store.js").State} state @param {string} key */
  function first(state, key) {
    arrived = true;
    if (state.route.place === key && state.route.message) return;
    const mark = list.querySelector(".new-mark");
    bottom();
    if (mark && scroller.scrollHeight - mark.offsetTop > scroller.clientHeight) {
      mark.scrollIntoView({ block: "start" });
      stuck = false;
    }
  }

  /** @param {import("../store.js").State} state */
  async function seek(state) {
    goal = state.route.message;
    if (!goal || !state.loaded[place]?.fresh) {
      if (goal && !state.loaded[place]?.fresh) goal = null;
      return;
    }
    stuck = false;
    const wanted = goal;
    await ctx.act.find(place, wanted);
    requestAnimationFrame(() => {
      const found = list.querySelector(`[data-id="${CSS.escape(wanted)}"]`);
      found?.scrollIntoView({ block: "center" });
      found?.focus({ preventScroll: true });
      showJump();
    });
  }

  return { node, scroller, update, toEnd };
}

/** @param {{failed: boolean} | undefined} at @returns {import("../h.js").Item[]} */
function loading(at) {
  if (at?.failed) return [{ key: "failed", same: [], make: () => h("p", { class: "note" }, "The messages did not come. They are asked for again when the connection is back.") }];
  const bone = () => h("div", { class: "bone" }, h("span"), h("span"), h("span"));
  return [{ key: "bones", same: [], make: () => h("div", { class: "bones", role: "status", "aria-label": "Loading messages" }, bone(), bone(), bone()) }];
}

/**
 * @param {import("../store.js").State} state
 * @param {string} key
 * @param {import("../types.js").Message[]} all
 * @param {import("./message.js").Ctx} ctx
 * @returns {import("../h.js").Item[]}
 */
function rows(state, key, all, ctx) {
  const items = [];
  const at = state.loaded[key];
  const pending = state.pending.filter((one) => one.place === key);
  if (at?.more) items.push({ key: "more", same: [at.busy], make: () => h("p", { class: "note" }, at.busy ? "Loading earlier messages …" : h("button", { type: "button", class: "button small", on: { click: () => ctx.act.older(key) } }, "Earlier messages")) });
  if (!all.length && !pending.length) items.push({ key: "empty", same: [key, state.places[key]?.kind], make: () => emptyPlace(state, key, ctx) });
  const stubs = threads(state, key).filter((one) => one.started).sort((a, b) => String(a.started).localeCompare(String(b.started)));
  /** @type {import("../types.js").Message | null} */
  let before = null;
  for (const one of all) {
    while (stubs.length && String(stubs[0].started) < one.at) {
      items.push(stub(/** @type {any} */ (stubs.shift())));
      before = null;
    }
    if (!before || dayKey(before.at) !== dayKey(one.at)) {
      if (!items.some((item) => item.key === `day:${dayKey(one.at)}`)) items.push(divider(one.at));
    }
    if (before && state.newFrom[key] === one.id) {
      items.push({ key: "new", same: [], make: () => h("div", { class: "new-mark", role: "separator", "aria-label": "New messages" }, h("span", {}, "New")) });
      before = null;
    }
    items.push(row(state, one, before, ctx));
    before = one;
  }
  for (const one of stubs) items.push(stub(one));
  for (const one of pending) items.push({ key: `pending:${one.event_id}`, same: [one], make: () => pendingNode(one, /** @type {any} */ (state.me), ctx) });
  items.push(...tail(state, key, all, ctx));
  return items;
}

/** @param {import("../store.js").State} state @param {import("../types.js").Message} one @param {import("../types.js").Message | null} before @param {import("./message.js").Ctx} ctx */
function row(state, one, before, ctx) {
  const how = {
    follows: Boolean(before && follows(before, one)),
    role: one.speaker.person ? (state.people[one.speaker.person]?.role ?? "") : "",
    own: one.speaker.person !== null && one.speaker.person === state.me?.id,
    target: state.route.message === one.id,
    cut: one.draft && isCut(state),
  };
  // A draft's text is no reason to build the message again: `grow` sets it.
  const same = one.draft ? ["draft", how.follows, how.target, how.cut] : [one, how.follows, how.target, how.role];
  return { key: `m:${one.id}`, same, make: () => messageNode(one, how, ctx), update: (/** @type {any} */ node) => grow(node, one, ctx) };
}

/** @param {import("../types.js").Message} before @param {import("../types.js").Message} one */
function follows(before, one) {
  return (
    speakerOf(before) === speakerOf(one) &&
    before.speaker.person === one.speaker.person &&
    before.speaker.role === one.speaker.role &&
    before.only_for === one.only_for &&
    !one.pinned &&
    !one.title &&
    Date.parse(one.at) - Date.parse(before.at) < TOGETHER_MS
  );
}

/** @param {string} at */
const divider = (at) => ({
  key: `day:${dayKey(at)}`,
  same: [day(at)],
  make: () => h("div", { class: "day", role: "separator", "aria-label": day(at) }, h("span", {}, day(at))),
});

/** @param {import("../types.js").Place} one */
const stub = (one) => ({
  key: `thread:${one.key}`,
  same: [one.title, one.state, one.unread],
  make: () =>
    h(
      "a",
      { class: "stub", href: link(one.key) },
      icon("thread"),
      h("b", {}, one.title),
      one.unread > 0 && h("span", { class: "count" }, one.unread, h("span", { class: "unseen" }, " unread")),
      h("span", { class: "stub-go" }, one.state === "closed" ? "Ended · look back" : "Open the thread"),
    ),
});

/** Who is writing, or that an answer is on its way. @param {import("../store.js").State} state @param {string} key @param {import("../types.js").Message[]} all @param {import("./message.js").Ctx} ctx @returns {import("../h.js").Item[]} */
function tail(state, key, all, ctx) {
  const who = state.typing[key];
  if (isCut(state) && !played(state, key)) return [];
  if (who && !all.some((one) => one.draft)) {
    const name = who.name || "Dressrun";
    return [
      {
        key: `typing:${name}`,
        same: [who.picture],
        make: () => h("div", { class: "typing" }, avatar(name, ctx.file(who.picture)), h("span", { class: "typing-words" }, h("b", {}, name), " is writing"), dots()),
      },
    ];
  }
  const person = played(state, key);
  if (person) {
    const words = `A person plays ${person}: the answer comes when it is written.`;
    return [{ key: `played:${person}`, same: [], make: () => h("div", { class: "typing" }, h("span", { class: "typing-words" }, words)) }];
  }
  if (state.waiting[key]) return [{ key: "waiting", same: [], make: () => h("div", { class: "typing" }, h("span", { class: "typing-words" }, "One moment"), dots()) }];
  return [];
}
