/** Choosing whom to write to. */

import { dialog } from "../dialogs.js";
import { h } from "../h.js";
import { ROLES } from "../words.js";
import { avatar } from "./avatar.js";

/** @param {import("./message.js").Ctx} ctx */
export function showPeople(ctx) {
  const state = ctx.store.get();
  const others = Object.values(state.people).filter((one) => one.id !== state.me?.id);
  const choose = (/** @type {string} */ id) => {
    shown.close();
    void ctx.act.direct(id);
  };
  const shown = dialog(
    "Write to somebody",
    others.length
      ? h(
          "ul",
          { class: "people" },
          others.map((one) =>
            h("li", {}, h("button", { type: "button", on: { click: () => choose(one.id) } }, avatar(one.name, ctx.file(one.picture)), h("b", {}, one.name), h("span", { class: `badge ${one.role}` }, ROLES[one.role]))),
          ),
        )
      : h("p", {}, "Nobody else is here yet."),
    { cls: "small" },
  );
}
