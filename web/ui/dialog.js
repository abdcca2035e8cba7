// Modal dialogs.

import { element, newId } from "./dom.js";

/** Shows a dialog; `build(close)` makes its content. Resolves to the argument of `close`, null if it is dismissed. */
export function openDialog(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const titleId = newId("dialog");
    const dialog = element(`dialog.dialog${wide ? ".wide" : ""}`, { "aria-labelledby": titleId });
    let result = null;
    const close = (value = null) => {
      result = value;
      dialog.close();
    };
    dialog.append(element("h2", { id: titleId }, title), ...[build(close)].flat());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks for confirmation. Resolves to whether it was confirmed. */
export async function confirmed({ title, text, action, danger = false }) {
  const answer = await openDialog(title, (close) => [
    element("p", {}, text),
    element(
      ".dialog-buttons",
      {},
      element("button", { type: "button", onclick: () => close(false), autofocus: true }, "Cancel"),
      element(`button.primary${danger ? ".danger" : ""}`, { type: "button", onclick: () => close(true) }, action),
    ),
  ]);
  return answer === true;
}
