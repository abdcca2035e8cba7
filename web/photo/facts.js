// The most important facts about a photo.

import { element } from "../ui/dom.js";
import { bytes, moment } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { cameraOf, dimensionsOf, exposureOf, placeOf, positionOf, timeOf } from "./words.js";

const MOST_STARS = 5;

export function facts(image) {
  const summary = image.summary ?? image.metadata?.summary ?? {};
  const where = positionOf(summary);
  const description = image.description || summary.description;
  return element(
    "div.facts",
    {},
    description ? element("p.description", {}, description) : null,
    keywords([...(image.keywords ?? []), ...(summary.keywords ?? [])]),
    element(
      "dl",
      {},
      fact("time", "Time", timeOf({ ...image, summary }) || "Unknown", `Uploaded ${moment(image.created_at)}`),
      fact("camera", "Camera", cameraOf(summary), summary.lens_model, exposureOf(summary)),
      fact("pin", "Place", placeOf(summary) || where?.text, placeOf(summary) ? where?.text : null, where && mapLink(where.url)),
      fact("file", "File", image.filename, dimensionsOf(image), image.size_bytes && bytes(image.size_bytes)),
      fact("account", "Rights", summary.creators?.join(", "), summary.credit, summary.copyright),
      fact("info", "More", summary.headline !== description && summary.headline, rating(summary.rating), summary.software && `Created with ${summary.software}`),
    ),
    duplicateNote(image),
    problemNote(image),
  );
}

/** A row for a fact; null if there is nothing to show. */
function fact(iconName, term, ...said) {
  const lines = [...new Set(said.filter(Boolean))];
  if (lines.length === 0) return null;
  return element(
    "div.fact",
    {},
    element("dt", {}, icon(iconName), element("span.visually-hidden", {}, term)),
    lines.map((line) => element("dd", {}, line)),
  );
}

function keywords(words) {
  const distinct = [...new Set(words)];
  if (distinct.length === 0) return null;
  return element("ul.keywords", { role: "list", "aria-label": "Keywords" }, distinct.map((word) => element("li", {}, word)));
}

function mapLink(url) {
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Open a map");
}

function rating(stars) {
  if (stars === undefined) return null;
  if (stars < 0) return "Marked as rejected";
  return element("span", { role: "img", "aria-label": `${stars} of ${MOST_STARS} stars` }, "★".repeat(stars), "☆".repeat(MOST_STARS - stars));
}

function duplicateNote({ duplicate_of: other }) {
  if (!other) return null;
  return element("p.notice", {}, "You have this photo twice. ", element("a", { href: `#/photo/${encodeURIComponent(other)}` }, "See the other one"));
}

function problemNote({ renditions_error: error }) {
  if (!error) return null;
  return element("p.notice", {}, `There is no preview: ${error.detail}`);
}
