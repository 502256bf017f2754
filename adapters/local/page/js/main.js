/** Puts the page together: who this tab is, the store, the live stream, and the views. */

import { createActions } from "./actions.js";
import { say } from "./announce.js";
import { createApi } from "./api.js";
import { confirm, showPicture } from "./dialogs.js";
import * as drafts from "./drafts.js";
import { showForm } from "./forms.js";
import * as identity from "./identity.js";
import { listen } from "./keys.js";
import { createLive } from "./live.js";
import { plain } from "./markup.js";
import { showPalette } from "./palette.js";
import { firstChannel, shown } from "./places.js";
import { parse } from "./route.js";
import { createStore } from "./store.js";
import { createApp } from "./views/app.js";
import { speakerOf } from "./views/message.js";
import { createNotices } from "./views/notices.js";
import { showPeople } from "./views/people.js";
import { PRODUCT, whyNot } from "./words.js";

const TICK_MS = 1000;
const START_AGAIN_MS = 4000;

const store = createStore();
const answered = () => live?.answered();
let api = createApi(identity.current(), answered);
/** @type {ReturnType<typeof createLive> | null} */
let live = null;

const notices = createNotices({ again: () => live?.now() });
const act = createActions({
  store,
  api: () => api,
  showForm: (form, place) => showForm(form, place, ctx),
  confirm,
  toast: notices.toast,
});

/** @type {import("./views/message.js").Ctx} */
const ctx = {
  store,
  act,
  api: () => api,
  file: (url) => api.file(url),
  nameOf: (person) => (person === store.get().bot ? PRODUCT : (store.get().people[person]?.name ?? person)),
  showPicture,
  toast: notices.toast,
};

const openSearch = () => store.do({ type: "search", search: { open: true } });
const openPalette = () => showPalette(ctx, store.get().route.place);
const app = createApp(ctx, notices, { search: openSearch, palette: openPalette, people: () => showPeople(ctx), become });

/** @param {boolean} [quiet] Whether the page that is there stays while the start document comes. */
async function start(quiet = false) {
  const mine = api;
  try {
    const document = await mine.start();
    if (mine !== api) return;
    store.do({ type: "started", start: document });
    routed();
    connect();
  } catch (/** @type {any} */ problem) {
    if (mine !== api) return;
    if (problem.status === 401) return store.do({ type: "failed", phase: "sign-in", why: problem.message });
    if (!quiet) store.do({ type: "failed", phase: "failed", why: problem.passing ? "" : whyNot(problem) });
    if (problem.passing) setTimeout(() => mine === api && start(quiet), START_AGAIN_MS);
  }
}

function connect() {
  live?.close();
  const mine = api;
  live = createLive({
    url: api.liveUrl,
    there: api.there,
    after: () => store.get().seq,
    net: (net) => mine === api && store.do({ type: "net", net }),
    take(frame) {
      if (mine !== api) return;
      // Another database than the one we know: everything is asked for anew.
      if (frame.type === "reset" || (frame.type === "hello" && frame.seq < store.get().seq)) return void start(true);
      if (frame.type === "login") return void start();
      announce(frame);
      act.follow(frame);
      store.do({ type: "live", frame });
      if (frame.type === "up" || frame.type === "hello") back();
    },
  });
  live.connect();
}

/** The server is there again: what waited goes out, and what did not load is asked for. */
function back() {
  act.outbox.again();
  const { main, thread } = shown(store.get());
  for (const place of [main, thread]) if (place && store.get().loaded[place.key]?.failed) void act.load(place.key);
}

/** Somebody else's finished words, in a place that is on screen, are read out. @param {any} frame */
function announce(frame) {
  if (frame.type !== "message" || frame.message.draft || frame.message.deleted) return;
  const state = store.get();
  const { message } = frame;
  const { main, thread } = shown(state);
  if (message.place !== main?.key && message.place !== thread?.key) return;
  if (message.speaker.person === state.me?.id) return;
  const old = state.messages[message.place]?.find((one) => one.id === message.id);
  // A line that a person wrote for somebody they play becomes that one's.
  if (old && !old.draft && speakerOf(old) === speakerOf(message)) return;
  const priv = message.only_for ? " (only for you)" : "";
  say(`${speakerOf(message)}${priv}: ${message.title ? `${message.title}. ` : ""}${plain(message.text)}`);
}

/** What never reached the server goes back to where it was written. @param {string[]} statuses */
function keepUnsent(statuses) {
  const { me, pending } = store.get();
  for (const one of pending)
    if (me && statuses.includes(one.status)) drafts.keep(me.id, one.place, [drafts.read(me.id, one.place), one.text].filter(Boolean).join("\n"));
}

/** Another identity in this tab. @param {string} id */
function become(id) {
  keepUnsent(["sending", "waiting", "refused"]);
  identity.choose(id);
  live?.close();
  api = createApi(id, answered);
  store.do({ type: "left" });
  void start();
}

function routed() {
  const state = store.get();
  let route = parse(location.hash);
  if (state.phase === "ready" && !state.places[route.place]) {
    route = { place: firstChannel(state)?.key ?? "", message: "" };
    history.replaceState(null, "", route.place ? `#/${encodeURIComponent(route.place)}` : "#/");
  }
  const moved = route.place !== state.route.place;
  // The same link again: the message is looked for again.
  if (!moved && route.message && route.message === state.route.message) store.do({ type: "routed", route: { ...route, message: "" } });
  queueMicrotask(() => {
    store.do({ type: "routed", route });
    if (narrow()) store.do({ type: "search", search: { open: false } });
    else if (moved && store.get().places[route.place]?.kind === "thread") store.do({ type: "search", search: { open: false } });
    if (moved && !route.message && !matchMedia("(pointer: coarse)").matches) setTimeout(() => !document.querySelector("dialog[open]") && app.writing().box.focus());
  });
}

const narrow = () => matchMedia("(max-width: 1099px)").matches;

function escape() {
  const state = store.get();
  if (state.search.open) store.do({ type: "search", search: { open: false } });
  // Somebody who writes may press it to be rid of an offer: that must not close the thread.
  else if (shown(state).thread && !state.editing && !app.writing().box.value) app.closeThread();
}

store.subscribe((state) => app.update(state));
setInterval(() => {
  const { typing, waiting } = store.get();
  if (Object.keys(typing).length || Object.keys(waiting).length) store.do({ type: "tick", now: Date.now() });
}, TICK_MS);
window.addEventListener("hashchange", routed);
// What is on its way right now may have arrived: only what is known to wait is kept.
window.addEventListener("pagehide", (event) => !event.persisted && keepUnsent(["waiting", "refused"]));
document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  app.writing().box.focus();
});
listen({ palette: openPalette, search: openSearch, step: app.step, part: app.part, escape, command: () => app.writing().write("/") });
void start();
