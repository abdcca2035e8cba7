// What can be done with the selected images.

import { confirmed } from "../ui/dialog.js";
import { element, show } from "../ui/dom.js";
import { counted } from "../ui/format.js";
import { icon } from "../ui/icons.js";

export function selectionBar({ selection, library, announcer }) {
  const text = element("span", { role: "status" });
  const all = element("button.quiet", { type: "button", onclick: selectAll }, "Select all");
  const remove = element("button.quiet", { type: "button", onclick: deleteSelected }, icon("trash"), "Delete");
  const bar = element(
    "div.selection-bar",
    { role: "toolbar", "aria-label": "Selected photos", hidden: true },
    element("button.quiet.round", { type: "button", "aria-label": "Clear selection", onclick: () => selection.clear() }, icon("close")),
    text,
    all,
    remove,
  );
  selection.addEventListener("change", draw);
  return bar;

  function draw() {
    text.textContent = `${counted(selection.size, "photo")} selected`;
    show(bar, selection.size > 0);
  }

  function selectAll() {
    selection.add(library.images.map(({ id }) => id));
  }

  async function deleteSelected() {
    const ids = selection.ids;
    const photos = counted(ids.length, "photo");
    const text = "They cannot be brought back.";
    if (!(await confirmed({ title: `Delete ${photos}?`, text, action: "Delete", danger: true }))) return;
    remove.disabled = true;
    try {
      await library.delete(ids);
      announcer.tell(`${photos} deleted.`);
    } catch (error) {
      announcer.tell(error.message);
    } finally {
      remove.disabled = false;
      selection.keep(library.images.map(({ id }) => id));
    }
  }
}
