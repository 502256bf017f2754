/** Where one writes: text, commands with completion, files; keeps what is unsent. */

import { offers } from "./completion.js";
import * as drafts from "./drafts.js";
import { isCut } from "./expected.js";
import { h, fill } from "./h.js";
import { icon } from "./icons.js";
import { createListbox } from "./listbox.js";
import { nameOf } from "./places.js";
import { createUploads } from "./uploads.js";
import { QUICK } from "./words.js";

const COMPLETE_MS = 120;
const NEAR_LIMIT = 200;

/**
 * @param {import("./views/message.js").Ctx} ctx
 * @param {{id: string, name: string}} which
 */
export function createComposer(ctx, which) {
  const box = h("textarea", { id: which.id, rows: 1, enterkeyhint: "send", autocomplete: "off", role: "combobox", "aria-expanded": "false" });
  const send = h("button", { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send (Enter)" }, icon("send"));
  const picker = h("input", { type: "file", multiple: true, class: "unseen", tabindex: -1, "aria-hidden": "true" });
  const quick = h("div", { class: "quick", role: "group", "aria-label": "Often used" });
  const left = h("span", { class: "left", role: "status" });
  const tell = h("div", { class: "composer-note", hidden: true });
  const listbox = createListbox(box, { label: "Commands", take, enter: () => node.requestSubmit() });
  const uploads = createUploads({ api: ctx.api, most: () => ctx.store.get().limits.upload_bytes, changed: buttons, toast: ctx.toast });
  const node = h(
    "form",
    { class: "composer", "aria-label": which.name, on: { submit } },
    listbox.node,
    tell,
    quick,
    h(
      "div",
      { class: "box" },
      uploads.node,
      h("div", { class: "line" },
        h("button", { type: "button", class: "icon-button", "aria-label": "Add files", title: "Add files", on: { click: () => picker.click() } }, icon("clip")),
        h("button", { type: "button", class: "icon-button", "aria-label": "Commands", title: "Commands (/)", on: { click: () => write(box.value ? box.value : "/") } }, icon("slash")),
        box, picker, left, send),
    ),
  );

  let place = "";
  let person = "";
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  /** @type {{place: string, message: string} | null} */
  let editing = null;

  picker.addEventListener("change", () => {
    uploads.take(picker.files ?? []);
    picker.value = "";
    box.focus();
  });
  box.addEventListener("input", () => {
    if (!editing) drafts.keep(person, place, box.value);
    size();
    buttons();
    complete();
  });
  box.addEventListener("blur", () => setTimeout(() => document.activeElement !== box && listbox.hide(), 150));
  box.addEventListener("paste", (/** @type {ClipboardEvent} */ event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploads.take(files);
  });
  box.addEventListener("keydown", key);

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.isComposing || listbox.key(event)) return;
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !(touch && !event.ctrlKey)) {
      event.preventDefault();
      node.requestSubmit();
    } else if (event.key === "Escape" && editing) {
      event.stopPropagation();
      ctx.store.do({ type: "editing", editing: null });
    } else if (event.key === "ArrowUp" && !box.value) editLast(event);
  }

  /** @param {KeyboardEvent} event */
  function editLast(event) {
    const state = ctx.store.get();
    const last = state.messages[place]?.filter((one) => one.speaker.person === state.me?.id && !one.deleted).at(-1);
    if (!last) return;
    event.preventDefault();
    ctx.store.do({ type: "editing", editing: { place, message: last.id } });
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    const files = uploads.ready();
    if (uploads.busy() || tooLong() || (!text && !files.length)) return;
    if (editing) void ctx.act.edit(editing.place, editing.message, text);
    else {
      ctx.act.send(place, text, files);
      drafts.keep(person, place, "");
      uploads.clear();
      write("");
    }
    listbox.hide();
  }

  /** @param {string} text */
  function write(text) {
    box.value = text;
    box.focus();
    box.dispatchEvent(new Event("input"));
  }

  function complete() {
    clearTimeout(later);
    const line = box.value;
    const mine = (asked += 1);
    if (editing || !/^\s*[/!]/.test(line)) return listbox.hide();
    listbox.wait();
    later = setTimeout(async () => {
      const found = await offers(line, ctx.store.get().commands, (command, option, typed, given) =>
        ctx.api().complete({ place, command, option, typed, given }).then((answer) => answer.items, () => []),
      );
      if (mine !== asked) return;
      if (found && document.activeElement === box) listbox.show(found.offers.filter((one) => one.line.trim() !== line.trim() || !one.done), found.usage, found.first);
      else listbox.hide();
    }, line.length > 1 ? COMPLETE_MS : 0);
  }

  /** @param {import("./completion.js").Offer} offer @param {"enter" | "tab" | "click"} how */
  function take(offer, how) {
    write(offer.line);
    if (offer.done && how !== "tab") node.requestSubmit();
  }

  function size() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  }

  const tooLong = () => box.value.length > ctx.store.get().limits.text;

  function buttons() {
    const rest = ctx.store.get().limits.text - box.value.length;
    left.textContent = rest < NEAR_LIMIT ? (rest < 0 ? `${-rest} too many` : `${rest} left`) : "";
    left.classList.toggle("over", rest < 0);
    const can = !uploads.busy() && rest >= 0 && (box.value.trim() || uploads.count());
    send.setAttribute("aria-disabled", String(!can));
  }

  /** @param {import("./store.js").State} state @param {string} key */
  function update(state, key) {
    const at = state.places[key];
    if (!at || !state.me) return;
    if (key !== place || person !== state.me.id) enter(state, key);
    const next = state.editing?.place === key ? state.editing : null;
    if (next?.message !== editing?.message) edit(state, next);
    const words = at.state === "closed" ? "Ended. Type / to look back" : at.kind === "thread" ? "Write here" : `Write ${at.kind === "channel" ? "in" : "to"} ${nameOf(state, at)}`;
    box.placeholder = editing ? "Change your message" : words;
    box.setAttribute("aria-label", box.placeholder);
    note(state, at);
    hints(state, at);
  }

  /** @param {import("./store.js").State} state @param {string} key */
  function enter(state, key) {
    place = key;
    person = state.me?.id ?? "";
    editing = null;
    asked += 1;
    clearTimeout(later);
    uploads.clear();
    listbox.forget();
    box.value = drafts.read(person, place);
    size();
    buttons();
  }

  /** @param {import("./store.js").State} state @param {{place: string, message: string} | null} next */
  function edit(state, next) {
    editing = next;
    box.value = next ? (state.messages[place]?.find((one) => one.id === next.message)?.text ?? "") : drafts.read(person, place);
    size();
    buttons();
    box.focus();
  }

  /** @param {import("./store.js").State} state @param {import("./types.js").Place} at */
  function note(state, at) {
    const busy = at.state === "busy" || state.messages[at.key]?.some((one) => one.draft);
    const what = editing ? "editing" : busy ? (isCut(state) ? "cut" : "busy") : at.state === "paused" ? "paused" : "";
    if (tell.dataset.what === what) return;
    if (tell.contains(document.activeElement)) box.focus();
    tell.dataset.what = what;
    tell.hidden = !what;
    if (what === "editing") fill(tell, icon("pen"), "You are changing a message.", h("button", { type: "button", class: "button small quiet", on: { click: () => ctx.store.do({ type: "editing", editing: null }) } }, "Leave it"));
    if (what === "busy") fill(tell, h("span", { class: "spin", "aria-hidden": "true" }), "A reply is being written.", h("button", { type: "button", class: "button small quiet", on: { click: () => ctx.act.stop(place) } }, icon("stop"), "Stop it"));
    if (what === "cut") fill(tell, icon("cloud"), "The reply was interrupted. It comes again by itself.");
    if (what === "paused") fill(tell, "Paused: the clock stands.", h("button", { type: "button", class: "button small", on: { click: () => ctx.act.command(place, "resume") } }, "Go on"));
  }

  /** @param {import("./store.js").State} state @param {import("./types.js").Place} at */
  function hints(state, at) {
    const names = at.kind === "thread" && at.state !== "closed" ? QUICK.filter((name) => state.commands.some((one) => one.name === name)) : [];
    if (quick.dataset.names === names.join()) return;
    quick.dataset.names = names.join();
    quick.hidden = !names.length;
    fill(quick, names.map((name) => {
      const command = state.commands.find((one) => one.name === name);
      const act = () => (command?.options.length ? write(`!${name} `) : ctx.act.command(place, name));
      return h("button", { type: "button", class: "quick-button", title: command?.summary, on: { click: act } }, name[0].toUpperCase() + name.slice(1));
    }));
  }

  return { node, box, update, write, take: uploads.take };
}
