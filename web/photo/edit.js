// Editing a photo's title, description, keywords and file name.

import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { field, form } from "../ui/form.js";

/** Shows a dialog for edits. Resolves to the edited image, null if nothing was changed. */
export function editPhoto({ image, etag, api }) {
  return openDialog("Edit", (close) => [
    form({
      fields: [
        field({ name: "title", label: "Title", required: false, value: image.title ?? "" }),
        field({ name: "description", label: "Description", required: false, multiline: true, rows: 4, value: image.description ?? "" }),
        field({ name: "keywords", label: "Keywords", required: false, hint: "Separated by commas.", value: (image.keywords ?? []).join(", ") }),
        field({ name: "filename", label: "File name", value: image.filename ?? "" }),
      ],
      submit: "Save",
      secondary: [element("button", { type: "button", onclick: () => close() }, "Cancel")],
      messageOf: (error) =>
        error.status === 412 ? "This photo has been edited elsewhere. Close this dialog and edit the current version." : error.message,
      async onSubmit(values) {
        const edits = changes(image, values);
        close(Object.keys(edits).length > 0 ? await api.editImage(image.id, edits, etag) : null);
      },
    }),
  ]);
}

/** The members that differ; null removes a value. */
function changes(image, { keywords, ...texts }) {
  const edits = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text !== (image[name] ?? "")) edits[name] = text || null;
  }
  const words = [...new Set(keywords.split(",").map((word) => word.trim()).filter(Boolean))];
  if (words.join("\n") !== (image.keywords ?? []).join("\n")) edits.keywords = words;
  return edits;
}
