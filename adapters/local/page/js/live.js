/** The live stream: one WebSocket that comes back by itself and asks for what it missed. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 3000;
const PING_MS = 25_000;
/** A stream that has not said hello by then hangs. */
const HELLO_MS = 10_000;
/** A blink of the network is not worth a word. */
const QUIET_MS = 1200;
/** A restart that takes longer than this is none any more. */
const RESTART_MS = 60_000;
const RESTART = 1012;
const LOGIN_NEEDED = 4401;

/**
 * @param {object} given
 * @param {(after: number) => string} given.url
 * @param {() => number} given.after The last seq that was taken in.
 * @param {() => Promise<boolean>} given.there Whether the server answers at all.
 * @param {(frame: any) => void} given.take
 * @param {(net: "up" | "lost" | "restarting") => void} given.net
 */
export function createLive({ url, after, there, take, net }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let closed = false;
  let up = false;
  let knocks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hanging;
  /** Set while it is not up. @type {ReturnType<typeof setTimeout> | undefined} */
  let word;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ping;
  let heard = 0;

  function connect() {
    if (closed) return;
    drop();
    missing(false);
    const mine = new WebSocket(url(after()));
    socket = mine;
    hanging = setTimeout(lost, HELLO_MS);
    mine.addEventListener("message", (event) => {
      if (socket !== mine) return;
      heard = Date.now();
      const frame = parsed(event.data);
      if (!frame) return;
      if (frame.type === "hello") found();
      take(frame);
    });
    mine.addEventListener("close", (event) => {
      if (socket !== mine) return;
      if (event.code === LOGIN_NEEDED) take({ type: "login" });
      else lost(event.code === RESTART);
    });
    mine.addEventListener("open", () => {
      heard = Date.now();
      ping = setInterval(() => {
        if (mine.readyState === WebSocket.OPEN) mine.send(JSON.stringify({ type: "ping" }));
      }, PING_MS);
    });
  }

  function found() {
    clearTimeout(hanging);
    clearTimeout(word);
    word = undefined;
    wait = FIRST_WAIT_MS;
    up = true;
    net("up");
  }

  /** @param {boolean} planned The server said that it stops. */
  function missing(planned) {
    up = false;
    if (planned) {
      clearTimeout(word);
      word = setTimeout(net, RESTART_MS, "lost");
      net("restarting");
    }
    word ??= setTimeout(net, QUIET_MS, "lost");
  }

  function lost(planned = false) {
    drop();
    missing(planned);
    // A little chance in the wait keeps a whole class from coming back in the same instant.
    again = setTimeout(knock, wait * (0.7 + 0.3 * Math.random()));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  /** Browsers slow down streams that failed often, so they are opened only where somebody answers. */
  async function knock() {
    drop();
    const mine = knocks;
    const answered = await there();
    if (closed || mine !== knocks) return;
    if (answered) connect();
    else lost();
  }

  /** Leaves whatever is under way. */
  function drop() {
    knocks += 1;
    clearTimeout(again);
    clearTimeout(hanging);
    clearInterval(ping);
    const old = socket;
    socket = null;
    old?.close();
  }

  const now = () => {
    if (up) return;
    wait = FIRST_WAIT_MS;
    void knock();
  };
  const seen = () => {
    if (document.visibilityState !== "visible") return;
    // A laptop that slept can hold a socket that looks open and is dead.
    if (up && Date.now() - heard > 3 * PING_MS) connect();
    else now();
  };
  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", seen);

  return {
    connect,
    now,
    /** Something else was answered: the server is there. */
    answered() {
      // A try that is under way may have begun before that; the very first one is left alone.
      if (!up && (!socket || wait > FIRST_WAIT_MS)) connect();
    },
    close() {
      closed = true;
      clearTimeout(word);
      window.removeEventListener("online", now);
      document.removeEventListener("visibilitychange", seen);
      drop();
    },
  };
}

/** @param {unknown} data */
function parsed(data) {
  try {
    const frame = JSON.parse(String(data));
    return frame && typeof frame === "object" ? frame : null;
  } catch {
    return null;
  }
}
