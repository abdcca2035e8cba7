// What can be done with the selected images.

import { confirmed } from "../ui/dialog.js";
import { element, show } from "../ui/dom.js";
import { counted, number } from "../ui/format.js";
import { icon } from "../ui/icons.js";

export function selectionBar({ selection, library, announcer }) {
  const text = element("span", { role: "status" });
  const all = element("button.quiet", { type: "button", onclick: selectAll }, "Select all");
  const remove = element("button.quiet", { type: "button", onclick: deleteSelected }, icon("trash"), "Delete");
  const bar = element(
    "div.selection-bar",
    { role: "toolbar", "aria-label": "Selected photos", hidden: true },
    element("button.quiet.round", { type: "button", "aria-label": "Cancel selection", onclick: () => selection.clear() }, icon("close")),
    text,
    all,
    remove,
  );
  selection.addEventListener("change", draw);
  return bar;

  function draw() {
    text.textContent = `${number(selection.size)} selected`;
    show(bar, selection.isOn);
    remove.disabled = selection.size === 0;
  }

  function selectAll() {
    selection.add(library.images.map(({ id }) => id));
  }

  async function deleteSelected() {
    const ids = selection.ids;
    const photos = counted(ids.length, "photo");
    const text = "This cannot be undone.";
    if (!(await confirmed({ title: `Delete ${photos}?`, text, action: "Delete", danger: true }))) return;
    try {
      await library.delete(ids);
      announcer.tell(`${photos} deleted.`);
      selection.clear();
    } catch (error) {
      announcer.tell(error.message);
    }
  }
}
