/** The server's HTTP side. Every failure is a `Problem` that says whether sending again can help. */

/** @typedef {import("./types.js").Form} Form */

export class Problem extends Error {
  /**
   * @param {number} status 0 when nothing answered.
   * @param {{title?: string, detail?: string, code?: string, errors?: Record<string, string>}} [body]
   */
  constructor(status, body = {}) {
    super(body.detail || body.title || "");
    this.status = status;
    this.code = body.code ?? "";
    this.errors = body.errors ?? null;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return [0, 408, 425, 429, 502, 503, 504].includes(this.status);
  }
}

/** Waiting longer than this for an answer counts as none: the request is safe to send again. */
const PATIENCE_MS = 20_000;
/** An Enter waits for what is offered: where the network hangs it goes without. */
const OFFERS_MS = 2500;

/** Waiting longer than this for any answer at all counts as none. */
const KNOCK_MS = 5000;

/**
 * @param {string} as The tab's identity; empty when a login says who it is.
 * @param {() => void} answered Called whenever a request went well.
 */
export function createApi(as, answered) {
  let csrf = "";

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<any>}
   */
  async function ask(path, init = {}) {
    const headers = new Headers(init.headers);
    headers.set("Accept", "application/json");
    if (as) headers.set("X-Dressrun-As", as);
    if (csrf) headers.set("X-Dressrun-Csrf", csrf);
    let response;
    try {
      response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS), ...init, headers, credentials: "same-origin" });
    } catch {
      throw new Problem(0);
    }
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, body);
    answered();
    return body;
  }

  /**
   * @param {string} path
   * @param {object} body
   * @param {number} patience Milliseconds.
   */
  const post = (path, body = {}, patience = PATIENCE_MS) =>
    ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(patience) });

  /** @param {string} place */
  const at = (place) => `/local/api/places/${encodeURIComponent(place)}`;

  return {
    as,
    /** @returns {Promise<import("./types.js").Start>} */
    async start() {
      const body = await ask("/local/api/start");
      csrf = body.csrf ?? "";
      return body;
    },
    /** @param {string} place @param {number} [before] */
    messages: (place, before) => ask(`${at(place)}/messages?limit=50${before ? `&before=${before}` : ""}`),
    /** @param {string} q @param {string} [place] */
    search: (q, place) =>
      ask(`/local/api/search?q=${encodeURIComponent(q)}${place ? `&place=${encodeURIComponent(place)}` : ""}`),
    /** @param {string} place @param {{text: string, event_id: string, files: string[]}} body */
    say: (place, body) => post(`${at(place)}/messages`, body),
    /** @param {string} place @param {string} message @param {string} text */
    edit: (place, message, text) => post(`${at(place)}/edit`, { message, text }),
    /** @param {string} place @param {string} message */
    remove: (place, message) => post(`${at(place)}/delete`, { message }),
    /** @param {string} place @param {{name: string, text: string, options: object, event_id: string}} body @returns {Promise<{form?: Form}>} */
    command: (place, body) => post(`${at(place)}/commands`, body),
    /** @param {string} place @param {{message: string, choice: string, event_id: string}} body @returns {Promise<{form?: Form}>} */
    press: (place, body) => post(`${at(place)}/press`, body),
    /** @param {string} place @param {{form: string, values: object, event_id: string}} body */
    fillIn: (place, body) => post(`${at(place)}/forms`, body),
    /** @param {{place: string, command: string, option: string, typed: string, given: object}} body @returns {Promise<{items: [string, string][]}>} */
    complete: (body) => post("/local/api/complete", body, OFFERS_MS),
    /** @param {string} place @param {number} seq */
    read: (place, seq) => post(`${at(place)}/read`, { seq }),
    /** @param {string} place */
    stop: (place) => post(`${at(place)}/stop`),
    /** Whether the server answers, whatever it says. @returns {Promise<boolean>} */
    there: () =>
      fetch("/local/page/icon.svg", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(KNOCK_MS) }).then(
        (response) => response.status < 500,
        () => false,
      ),
    logout: () => post("/local/api/logout"),
    /** @param {string} person @returns {Promise<{place: any}>} */
    dm: (person) => post("/local/api/dm", { person }),
    /** @param {File} file @returns {Promise<import("./types.js").Upload>} */
    upload(file) {
      const name = encodeURIComponent(file.name || "pasted.png");
      const headers = { "Content-Type": file.type || "application/octet-stream" };
      return ask(`/local/api/uploads?name=${name}`, { method: "POST", headers, body: file, signal: AbortSignal.timeout(120_000) });
    },
    /**
     * An address for `src` or `href`, or null for one that does not lead back here: pictures and
     * files cannot send a header, so the identity goes into the query.
     * @param {string | null | undefined} url
     */
    file(url) {
      if (!url || !url.startsWith("/") || url.startsWith("//")) return null;
      if (!as || !url.startsWith("/local/")) return url;
      return `${url}${url.includes("?") ? "&" : "?"}as=${encodeURIComponent(as)}`;
    },
    /** @param {number} after */
    liveUrl(after) {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      return `${scheme}//${location.host}/local/live?${new URLSearchParams({ ...(as ? { as } : {}), after: String(after) })}`;
    },
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** A new id for something sent: the same one goes with every attempt. */
export function eventId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Not a secure context: a random id all the same, since it only tells attempts apart.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
