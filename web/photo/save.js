// Has the browser save something as a file.

import { Problem } from "../api/problem.js";
import { element } from "../ui/dom.js";

const KEPT_MS = 60_000;

/** Saves bytes that are here. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** Saves what a link of the API leads to. A link alone would open it: it is for showing too. */
export async function saveFrom({ url, filename }) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw Problem.noAnswer();
  save(await response.blob(), filename);
}
