/** What a person can do here: every action talks to the server and tells the store what came of it. */

import { say, urgent } from "./announce.js";
import { eventId } from "./api.js";
import { createOutbox } from "./outbox.js";
import { firstChannel, shown } from "./places.js";
import { link } from "./route.js";
import { typed } from "./typed.js";
import { whyNot } from "./words.js";

/** How long after a press or a command a new thread is taken as its answer, and opened. */
const EXPECTED_MS = 30_000;

/**
 * @param {object} given
 * @param {import("./store.js").Store} given.store
 * @param {() => import("./api.js").Api} given.api
 * @param {(form: import("./types.js").Form, place: string) => void} given.showForm
 * @param {(question: string, yes: string, danger: boolean) => Promise<boolean>} given.confirm
 * @param {(text: string) => void} given.toast
 */
export function createActions({ store, api, showForm, confirm, toast }) {
  const outbox = createOutbox({ store, api });
  let asked = 0;
  let askedIn = "";

  /** @param {any} problem */
  function tell(problem) {
    toast(whyNot(problem));
    urgent(whyNot(problem));
  }

  /** @param {string} place @param {() => Promise<{form?: any}>} ask Sent again once by itself when nothing was stored: the event id is the same. */
  async function ask(place, ask) {
    asked = Date.now();
    askedIn = place;
    store.do({ type: "waiting", place, at: asked });
    try {
      const answer = await ask().catch((problem) => {
        if (!problem.passing) throw problem;
        return new Promise((done) => setTimeout(done, 1200)).then(ask);
      });
      if (answer?.form) {
        store.do({ type: "waiting", place, at: 0 });
        showForm(answer.form, place);
      }
      return true;
    } catch (problem) {
      store.do({ type: "waiting", place, at: 0 });
      tell(problem);
      return false;
    }
  }

  const act = {
    outbox,
    tell,
    /** @param {string} place @param {string} [message] */
    go(place, message) {
      const next = link(place, message);
      if (location.hash === next) window.dispatchEvent(new HashChangeEvent("hashchange"));
      else location.hash = next;
    },
    /** @param {string} place @param {string} text @param {import("./types.js").Upload[]} files */
    send(place, text, files = []) {
      // In a thread `!word` is something everybody sees, as on every platform; `/word` is not.
      const seen = store.get().places[place]?.kind === "thread" && text.trimStart().startsWith("!");
      const command = files.length || seen ? null : typed(text);
      if (command) return void act.command(place, command.name, command.rest);
      outbox.send(place, text, files);
    },
    /** @param {string} place @param {string} name @param {string} rest */
    command(place, name, rest = "") {
      const body = { name, text: rest, options: {}, event_id: eventId() };
      return ask(place, () => api().command(place, body));
    },
    /** @param {import("./types.js").Message} message @param {import("./types.js").Choice} choice */
    async press(message, choice) {
      if (choice.confirm && !(await confirm(choice.confirm, choice.label, choice.style === "danger"))) return false;
      const body = { message: message.id, choice: choice.id, event_id: eventId() };
      return ask(message.place, () => api().press(message.place, body));
    },
    /** @param {string} place @param {import("./types.js").Message} message */
    async remove(place, message) {
      if (!(await confirm("Delete this message? Others will see that one was deleted.", "Delete", true))) return;
      await api().remove(place, message.id).catch(tell);
    },
    /** @param {string} place @param {string} message @param {string} text */
    async edit(place, message, text) {
      try {
        await api().edit(place, message, text);
        store.do({ type: "editing", editing: null });
      } catch (problem) {
        tell(problem);
      }
    },
    /** @param {string} place */
    stop: (place) => api().stop(place).catch(tell),
    /** @param {string} person */
    async direct(person) {
      try {
        const { place } = await api().dm(person);
        store.do({ type: "placed", place });
        act.go(place.key);
      } catch (problem) {
        tell(problem);
      }
    },
    /** Loads the newest messages of a place, once. @param {string} place */
    async load(place) {
      const known = store.get().loaded[place];
      if (known?.fresh || known?.busy) return;
      await page(place, undefined);
    },
    /** @param {string} place */
    async older(place) {
      const state = store.get();
      const first = state.messages[place]?.[0];
      if (!state.loaded[place]?.more || state.loaded[place].busy || !first) return;
      await page(place, first.seq);
    },
    /** Loads backwards until the message is there. @param {string} place @param {string} message */
    async find(place, message) {
      const there = () => store.get().messages[place]?.some((one) => one.id === message);
      for (let pages = 0; pages < 40 && !there() && store.get().loaded[place]?.more; pages += 1) await act.older(place);
      if (!there() && store.get().loaded[place]?.fresh) toast("That message is not here any more.");
    },
    /** @param {string} place */
    markRead(place) {
      const state = store.get();
      const last = state.messages[place]?.at(-1);
      if (!state.places[place]?.unread || !last) return;
      store.do({ type: "read", place });
      // A read mark that gets lost comes right with the next one.
      api().read(place, Math.max(last.seq, state.places[place].last)).catch(() => {});
    },
    async search(/** @type {string} */ q, /** @type {boolean} */ here) {
      const { main, thread } = shown(store.get());
      const place = here ? (thread ?? main)?.key : undefined;
      store.do({ type: "search", search: { q, here, busy: Boolean(q.trim()), found: q.trim() ? undefined : null, why: "" } });
      if (!q.trim()) return;
      try {
        const { messages } = await api().search(q.trim(), place);
        if (store.get().search.q !== q) return;
        store.do({ type: "search", search: { busy: false, found: messages } });
        say(messages.length === 1 ? "1 message found" : `${messages.length} messages found`);
      } catch (problem) {
        store.do({ type: "search", search: { busy: false, found: [], why: whyNot(problem) } });
      }
    },
    /** A new thread that answers what was just asked for is opened. @param {any} frame */
    follow(frame) {
      if (frame.type !== "place" || frame.place.kind !== "thread" || Date.now() - asked > EXPECTED_MS) return;
      const state = store.get();
      const { key, parent } = frame.place;
      if (state.places[key] || (parent !== askedIn && parent !== state.places[askedIn]?.parent)) return;
      asked = 0;
      queueMicrotask(() => act.go(frame.place.key));
    },
    home() {
      const first = firstChannel(store.get());
      if (first) act.go(first.key);
    },
  };

  /** @param {string} place @param {number | undefined} before */
  async function page(place, before) {
    const mine = api();
    store.do({ type: "loading", place });
    try {
      const { messages, more } = await mine.messages(place, before);
      // What somebody else may read is not for who this tab has become.
      if (mine === api()) store.do({ type: "page", place, messages, more });
    } catch {
      if (mine === api()) store.do({ type: "loadFailed", place });
    }
  }

  return act;
}

/** @typedef {ReturnType<typeof createActions>} Actions */
