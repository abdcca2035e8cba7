// What the gallery shows while its first pictures are loading.

import { element } from "../ui/dom.js";

const WIDTHS = [3, 2, 4, 3, 2, 3, 4, 2, 3, 3, 2, 4, 3, 3];

export function skeleton() {
  return element(
    "div.skeleton",
    { role: "status" },
    element("span.visually-hidden", {}, "Loading your photos…"),
    WIDTHS.map((width) => element(`i.w${width}`)),
  );
}
