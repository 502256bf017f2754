/** The live stream: one WebSocket that comes back by itself and asks for what it missed. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 25_000;
const LOGIN_NEEDED = 4401;

/**
 * @param {object} given
 * @param {(after: number) => string} given.url
 * @param {() => number} given.after The last seq that was taken in.
 * @param {(frame: any) => void} given.take
 * @param {(net: "up" | "connecting" | "lost") => void} given.net
 */
export function createLive({ url, after, take, net }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ping;
  let heard = 0;

  function connect() {
    clearTimeout(again);
    if (closed) return;
    drop();
    net("connecting");
    const mine = new WebSocket(url(after()));
    socket = mine;
    mine.addEventListener("message", (event) => {
      if (socket !== mine) return;
      heard = Date.now();
      const frame = parsed(event.data);
      if (!frame) return;
      if (frame.type === "hello") {
        wait = FIRST_WAIT_MS;
        net("up");
      }
      take(frame);
    });
    mine.addEventListener("close", (event) => {
      if (socket !== mine) return;
      if (event.code === LOGIN_NEEDED) take({ type: "login" });
      else lost();
    });
    mine.addEventListener("open", () => {
      heard = Date.now();
      clearInterval(ping);
      ping = setInterval(() => {
        if (mine.readyState === WebSocket.OPEN) mine.send(JSON.stringify({ type: "ping" }));
      }, PING_MS);
    });
  }

  function lost() {
    drop();
    net("lost");
    // A little chance in the wait keeps a whole class from coming back in the same instant.
    again = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function drop() {
    clearInterval(ping);
    const old = socket;
    socket = null;
    old?.close();
  }

  const now = () => {
    wait = FIRST_WAIT_MS;
    if (!socket || socket.readyState > WebSocket.OPEN) connect();
  };
  const seen = () => {
    // A laptop that slept can hold a socket that looks open and is dead.
    if (document.visibilityState !== "visible") return;
    if (Date.now() - heard > 3 * PING_MS) connect();
    else now();
  };
  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", seen);

  return {
    connect,
    now,
    close() {
      closed = true;
      clearTimeout(again);
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
