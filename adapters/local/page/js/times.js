/** Moments and sizes in words, in the reader's own language settings and time zone. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayOnly = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });

/** @param {string} iso */
export const time = (iso) => shown(clock, iso);

/** @param {string} iso */
export const full = (iso) => shown(whole, iso);

/** @param {string} iso @param {Date} [now] */
export function day(iso, now = new Date()) {
  const key = dayKey(iso);
  if (key === dayKey(now.toISOString())) return "Today";
  if (key === dayKey(new Date(now.getTime() - 86_400_000).toISOString())) return "Yesterday";
  return shown(dayOnly, iso);
}

/** @param {string} iso */
export const dayKey = (iso) => new Date(iso).toDateString();

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** @param {Intl.DateTimeFormat} format @param {string} iso */
function shown(format, iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : format.format(at);
}
