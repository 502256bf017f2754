/** The closed set of blocks as nodes. */

import { h } from "../h.js";
import { icon } from "../icons.js";
import { render } from "../markup.js";
import { size } from "../times.js";
import { choices } from "./choices.js";

/** @typedef {import("./message.js").Ctx} Ctx */

/** @type {Record<string, (block: any, message: import("../types.js").Message, ctx: Ctx) => Node | null>} */
const KINDS = {
  text: (block, _message, ctx) => h("div", { class: "prose" }, render(block.text, ctx.nameOf)),
  fields: (block) => fields(block.items),
  table: (block, _message, ctx) =>
    h("figure", { class: "exhibit" }, caption(block.title), table(block, block.title || "Table"), csv(block.csv, block.title, ctx)),
  image: (block, _message, ctx) =>
    h("figure", { class: "exhibit" }, caption(block.title), picture(block.url, block.alt, block.title, ctx)),
  chart: (block, _message, ctx) => chart(block, ctx),
  card: (block, message, ctx) => card(block, message, ctx),
  quote: (block, _message, ctx) =>
    h(
      "figure",
      { class: "quoted" },
      h("blockquote", {}, h("p", {}, block.text)),
      (block.who || block.link) &&
        h("figcaption", {}, block.who, " ", goodLink(block.link, ctx) && h("a", { href: goodLink(block.link, ctx) }, "Where this was said")),
    ),
};

/**
 * All blocks of a message; cards that follow one another become a list.
 * @param {import("../types.js").Message} message
 * @param {Ctx} ctx
 */
export function blocks(message, ctx) {
  const nodes = [];
  const all = message.blocks ?? [];
  // One of many is a row in a list; one alone may take its place.
  const many = all.filter((one) => one.kind === "card").length > 1;
  for (let at = 0; at < all.length; ) {
    if (all[at].kind !== "card") {
      nodes.push(KINDS[all[at].kind]?.(all[at], message, ctx));
      at += 1;
      continue;
    }
    const grid = [];
    while (all[at]?.kind === "card") grid.push(h("li", {}, KINDS.card(all[at++], message, ctx)));
    nodes.push(h("ul", { class: many ? "cards" : "cards single" }, grid));
  }
  return nodes;
}

/** @param {import("../types.js").SharedFile[]} files @param {Ctx} ctx */
export function files(files, ctx) {
  if (!files?.length) return null;
  return h(
    "ul",
    { class: "files", "aria-label": "Files" },
    files.map((file) => h("li", {}, file.media_type?.startsWith("image/") ? thumb(file, ctx) : plainFile(file, ctx))),
  );
}

/** @param {import("../types.js").SharedFile} file @param {Ctx} ctx */
function thumb(file, ctx) {
  const open = () => ctx.showPicture(ctx.file(file.url), file.name, file.name);
  const image = h("img", { src: ctx.file(file.thumb ?? file.url), alt: "", loading: "lazy" });
  return h("button", { type: "button", class: "thumb", "aria-label": `Show ${file.name}`, on: { click: open } }, image);
}

/** @param {import("../types.js").SharedFile} file @param {Ctx} ctx */
function plainFile(file, ctx) {
  return h(
    "a",
    { class: "file", href: ctx.file(file.url), download: file.name },
    icon("file"),
    h("span", {}, h("b", {}, file.name), h("small", {}, size(file.size))),
  );
}

/** @param {[string, string][]} items */
function fields(items) {
  return h("dl", { class: "fields" }, items.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));
}

/** @param {any} block @param {Ctx} ctx */
function chart(block, ctx) {
  const title = [block.title, block.unit && `(${block.unit})`].filter(Boolean).join(" ");
  const numbers = block.table && table(block.table, title);
  const drawn = ctx.file(block.url);
  return h(
    "figure",
    { class: "exhibit" },
    caption(title),
    drawn && picture(block.url, block.alt || title, title, ctx),
    numbers && (drawn ? h("details", {}, h("summary", {}, "Show the numbers"), numbers) : numbers),
    csv(block.csv ?? block.table?.csv, title, ctx),
  );
}

/** @param {any} block @param {import("../types.js").Message} message @param {Ctx} ctx */
function card(block, message, ctx) {
  const src = ctx.file(block.picture);
  return h(
    "article",
    { class: "card" },
    src && h("img", { class: "card-picture", src, alt: "", loading: "lazy" }),
    h("h4", {}, block.title),
    block.text && h("div", { class: "prose card-text" }, render(block.text, ctx.nameOf)),
    block.fields?.length > 0 &&
      h(
        "dl",
        { class: "facts" },
        block.fields.map((/** @type {[string, string]} */ [label, value]) =>
          h("div", {}, h("dt", { class: "unseen" }, label), h("dd", {}, value)),
        ),
      ),
    choices(block.choices, message, ctx, block.title),
  );
}

/** @param {string} [title] */
const caption = (title) => (title ? h("figcaption", {}, title) : null);

/** @param {string} url @param {string} alt @param {string} title @param {Ctx} ctx */
function picture(url, alt, title, ctx) {
  const src = ctx.file(url);
  if (!src) return h("p", { class: "missing" }, alt);
  return h(
    "button",
    { type: "button", class: "picture", "aria-label": `Enlarge: ${alt || title}`, on: { click: () => ctx.showPicture(src, alt, title) } },
    h("img", { src, alt, loading: "lazy" }),
  );
}

/** @param {{columns: string[], rows: string[][]}} block @param {string} label */
function table(block, label) {
  const numeric = block.columns.map((_, at) => block.rows.length > 0 && block.rows.every((row) => isNumber(row[at])));
  const cls = (/** @type {number} */ at) => (numeric[at] ? "number" : null);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": label },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, block.columns.map((name, at) => h("th", { scope: "col", class: cls(at) }, name)))),
      h("tbody", {}, block.rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: cls(at) }, cell))))),
    ),
  );
}

/** @param {string} cell */
const isNumber = (cell) => /^[<>≤≥±+\-−]?\s?[\d.,]+\s?%?$/.test(String(cell ?? "").trim());

/** @param {string | null} url @param {string} title @param {Ctx} ctx */
function csv(url, title, ctx) {
  const href = ctx.file(url);
  if (!href) return null;
  return h("a", { class: "csv", href, download: true, "aria-label": `CSV file: ${title || "table"}` }, icon("file"), "CSV");
}

/** An address inside the page, on this server, or on the web; nothing else. @param {string | null} link @param {Ctx} ctx */
export function goodLink(link, ctx) {
  if (!link) return null;
  if (link.startsWith("#/") || /^https?:\/\//.test(link)) return link;
  return ctx.file(link);
}
