// Has the browser save something as a file.

import { element } from "../ui/dom.js";

const KEPT_MS = 60_000;

/** Saves bytes that are here. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** Saves what is at a URL whose answer says that it is to be saved, and under which name. */
export function saveFrom({ url, filename }) {
  element("a", { href: url, download: filename ?? "" }).click();
}
