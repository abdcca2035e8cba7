// Makes the browser save something as a file.

import { Problem } from "../api/problem.js";
import { element } from "../ui/dom.js";

const KEPT_MS = 60_000;

/** Saves bytes in memory. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** Saves the target of a link of the API. A plain link would open it, because it is served for display too. */
export async function saveFrom({ url, filename }) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw Problem.noResponse();
  save(await response.blob(), filename);
}
