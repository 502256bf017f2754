/** Files on their way into a message: checked, sent at once, shown as chips with a small picture. */

import { h } from "./h.js";
import { icon } from "./icons.js";
import { size } from "./times.js";
import { whyNot } from "./words.js";

/**
 * @param {object} given
 * @param {() => import("./api.js").Api} given.api
 * @param {() => number} given.most Bytes of one file.
 * @param {() => void} given.changed
 * @param {(text: string) => void} given.toast
 */
export function createUploads({ api, most, changed, toast }) {
  const node = h("ul", { class: "uploads", "aria-label": "Files to send", hidden: true });
  /** @typedef {{upload: import("./types.js").Upload | null, chip: HTMLElement, preview: string}} Entry */
  /** @type {Entry[]} */
  let all = [];

  /** @param {Iterable<File>} files */
  function take(files) {
    for (const file of files) {
      if (file.size > most()) toast(`${file.name} is ${size(file.size)}; up to ${size(most())} can be sent.`);
      else if (!file.size) toast(`${file.name} is empty.`);
      else void one(file);
    }
  }

  /** @param {File} file */
  async function one(file) {
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    const status = h("small", { role: "status" }, "Uploading …");
    const remove = h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}` }, icon("close"));
    const chip = h("li", { class: "chip busy" }, preview ? h("img", { src: preview, alt: "" }) : icon("file"), h("span", {}, h("b", {}, file.name), status), remove);
    /** @type {Entry} */
    const entry = { upload: null, chip, preview };
    remove.addEventListener("click", () => forget(entry));
    all.push(entry);
    node.append(chip);
    refresh();
    try {
      entry.upload = await api().upload(file);
      status.textContent = size(file.size);
      chip.classList.remove("busy");
    } catch (problem) {
      if (all.includes(entry)) toast(`${file.name}: ${whyNot(problem)}`);
      forget(entry);
    }
    refresh();
  }

  /** @param {Entry} entry */
  function forget(entry) {
    all = all.filter((other) => other !== entry);
    entry.chip.remove();
    if (entry.preview) URL.revokeObjectURL(entry.preview);
    refresh();
  }

  function refresh() {
    node.hidden = !all.length;
    changed();
  }

  return {
    node,
    take,
    /** Some are not there yet. */
    busy: () => all.some((one) => !one.upload),
    ready: () => all.flatMap((one) => (one.upload ? [one.upload] : [])),
    count: () => all.length,
    clear: () => [...all].forEach(forget),
  };
}
