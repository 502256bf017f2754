/** What is to come next in a place, from what stands there. Pure. */

/** @typedef {import("./store.js").State} State @typedef {import("./types.js").Message} Message */

const BESIDE = /^\s*(?:![a-z]|\/\/)/i;

/** What all can read there, without own lines that nobody in the scene hears. @param {State} state @param {string} place */
function heard(state, place) {
  const all = state.messages[place] ?? [];
  return all.filter((one) => !one.only_for && !one.deleted && !(isOwn(state, one) && BESIDE.test(one.text)));
}

/** @param {State} state @param {Message} one */
const isOwn = (state, one) => one.speaker.person !== null && one.speaker.person === state.me?.id;

/** @param {State} state @param {string} place */
function isOn(state, place) {
  const { kind, state: how } = state.places[place] ?? {};
  return kind === "thread" && (how === "active" || how === "busy");
}

/** Whether a program answers there at once, so that a wait may be shown. @param {State} state @param {string} place */
export function isAnswered(state, place) {
  const last = heard(state, place).at(-1);
  return isOn(state, place) && last !== undefined && last.speaker.role !== "person" && !last.speaker.played;
}

/** Whether a reply that grows cannot reach us: the server is away, or can keep nothing. @param {State} state */
export function isCut(state) {
  return state.net === "lost" || state.net === "restarting" || state.down;
}

/** The character that a person plays and that is to answer now; empty where none is. @param {State} state @param {string} place */
export function played(state, place) {
  const all = heard(state, place);
  const last = all.filter((one) => !isOwn(state, one)).at(-1);
  const waits = isOn(state, place) && last?.speaker.played && all.at(-1) !== last;
  return waits ? last.speaker.name : "";
}
