/** What the page knows, and how it changes: pure reducers over one frozen-by-habit state. */

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Place} Place
 *
 * @typedef {object} Pending Something written here which the server has not shown back yet.
 * @property {string} event_id
 * @property {string} place
 * @property {string} text
 * @property {import("./types.js").Upload[]} files
 * @property {string} at
 * @property {"sending" | "stored" | "waiting" | "refused"} status
 * @property {string} why
 *
 * @typedef {object} State
 * @property {"loading" | "ready" | "failed" | "sign-in"} phase
 * @property {string} why
 * @property {import("./types.js").Person | null} me
 * @property {Record<string, import("./types.js").Person>} people
 * @property {import("./types.js").Person[]} identities
 * @property {string} bot The product's own id in mentions.
 * @property {import("./types.js").Command[]} commands
 * @property {{text: number, upload_bytes: number}} limits
 * @property {Record<string, Place>} places
 * @property {Record<string, Message[]>} messages By place, in order.
 * @property {Record<string, {more: boolean, busy: boolean, failed: boolean, fresh: boolean}>} loaded
 * @property {Pending[]} pending
 * @property {Record<string, {name: string, picture: string | null, until: number}>} typing
 * @property {Record<string, number>} waiting When a command or press was sent in a place.
 * @property {Record<string, string>} newFrom The first message that was unread when the place was opened.
 * @property {number} seq The last one taken in.
 * @property {"up" | "connecting" | "lost" | "restarting"} net
 * @property {boolean} down The server's store is away.
 * @property {{place: string, message: string}} route
 * @property {{open: boolean, q: string, here: boolean, busy: boolean, found: Message[] | null, why: string}} search
 * @property {{message: string, place: string} | null} editing
 */

/** @type {State} */
export const EMPTY = {
  phase: "loading",
  why: "",
  me: null,
  people: {},
  identities: [],
  bot: "",
  commands: [],
  limits: { text: 4000, upload_bytes: 10_000_000 },
  places: {},
  messages: {},
  loaded: {},
  pending: [],
  typing: {},
  waiting: {},
  newFrom: {},
  seq: 0,
  net: "connecting",
  down: false,
  route: { place: "", message: "" },
  search: { open: false, q: "", here: false, busy: false, found: null, why: "" },
  editing: null,
};

/** @type {Record<string, (state: State, action: any) => State>} */
const reducers = {
  started: (state, { start }) => ({
    ...EMPTY,
    route: state.route,
    net: state.net,
    pending: state.me?.id === start.me.id ? state.pending : [],
    phase: "ready",
    me: start.me,
    people: byId([...start.people, start.me], "id"),
    identities: start.identities ?? [],
    bot: start.bot ?? "",
    commands: start.commands ?? [],
    limits: { ...EMPTY.limits, ...start.limits },
    places: byId(start.places, "key"),
    seq: start.seq ?? Math.max(0, ...start.places.map((/** @type {Place} */ one) => one.last ?? 0)),
  }),
  failed: (state, { phase, why }) => ({ ...state, phase, why }),
  left: (state) => ({ ...EMPTY, route: state.route }),
  net: (state, { net }) => ({ ...state, net }),
  routed: (state, { route }) => ({ ...state, route, editing: null }),
  live: (state, { frame }) => live(state, frame),
  loading: (state, { place }) => loadedAs(state, place, { busy: true, failed: false }),
  loadFailed: (state, { place }) => loadedAs(state, place, { busy: false, failed: true }),
  page: (state, { place, messages, more }) => ({
    ...loadedAs(state, place, { busy: false, failed: false, fresh: true, more }),
    messages: { ...state.messages, [place]: merged(state.messages[place] ?? [], messages) },
    pending: state.pending.filter((one) => !messages.some((/** @type {Message} */ m) => m.event_id === one.event_id)),
  }),
  opened: (state, { place, first }) => ({ ...state, newFrom: { ...state.newFrom, [place]: first } }),
  read: (state, { place }) =>
    state.places[place]?.unread ? withPlace(state, { ...state.places[place], unread: 0 }) : state,
  placed: (state, { place }) => withPlace(state, place),
  pending: (state, { pending }) => ({ ...state, pending: [...state.pending, pending] }),
  pendingIs: (state, { event_id, status, why }) => ({
    ...state,
    pending: state.pending.map((one) => (one.event_id === event_id ? { ...one, status, why: why ?? "" } : one)),
  }),
  pendingWaits: (state, { place, why }) => ({
    ...state,
    // What waits already stays as it stands, so that nothing moves under a pointer.
    pending: state.pending.map((one) => (one.place === place && one.status === "sending" ? { ...one, status: "waiting", why } : one)),
  }),
  pendingGone: (state, { event_id }) => ({
    ...state,
    pending: state.pending.filter((one) => one.event_id !== event_id),
  }),
  waiting: (state, { place, at }) => ({ ...state, waiting: { ...state.waiting, [place]: at } }),
  search: (state, { search }) => ({ ...state, search: { ...state.search, ...search } }),
  editing: (state, { editing }) => ({ ...state, editing }),
  tick: (state, { now }) => ({
    ...state,
    typing: kept(state.typing, (one) => one.until > now),
    waiting: kept(state.waiting, (at) => now - at < 15_000),
  }),
};

/**
 * @param {State} state
 * @param {{type: string, [more: string]: any}} action
 * @returns {State}
 */
export function reduce(state, action) {
  return reducers[action.type](state, action);
}

