/** Questions about places, asked of the state. Pure. */

import { PRODUCT } from "./words.js";

/**
 * @typedef {import("./store.js").State} State
 * @typedef {import("./types.js").Place} Place
 */

/**
 * The places on screen: what the middle shows, and the thread beside it.
 * @param {State} state
 * @returns {{main: Place | null, thread: Place | null}}
 */
export function shown(state) {
  const place = state.places[state.route.place];
  if (!place) return { main: null, thread: null };
  if (place.kind !== "thread") return { main: place, thread: null };
  const main = place.parent ? (state.places[place.parent] ?? null) : null;
  return { main: main ?? firstChannel(state), thread: place };
}

/** @param {State} state */
export function firstChannel(state) {
  return channels(state)[0] ?? Object.values(state.places).find((one) => one.kind !== "thread") ?? null;
}

/** @param {State} state */
export const channels = (state) => Object.values(state.places).filter((one) => one.kind === "channel");

/** @param {State} state */
export const directs = (state) => Object.values(state.places).filter((one) => one.kind === "dm");

/**
 * Threads of a place, those that go on first, then the newest.
 * @param {State} state
 * @param {string} parent
 */
export function threads(state, parent) {
  const closed = (/** @type {Place} */ one) => (one.state === "closed" ? 1 : 0);
  return Object.values(state.places)
    .filter((one) => one.kind === "thread" && (one.parent ?? firstChannel(state)?.key) === parent)
    .sort((a, b) => closed(a) - closed(b) || b.last - a.last);
}

/**
 * A place's name for people: a direct message carries the name of the other one, or the product's.
 * @param {State} state
 * @param {Place} place
 */
export function nameOf(state, place) {
  if (place.kind !== "dm") return place.title;
  const other = otherIn(state, place)?.name;
  return place.title || other || (ofBot(state, place) ? PRODUCT : "Direct message");
}

/** Whether a direct message is one with the product itself. @param {State} state @param {Place} place */
export const ofBot = (state, place) => place.kind === "dm" && place.members.includes(state.bot);

/** @param {State} state @param {Place} place */
export function otherIn(state, place) {
  const id = place.members.find((one) => one !== state.me?.id);
  return id ? (state.people[id] ?? null) : null;
}

/** @param {State} state */
export const unreadInAll = (state) => Object.values(state.places).reduce((sum, one) => sum + one.unread, 0);
