// The picture itself, as large as fits, and buttons for the previous and next photo.

import { element } from "../ui/dom.js";
import { mediaType } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { nameOf } from "./words.js";

/** The formats that browsers show. For others, only the preview is shown. */
const SHOWN_BY_BROWSERS = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);
const SWIPE_PX = 60;

/** `go(step)` is called with -1 or 1 for the previous or next photo. */
export function stage({ neighbours, go }) {
  const frame = element("div.frame");
  const previous = beside("back", "Previous photo", -1);
  const next = beside("forward", "Next photo", 1);
  previous.disabled = !neighbours.previous;
  next.disabled = !neighbours.next;
  const made = element("div.stage", {}, frame, previous, next);
  let touchedAt = null;
  let shown = null;
  made.addEventListener("touchstart", (event) => (touchedAt = event.touches.length === 1 ? event.touches[0] : null), { passive: true });
  made.addEventListener("touchend", (event) => {
    if (touchedAt === null) return;
    const [dx, dy] = [event.changedTouches[0].clientX - touchedAt.clientX, event.changedTouches[0].clientY - touchedAt.clientY];
    if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) go(dx < 0 ? 1 : -1);
  });

  return {
    element: made,
    /** Shows why there is no picture. */
    fail(text) {
      shown = null;
      frame.replaceChildren(element("div.no-picture", {}, icon("warning"), element("p", {}, text)));
    },
    /** Shows the thumbnail, if there is one, until the image is loaded. */
    expect(image, links) {
      shown = null;
      const url = image ? links.get(image.id, "thumbnail") : null;
      frame.replaceChildren(url ? fitted(element("img.expected", { src: url, alt: "" }), image) : element("span.spinner"));
    },
    show(image, links) {
      const url = urlOf(image, links);
      const now = `${image.status} ${url}`;
      if (now === shown) return;
      shown = now;
      frame.replaceChildren(...pictureOf(image, url, frame));
    },
  };

  function beside(iconName, label, step) {
    return element("button.beside", { type: "button", "aria-label": label, onclick: () => go(step) }, icon(iconName));
  }
}

function urlOf(image, links) {
  const original = SHOWN_BY_BROWSERS.has(image.content_type) ? links.get(image.id, "content") : null;
  return links.get(image.id, "preview") ?? original;
}

function pictureOf(image, url, frame) {
  if (url === null) return [noPicture(image)];
  const picture = fitted(element("img.picture", { src: url, alt: nameOf(image), decoding: "async" }), image);
  picture.addEventListener("load", () => frame.querySelector(".expected")?.remove());
  picture.addEventListener("error", () => frame.replaceChildren(noPicture(image)));
  const expected = frame.querySelector(".expected");
  return expected ? [expected, picture] : [picture];
}

/** Shows a picture as large as fits, but never enlarged. */
function fitted(picture, { width, height }) {
  if (width && height) {
    picture.style.maxWidth = `min(100%, ${width}px)`;
    picture.style.maxHeight = `min(100%, ${height}px)`;
  }
  return picture;
}

function noPicture(image) {
  const { title, text } = {
    pending: { title: "Processing", text: "This takes a moment." },
    rejected: { title: "Refused", text: image.rejection?.detail ?? "" },
    ready: { title: mediaType(image.content_type), text: "There is no preview of this photo." },
  }[image.status];
  return element(
    "div.no-picture",
    {},
    icon(image.status === "rejected" ? "warning" : image.status === "pending" ? "time" : "picture"),
    element("p.title", {}, title),
    element("p", {}, text),
  );
}
