// A section of the account page.

import { element, newId } from "../ui/dom.js";

export function section(title, ...content) {
  const id = newId("section");
  return element("section.card", { "aria-labelledby": id }, element("h2", { id }, title), content);
}