/**
 * One frame of the live stream. What has no seq is never replayed and may be lost.
 * @param {State} state
 * @param {any} frame
 * @returns {State}
 */
function live(state, frame) {
  if (frame.type === "message") return arrived(state, frame);
  if (frame.type === "place") {
    // A thread that opens is an answer to whoever waited in its parent.
    const opened = frame.place.parent && !state.places[frame.place.key];
    const next = opened ? { ...state, waiting: without(state.waiting, frame.place.parent) } : state;
    return withPlace(upTo(next, frame.seq), counted(state, frame.place));
  }
  if (frame.type === "read") {
    const place = state.places[frame.place];
    return place && frame.seq >= place.last ? withPlace(state, { ...place, unread: 0 }) : state;
  }
  if (frame.type === "draft") return drafted(state, frame);
  if (frame.type === "down" || frame.type === "up") return { ...state, down: frame.type === "down" };
  if (frame.type === "hello") return { ...state, down: false };
  if (frame.type === "typing") {
    const until = Date.now() + 1000 * (frame.seconds ?? 5);
    return {
      ...state,
      typing: { ...state.typing, [frame.place]: { ...frame.speaker, until } },
      waiting: without(state.waiting, frame.place),
    };
  }
  return state;
}

/** A place that is pushed to everybody holds nobody's count of unread messages: ours goes on. @param {State} state @param {Place} place */
const counted = (state, place) => ({ ...place, unread: place.unread ?? state.places[place.key]?.unread ?? 0 });

/**
 * @param {State} before
 * @param {{seq: number, message: Message}} frame
 */
function arrived(before, { seq, message }) {
  const state = upTo(before, seq);
  const place = message.place;
  const known = state.messages[place] ?? [];
  // What only changed is not unread again; nor is what a replay tells once more.
  const isNew = seq === message.seq && seq > before.seq && !known.some((one) => one.id === message.id);
  const own = message.speaker.person !== null && message.speaker.person === state.me?.id;
  let next = {
    ...state,
    messages: { ...state.messages, [place]: merged(known, [message]) },
    pending: message.event_id ? state.pending.filter((one) => one.event_id !== message.event_id) : state.pending,
  };
  if (!own) next = { ...next, typing: without(state.typing, place), waiting: without(state.waiting, place) };
  const at = state.places[place];
  if (at && isNew) next = withPlace(next, { ...at, last: Math.max(at.last, seq), unread: own ? at.unread : at.unread + 1 });
  return next;
}

/**
 * @param {State} state
 * @param {{message_id: string, text: string}} frame
 */
function drafted(state, { message_id, text }) {
  for (const [place, list] of Object.entries(state.messages)) {
    const old = list.find((one) => one.id === message_id);
    // A draft that comes late never undoes the finished message.
    if (old?.draft) return { ...state, messages: { ...state.messages, [place]: merged(list, [{ ...old, text }]) } };
  }
  return state;
}

/**
 * Both lists in order of first appearance, each message once, the newer version of it: a page of
 * messages may have been read before a change that the live stream told of, and come after it.
 * @param {Message[]} old
 * @param {Message[]} fresh
 */
export function merged(old, fresh) {
  const all = new Map(old.map((one) => [one.id, one]));
  for (const one of fresh) {
    const known = all.get(one.id);
    if (known && known.changed > one.changed) continue;
    const seq = known?.seq ?? one.seq;
    all.set(one.id, seq === one.seq ? one : { ...one, seq: Math.min(seq, one.seq) });
  }
  // What only one person saw goes without a trace; for everybody else there is none anyway.
  return [...all.values()].filter((one) => !(one.deleted && one.only_for)).sort((a, b) => a.seq - b.seq);
}

/** @param {State} state @param {number | undefined} seq */
const upTo = (state, seq) => (seq && seq > state.seq ? { ...state, seq } : state);

/** @param {State} state @param {Place} place */
const withPlace = (state, place) => ({ ...state, places: { ...state.places, [place.key]: place } });

/** @param {State} state @param {string} place @param {object} change */
const loadedAs = (state, place, change) => ({
  ...state,
  loaded: {
    ...state.loaded,
    [place]: { ...(state.loaded[place] ?? { more: false, busy: false, failed: false, fresh: false }), ...change },
  },
});

/** @template T @param {T[]} list @param {keyof T} key @returns {Record<string, T>} */
const byId = (list, key) => Object.fromEntries(list.map((one) => [one[key], one]));

/** @template T @param {Record<string, T>} map @param {string} key */
const without = (map, key) => (key in map ? Object.fromEntries(Object.entries(map).filter(([k]) => k !== key)) : map);

/** @template T @param {Record<string, T>} map @param {(one: T) => boolean} keep @returns {Record<string, T>} */
const kept = (map, keep) =>
  Object.values(map).every(keep) ? map : Object.fromEntries(Object.entries(map).filter(([, one]) => keep(one)));

/**
 * Holds the state; listeners hear of many changes at once.
 * @param {State} state
 */
export function createStore(state = EMPTY) {
  /** @type {((state: State, before: State) => void)[]} */
  const listeners = [];
  let told = state;
  let due = false;
  function tell() {
    due = false;
    const before = told;
    told = state;
    for (const listener of listeners) listener(state, before);
  }
  return {
    get: () => state,
    /** @param {{type: string, [more: string]: any}} action */
    do(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      if (due) return;
      due = true;
      queueMicrotask(tell);
    },
    /** @param {(state: State, before: State) => void} listener */
    subscribe: (listener) => void listeners.push(listener),
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
