/** Sending: what is written is shown at once, and sent again under the same event id until it is stored. */

import { eventId } from "./api.js";
import { isAnswered, isCut } from "./expected.js";
import { WAITS, whyNot } from "./words.js";

const FIRST_WAIT_MS = 1500;
const LONGEST_WAIT_MS = 3000;

/**
 * @param {object} given
 * @param {import("./store.js").Store} given.store
 * @param {() => import("./api.js").Api} given.api
 */
export function createOutbox({ store, api }) {
  /** Each place sends one message at a time and keeps its order. @type {Map<string, Promise<void>>} */
  const lines = new Map();
  /** Ends the waits of all that wait. @type {Set<() => void>} */
  const sleepers = new Set();

  /** @param {string} id */
  const find = (id) => store.get().pending.find((one) => one.event_id === id);

  /** Until it is stored, refused or taken back. @param {string} id */
  async function deliver(id) {
    const person = store.get().me?.id;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const one = find(id);
      if (!one || one.status === "stored" || store.get().me?.id !== person) return;
      if (one.status === "refused") store.do({ type: "pendingIs", event_id: id, status: "sending" });
      if (one.status !== "waiting" && isAnswered(store.get(), one.place)) store.do({ type: "waiting", place: one.place, at: Date.now() });
      try {
        await api().say(one.place, { text: one.text, event_id: id, files: one.files.map((file) => file.id) });
        store.do({ type: "pendingIs", event_id: id, status: "stored" });
        return;
      } catch (/** @type {any} */ problem) {
        store.do({ type: "waiting", place: one.place, at: 0 });
        if (!problem.passing) return store.do({ type: "pendingIs", event_id: id, status: "refused", why: whyNot(problem) });
        // Those behind it wait too: they keep their order.
        store.do({ type: "pendingWaits", place: one.place, why: WAITS });
      }
      await sleep(wait);
    }
  }

  /** @param {number} wait */
  function sleep(wait) {
    return new Promise((/** @type {(done?: any) => void} */ done) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        done();
      };
      const timer = setTimeout(wake, wait);
      sleepers.add(wake);
    });
  }

  /** @param {string} id */
  function queue(id) {
    const place = find(id)?.place;
    if (place) lines.set(place, (lines.get(place) ?? Promise.resolve()).then(() => deliver(id)));
  }

  /** Tries everything that waits again: the network or the store is back, or somebody asked. */
  function again() {
    for (const wake of [...sleepers]) wake();
  }

  return {
    again,
    /** @param {string} place @param {string} text @param {import("./types.js").Upload[]} files */
    send(place, text, files) {
      const state = store.get();
      const waits = isCut(state) || state.pending.some((one) => one.place === place && one.status === "waiting");
      const how = waits ? { status: "waiting", why: WAITS } : { status: "sending", why: "" };
      const pending = { event_id: eventId(), place, text, files, at: new Date().toISOString(), ...how };
      store.do({ type: "pending", pending });
      queue(pending.event_id);
    },
    /** @param {string} id */
    retry(id) {
      if (find(id)?.status === "refused") queue(id);
      else again();
    },
    /** @param {string} id */
    drop: (id) => store.do({ type: "pendingGone", event_id: id }),
  };
}
