/** Building DOM nodes. Data only ever becomes text or attributes; nothing here parses HTML. */

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, any>} Props `on` holds listeners, `data` data attributes; the rest are attributes.
 */

/**
 * A new element.
 * @param {string} tag
 * @param {Props} [props] `null`, `undefined` and `false` leave an attribute out, `true` sets it empty.
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  add(node, children);
  return node;
}

/**
 * Appends children; strings become text nodes.
 * @param {Node} node
 * @param {(Child | Child[])[]} children
 */
export function add(node, children) {
  for (const child of children.flat(2)) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Puts `children` in the place of whatever `node` held.
 * @param {Element} node
 * @param {...(Child | Child[])} children
 */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

/**
 * @typedef {object} Item One child of a keyed list.
 * @property {string} key
 * @property {any[]} same When these are the same as last time, the node is kept.
 * @property {() => HTMLElement} make
 * @property {(node: HTMLElement) => void} [update] Called for a node that is kept.
 */

/** @type {WeakMap<Element, Map<string, {same: any[], node: HTMLElement}>>} */
const known = new WeakMap();

/**
 * Makes the children of `parent` be `items`: keeps nodes that stay, in order, and the keyboard's place.
 * @param {HTMLElement} parent
 * @param {Item[]} items
 */
export function patch(parent, items) {
  /** @type {Map<string, {same: any[], node: HTMLElement}>} */
  const before = known.get(parent) ?? new Map();
  const after = new Map();
  let at = parent.firstElementChild;
  for (const item of items) {
    const old = before.get(item.key);
    const kept = old && old.same.length === item.same.length && old.same.every((one, i) => one === item.same[i]);
    const node = kept ? old.node : item.make();
    if (kept) item.update?.(node);
    else if (old) {
      if (old.node === at) at = old.node.nextElementSibling;
      replace(old.node, node);
    }
    if (node === at) at = node.nextElementSibling;
    else if (!(old && !kept) || node.nextElementSibling !== at) parent.insertBefore(node, at);
    after.set(item.key, { same: item.same, node });
  }
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  known.set(parent, after);
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} node
 */
function replace(old, node) {
  const focused = old.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  old.replaceWith(node);
  if (!focused) return;
  const again = focused.dataset.focus ? node.querySelector(`[data-focus="${CSS.escape(focused.dataset.focus)}"]`) : null;
  /** @type {HTMLElement} */ (again ?? node).focus({ preventScroll: true });
}
