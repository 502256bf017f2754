/** Typed commands: `/sim WORD rest`, `/WORD rest`, `!WORD rest`. Pure. */

const SLASH = /^\s*\/(?:sim(?:\s+|$))?(?:(?<word>[^\W\d_][\w-]*)(?=\s|$))?\s*(?<rest>.*)$/su;
const BANG = /^\s*!(?<word>[^\W\d_][\w-]*)(?=\s|$)\s*(?<rest>.*)$/su;

/**
 * The command in a line, or null when somebody just says something ("!!!", "/etc/passwd").
 * @param {string} text
 * @returns {{name: string, rest: string} | null}
 */
export function typed(text) {
  const found = BANG.exec(text) ?? SLASH.exec(text);
  if (!found?.groups) return null;
  const { word, rest } = found.groups;
  if (word) return { name: word.toLowerCase(), rest: rest.trim() };
  return /^\s*\/(sim)?\s*$/u.test(text) ? { name: "help", rest: "" } : null;
}

/**
 * The words of a line as a shell would split them, and the piece the caret stands in.
 * @param {string} rest
 * @returns {{whole: string[], last: string}}
 */
export function words(rest) {
  const whole = [];
  let word = "";
  let quote = "";
  let open = false;
  for (const mark of rest) {
    if (quote) {
      if (mark === quote) quote = "";
      else word += mark;
    } else if ((mark === '"' || mark === "'") && !word) {
      quote = mark;
      open = true;
    } else if (/\s/.test(mark)) {
      if (word || open) whole.push(word);
      word = "";
      open = false;
    } else word += mark;
  }
  return { whole, last: word };
}

/** A value as it is typed: quoted when a space would cut it. @param {string} value */
export const quoted = (value) => (/[\s"']/.test(value) ? `"${value.replaceAll('"', "")}"` : value);
