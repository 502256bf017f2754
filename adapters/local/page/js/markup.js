/**
 * The marks of a message's text as DOM nodes: the same grammar as `adapters/markup.py`. Whatever is
 * no mark is text, so script and HTML in a message are shown as they were written.
 */

import { h } from "./h.js";

const INLINE =
  /\\(?<escaped>[\\`*_[\]~|>#+-])|`(?<code>[^`\n]+)`|\*\*(?<bold>(?:\\.|[^*\n\\])+)\*\*|(?<![\p{L}\p{N}_])_(?<italic>(?:\\.|[^_\n\\])+)_(?![\p{L}\p{N}_])|\[(?<label>(?:\\.|[^\]\n\\])+)\]\((?<link>https?:\/\/[^\s)]+)\)|<@(?<person>[^<>\s]+)>/gu;
const ESCAPE = /\\([\\`*_[\]~|>#+-])/gu;

/**
 * @typedef {{text: string, style: "" | "bold" | "italic" | "code" | "person", link: string}} Span
 * @typedef {{kind: "plain" | "quote" | "item" | "code", spans: Span[]}} Line
 */

/**
 * The lines of a text; the fence lines themselves are left out.
 * @param {string} text
 * @returns {Line[]}
 */
export function lines(text) {
  /** @type {Line[]} */
  const found = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (line.trimStart().startsWith("```")) fenced = !fenced;
    else if (fenced) found.push({ kind: "code", spans: [span(line, "code")] });
    else if (line.startsWith("> ") || line === ">") found.push({ kind: "quote", spans: spans(line.slice(2)) });
    else if (line.startsWith("- ")) found.push({ kind: "item", spans: spans(line.slice(2)) });
    else found.push({ kind: "plain", spans: spans(line) });
  }
  return found;
}

/**
 * The spans of one line, with the marks taken out.
 * @param {string} text
 */
export function spans(text) {
  /** @type {Span[]} */
  const found = [];
  let words = "";
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const groups = match.groups ?? {};
    words += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (groups.escaped) {
      words += groups.escaped;
      continue;
    }
    if (words) found.push(span(words));
    words = "";
    found.push(marked(groups));
  }
  words += text.slice(at);
  if (words) found.push(span(words));
  return found;
}

/** @param {Record<string, string | undefined>} groups @returns {Span} */
function marked(groups) {
  const plain = (/** @type {string} */ text) => text.replace(ESCAPE, "$1");
  if (groups.code) return span(groups.code, "code");
  if (groups.bold) return span(plain(groups.bold), "bold");
  if (groups.italic) return span(plain(groups.italic), "italic");
  if (groups.person) return span(groups.person, "person");
  return span(plain(groups.label ?? ""), "", groups.link);
}

/** @param {string} text @param {Span["style"]} [style] @param {string} [link] @returns {Span} */
const span = (text, style = "", link = "") => ({ text, style, link });

/**
 * A text as nodes.
 * @param {string} text
 * @param {(person: string) => string} nameOf
 * @returns {Node[]}
 */
export function render(text, nameOf) {
  const nodes = [];
  const all = lines(text.replace(/^\n+|\s+$/g, ""));
  for (let at = 0; at < all.length; ) {
    const kind = all[at].kind;
    const group = [];
    while (at < all.length && all[at].kind === kind) group.push(all[at++]);
    nodes.push(...block(kind, group, nameOf));
  }
  return nodes;
}

/** @param {Line["kind"]} kind @param {Line[]} group @param {(person: string) => string} nameOf @returns {Node[]} */
function block(kind, group, nameOf) {
  const inside = (/** @type {Line} */ line) => line.spans.map((one) => inline(one, nameOf));
  if (kind === "code") return [h("pre", {}, h("code", {}, group.map((line) => line.spans[0].text).join("\n")))];
  if (kind === "item") return [h("ul", {}, group.map((line) => h("li", {}, inside(line))))];
  const paragraphs = split(group).map((part) => h("p", {}, part.flatMap((line, i) => [i ? h("br") : null, ...inside(line)])));
  return kind === "quote" ? [h("blockquote", {}, paragraphs)] : paragraphs;
}

/** Lines between empty ones. @param {Line[]} group */
function split(group) {
  /** @type {Line[][]} */
  const parts = [[]];
  for (const line of group) {
    if (line.spans.length) parts[parts.length - 1].push(line);
    else if (parts[parts.length - 1].length) parts.push([]);
  }
  return parts.filter((part) => part.length);
}

/** @param {Span} one @param {(person: string) => string} nameOf @returns {Node} */
function inline(one, nameOf) {
  if (one.link) return h("a", { href: one.link, target: "_blank", rel: "noopener noreferrer nofollow" }, one.text);
  if (one.style === "bold") return h("strong", {}, one.text);
  if (one.style === "italic") return h("em", {}, one.text);
  if (one.style === "code") return h("code", {}, one.text);
  if (one.style === "person") return h("span", { class: "mention" }, `@${nameOf(one.text)}`);
  return document.createTextNode(one.text);
}

/** The text without its marks, on one line: for announcements and lists. @param {string} text */
export const plain = (text) =>
  lines(text)
    .map((line) => line.spans.map((one) => one.text).join(""))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
