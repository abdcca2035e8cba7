// What is shown in place of missing content.

import { element } from "./dom.js";
import { icon } from "./icons.js";

/** Tells what failed, and offers to try again. */
export function failed(error, retry) {
  return element(
    ".state",
    { role: "alert" },
    icon("warning"),
    element("p", {}, error.message),
    element("button", { type: "button", onclick: retry }, icon("retry"), "Try again"),
  );
}

/** Tells that there is no content, and what to do about it. */
export function empty(iconName, title, text, ...actions) {
  return element(".state", {}, icon(iconName), element("h2", {}, title), element("p", {}, text), actions);
}

/** Tells that content is being loaded. */
export function loading(text = "Loading…") {
  return element(".state.loading", { role: "status" }, element("span.spinner"), element("p", {}, text));
}
