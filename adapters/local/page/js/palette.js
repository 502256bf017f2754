/** Ctrl-K: go to a place or person, or type a command. */

import { offers } from "./completion.js";
import { dialog } from "./dialogs.js";
import { h } from "./h.js";
import { createListbox } from "./listbox.js";
import { nameOf } from "./places.js";
import { typed } from "./typed.js";

const MOST = 40;

/**
 * @param {import("./views/message.js").Ctx} ctx
 * @param {string} place Where a command is sent.
 */
export function showPalette(ctx, place) {
  const input = h("input", { type: "text", role: "combobox", "aria-label": "Where to, or what to do", placeholder: "A place, a person or a command", autocomplete: "off", autofocus: true });
  const listbox = createListbox(input, { label: "Found", take, enter });
  const shown = dialog("Go to or do", h("div", { class: "palette" }, input, listbox.node), { cls: "palette-dialog" });
  let asked = 0;

  async function update() {
    const mine = (asked += 1);
    listbox.wait();
    const state = ctx.store.get();
    const line = input.value;
    const asLine = /^\s*[/!]/.test(line) ? line : `/${line}`;
    const found = await offers(asLine, state.commands, (command, option, typed, given) =>
      ctx.api().complete({ place, command, option, typed, given }).then((answer) => answer.items, () => []),
    );
    if (mine !== asked) return;
    const near = /^\s*[/!]/.test(line) ? [] : places(state, line.trim().toLowerCase());
    listbox.show([...near, ...(found?.offers ?? [])].slice(0, MOST), found?.usage || (found || near.length ? "" : "Nothing has that name. Try another word."), near.length > 0 || found?.first !== false);
  }

  /** @param {any} offer */
  function take(offer) {
    if (offer.go) {
      shown.close();
      offer.go();
    } else if (offer.done) run(offer.line);
    else {
      input.value = offer.line;
      void update();
    }
  }

  /** @param {string} line */
  function run(line) {
    const command = typed(line);
    if (!command) return;
    shown.close();
    void ctx.act.command(place, command.name, command.rest);
  }

  function enter() {
    run(/^\s*[/!]/.test(input.value) ? input.value : `/${input.value}`);
  }

  /** @param {import("./store.js").State} state @param {string} like */
  function places(state, like) {
    const all = Object.values(state.places).map((one) => ({
      label: nameOf(state, one),
      hint: { channel: "Channel", dm: "Direct message", thread: one.state === "closed" ? "Thread, ended" : "Thread" }[one.kind],
      go: () => ctx.act.go(one.key),
    }));
    const met = new Set(Object.values(state.places).filter((one) => one.kind === "dm").flatMap((one) => one.members));
    const people = Object.values(state.people)
      .filter((one) => one.id !== state.me?.id && !met.has(one.id))
      .map((one) => ({ label: one.name, hint: "Write to them", go: () => ctx.act.direct(one.id) }));
    return [...all, ...people].filter((one) => one.label.toLowerCase().includes(like)).slice(0, like ? MOST : 6);
  }

  input.addEventListener("input", update);
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") return;
    if (!listbox.key(event) && event.key === "Enter") enter();
  });
  void update();
}
