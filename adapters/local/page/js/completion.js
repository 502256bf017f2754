/** What a typed line may go on with: commands, their options, and values the server knows. */

import { quoted, words } from "./typed.js";

/**
 * @typedef {object} Offer
 * @property {string} label
 * @property {string} hint
 * @property {string} line The whole line once it is taken.
 * @property {boolean} done Whether the line can be sent as it is.
 *
 * @typedef {{offers: Offer[], usage: string, first: boolean}} Offers `first`: Enter takes the first offer.
 */

const LINE = /^(?<mark>\s*(?:\/(?:sim\s+)?|!))(?<word>[\w-]*)(?<gap>\s*)(?<rest>.*)$/su;

/**
 * @param {string} line
 * @param {import("./types.js").Command[]} commands
 * @param {(command: string, option: string, typed: string, given: object) => Promise<[string, string][]>} ask
 * @returns {Promise<Offers | null>} null when the line is no command.
 */
export async function offers(line, commands, ask) {
  const found = LINE.exec(line)?.groups;
  if (!found || (found.rest && !found.gap) || line.includes("\n")) return null;
  const command = commands.find((one) => one.name === found.word.toLowerCase());
  // A whole command that needs nothing more is sent as it stands.
  if (!found.gap) return { offers: ofCommands(found.mark, found.word, commands), usage: "", first: !command?.options.every((one) => one.optional) };
  if (!command) return null;
  return ofOptions(`${found.mark}${found.word} `, found.rest, command, ask);
}

/** @param {string} mark @param {string} word @param {import("./types.js").Command[]} commands */
function ofCommands(mark, word, commands) {
  const like = word.toLowerCase();
  const first = commands.filter((one) => one.name.startsWith(like));
  // From three letters on, what a command does is looked at too: "end" and "finish" both find it.
  const said = (/** @type {import("./types.js").Command} */ one) => (like.length > 2 ? `${one.name} ${one.summary}` : one.name).toLowerCase();
  const other = like ? commands.filter((one) => !first.includes(one) && said(one).includes(like)) : [];
  return [...first, ...other].map((one) => {
    const done = one.options.every((option) => option.optional);
    return { label: `${mark.trim()}${mark.includes("sim") ? " " : ""}${one.name}${signature(one)}`, hint: one.summary, line: `${mark}${one.name}${one.options.length ? " " : ""}`, done: done && !one.options.length };
  });
}

/** @param {import("./types.js").Command} command */
export function signature(command) {
  return command.options.map((one) => (one.optional ? ` [${one.name}]` : ` ${one.name}`)).join("");
}

/** @param {string} head @param {string} rest @param {import("./types.js").Command} command @param {Parameters<typeof offers>[2]} ask */
async function ofOptions(head, rest, command, ask) {
  const { whole, last } = words(rest);
  const named = command.options.find((one) => one.completes && new RegExp(`^${one.name}[:=]`, "i").test(last));
  if (named) return ofNamed(head, rest, last, command, named, ask);
  const index = whole.length;
  // The last option takes all that is left of the line, spaces and all.
  const at = Math.min(index, command.options.length - 1);
  const option = command.options[at];
  if (!option) return { offers: [], usage: "", first: false };
  const usage = `${option.name}: ${option.description}${option.optional ? " (may be left out)" : ""}`;
  const beyond = index > at;
  const typed = beyond ? rest.trimStart() : last;
  const given = Object.fromEntries(command.options.slice(0, at).map((one, i) => [one.name, whole[i]]));
  const before = beyond ? "" : whole.slice(0, at).map((one) => `${quoted(one)} `).join("");
  let values = option.choices ?? [];
  if (option.completes) values = await ask(command.name, option.name, typed, given);
  else if (option.kind === "yes_no" && !values.length) values = [["yes", "Yes"], ["no", "No"]];
  const like = typed.toLowerCase();
  const lastOption = at === command.options.length - 1;
  const fitting = option.completes ? values : values.filter(([value, label]) => `${value} ${label}`.toLowerCase().includes(like));
  return {
    usage,
    // What may be left out is left out until something of it is typed.
    first: Boolean(typed) || !option.optional,
    offers: fitting.map(([value, label]) => ({
      label,
      hint: value === label ? "" : value,
      line: `${head}${before}${lastOption ? value : `${quoted(value)} `}`,
      done: lastOption || command.options.slice(at + 1).every((one) => one.optional),
    })),
  };
}

/**
 * Values of an option that is written as `name:value` anywhere in a line.
 * @param {string} head @param {string} rest @param {string} last @param {import("./types.js").Command} command
 * @param {import("./types.js").Command["options"][number]} option @param {Parameters<typeof offers>[2]} ask
 */
async function ofNamed(head, rest, last, command, option, ask) {
  const begun = last.slice(0, option.name.length + 1);
  // A quotation mark that was typed already stays out of the word, so the line is cut at the name.
  const before = rest.slice(0, rest.lastIndexOf(begun));
  const values = await ask(command.name, option.name, last.slice(begun.length), {});
  return {
    usage: `${option.name}: ${option.description}`,
    first: true,
    offers: values.map(([value, label]) => ({ label, hint: value === label ? "" : value, line: `${head}${before}${begun}${quoted(value)} `, done: false })),
  };
}
