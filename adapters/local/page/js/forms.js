/** Forms in a dialog, with the server's errors at their fields. */

import { eventId } from "./api.js";
import { dialog } from "./dialogs.js";
import { fill, h } from "./h.js";
import { render } from "./markup.js";
import { whyNot } from "./words.js";

/**
 * @param {import("./types.js").Form} form
 * @param {string} place
 * @param {import("./views/message.js").Ctx} ctx
 */
export function showForm(form, place, ctx) {
  const id = eventId();
  const people = Object.values(ctx.store.get().people);
  const parts = form.fields.map((field, at) => part(field, `field-${at}`, people));
  const wrong = h("p", { class: "form-error", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "button primary" }, form.submit || "Send");
  const node = h(
    "form",
    { class: "form", novalidate: true },
    form.text && h("div", { class: "prose" }, render(form.text, ctx.nameOf)),
    wrong,
    parts.map((one) => one.node),
    h("div", { class: "form-end" }, h("button", { type: "button", class: "button quiet", on: { click: () => shown.close() } }, "Cancel"), send),
  );
  const shown = dialog(form.title, node, { cls: "form-dialog" });

  /** @param {Record<string, string>} errors */
  function mark(errors) {
    for (const one of parts) one.error(errors[one.name] ?? "");
    const loose = Object.entries(errors).filter(([name]) => !parts.some((one) => one.name === name));
    problem(loose.map(([, text]) => text).join(" "));
    parts.find((one) => errors[one.name])?.focus();
  }

  /** @param {string} text */
  function problem(text) {
    wrong.textContent = text;
    wrong.hidden = !text;
  }

  node.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (send.getAttribute("aria-disabled") === "true") return;
    const missing = Object.fromEntries(parts.filter((one) => one.required && one.empty()).map((one) => [one.name, "Please fill this in."]));
    mark(missing);
    if (Object.keys(missing).length) return;
    send.setAttribute("aria-disabled", "true");
    send.classList.add("working");
    try {
      const values = Object.fromEntries((await Promise.all(parts.map((one) => one.value(ctx)))).filter(([, value]) => value !== null));
      await ctx.api().fillIn(place, { form: form.id, values, event_id: id });
      shown.close();
    } catch (/** @type {any} */ failed) {
      if (failed.errors) mark(failed.errors);
      else problem(whyNot(failed));
    } finally {
      send.removeAttribute("aria-disabled");
      send.classList.remove("working");
    }
  });
}

/** @param {import("./types.js").FormField} field @param {string} id @param {import("./types.js").Person[]} people */
function part(field, id, people) {
  const required = field.required ?? !(/** @type {any} */ (field).optional);
  const help = h("p", { class: "help", id: `${id}-help` }, field.help);
  const error = h("p", { class: "error", id: `${id}-error` });
  const described = [field.help && `${id}-help`, `${id}-error`].filter(Boolean).join(" ");
  const choices = field.kind === "person" ? people.map((one) => /** @type {[string, string]} */ ([one.id, one.name])) : (field.choices ?? []);
  const few = field.kind === "choice" && (field.many || choices.length <= 5);
  const control = few ? options(field, id, choices) : single(field, id, choices);
  for (const input of few ? control.querySelectorAll("input") : [control]) {
    input.setAttribute("aria-describedby", described);
    if (required && !few) input.setAttribute("aria-required", "true");
  }
  const label = [field.label, !required && h("span", { class: "may" }, " (may be left out)")];
  const node = few
    ? h("fieldset", { class: "field" }, h("legend", {}, label), field.help && help, control, error)
    : h("div", { class: "field" }, h("label", { for: id }, label), field.help && help, control, error);
  const picked = () => [...node.querySelectorAll("input:checked")].map((one) => /** @type {any} */ (one).value);
  const many = () => (control.multiple ? [...control.selectedOptions].map((/** @type {any} */ one) => one.value) : picked());
  const empty = () => (few ? !picked().length : field.kind === "file" ? !control.files.length : !control.value.trim());
  return {
    name: field.name,
    required,
    node,
    empty,
    focus: () => (few ? node.querySelector("input:checked, input") : control)?.focus(),
    /** @param {string} text */
    error(text) {
      fill(error, text);
      node.classList.toggle("wrong", Boolean(text));
      for (const input of few ? node.querySelectorAll("input") : [control]) {
        if (text) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    },
    /** @param {import("./views/message.js").Ctx} ctx @returns {Promise<[string, any]>} */
    async value(ctx) {
      if (empty()) return [field.name, null];
      if (field.kind === "file") return [field.name, (await ctx.api().upload(control.files[0])).id];
      if (field.many) return [field.name, many()];
      if (few) return [field.name, picked()[0]];
      if (field.kind === "time") return [field.name, new Date(control.value).toISOString()];
      return [field.name, control.value];
    },
  };
}

/** @param {import("./types.js").FormField} field @param {string} id @param {[string, string][]} choices @returns {any} */
function single(field, id, choices) {
  const value = field.value ?? null;
  if (field.kind === "choice" || field.kind === "person") {
    const shown = field.many ? choices : [["", "Choose …"], ...choices];
    return h("select", { id, multiple: field.many, name: field.name }, shown.map(([one, label]) => h("option", { value: one, selected: String(value) === one }, label)));
  }
  if (field.kind === "file") return h("input", { id, type: "file", accept: (field.accept ?? field.media_types)?.join(",") });
  if (field.kind === "number") return h("input", { id, type: "number", step: field.whole ? 1 : "any", inputmode: "decimal", min: field.min, max: field.max, value });
  if (field.kind === "time") return h("input", { id, type: "datetime-local", value: value ? local(value) : null });
  if (!field.multiline) return h("input", { id, type: "text", value, maxlength: field.longest, autocomplete: "off" });
  return h("textarea", { id, rows: 5, maxlength: field.longest }, value);
}

/** @param {import("./types.js").FormField} field @param {string} id @param {[string, string][]} choices @returns {any} */
function options(field, id, choices) {
  const type = field.many ? "checkbox" : "radio";
  const on = (/** @type {string} */ value) => (Array.isArray(field.value) ? field.value.includes(value) : String(field.value ?? "") === value);
  return h("div", { class: "options" }, choices.map(([value, label]) => h("label", { class: "option" }, h("input", { type, name: id, value, checked: on(value) }), h("span", {}, label))));
}

/** A moment as the input wants it: local time to the minute. @param {string} iso */
function local(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
