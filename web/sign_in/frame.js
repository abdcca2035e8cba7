// The frame of all views for users who are not logged in.

import { element, svg } from "../ui/dom.js";

const TILES = 14;

/** Shows `content` beside a mosaic that hints at the gallery. */
export function frame(content) {
  return element(
    ".welcome",
    {},
    element("main.welcome-form", {}, element("p.brand", {}, mark(), "Images"), content),
    element(".mosaic", { "aria-hidden": "true" }, Array.from({ length: TILES }, () => element("i.tile"))),
  );
}

/** The page's logo. */
export function mark() {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("rect", { width: 32, height: 32, rx: 8 }),
    svg("circle", { cx: 21.5, cy: 11, r: 3 }),
    svg("path", { d: "M5.5 23.5 12 14l4.5 6 3-3.5 7 7z" }),
  );
}

/** A heading with a sentence below it. */
export function heading(title, text) {
  return [element("h1", { tabindex: "-1" }, title), text ? element("p.lead", {}, text) : null];
}
