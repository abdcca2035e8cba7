// One picture of the gallery: a link to the photo, and a box to select it.

import { element } from "../ui/dom.js";
import { captureTime, mediaType, moment } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { nameOf } from "../photo/words.js";

/**
 * Makes the element, which has the methods `place`, to set its position and image, and `mark`, to set its state, and
 * the property `hasPicture`.
 */
export function tile(image) {
  const link = element("a", { href: `#/photo/${encodeURIComponent(image.id)}`, draggable: "false" });
  const tick = element("button.tick", { type: "button", role: "checkbox", "aria-checked": "false" }, icon("check"));
  const made = element("li.tile", {}, link, tick);
  let shown = null;
  let url = null;
  made.imageId = image.id;
  made.hasPicture = false;

  made.place = ({ image: now, index, left, top, width, height }, { links, total }) => {
    made.style.transform = `translate(${left}px, ${top}px)`;
    made.style.width = `${width}px`;
    made.style.height = `${height}px`;
    made.setAttribute("aria-posinset", index + 1);
    made.setAttribute("aria-setsize", total);
    const picture = links.get(now.id, "thumbnail");
    made.hasPicture = picture !== null || url !== null;
    if (shown === now && (picture === null || picture === url)) return;
    shown = now;
    link.setAttribute("aria-label", described(now));
    tick.setAttribute("aria-label", `Select ${nameOf(now)}`);
    // A picture stays after its link has expired: the browser has already loaded it.
    if (url !== null && picture === null) return;
    url = picture;
    link.replaceChildren(url ? thumbnail(now, url, links) : placeholder(now));
  };

  made.mark = ({ isSelected, isCurrent }) => {
    made.classList.toggle("selected", isSelected);
    tick.setAttribute("aria-checked", String(isSelected));
    link.tabIndex = tick.tabIndex = isCurrent ? 0 : -1;
  };

  function thumbnail(now, source, links) {
    const picture = element("img", { src: source, alt: "", decoding: "async", draggable: "false" });
    picture.addEventListener("load", () => picture.classList.add("loaded"));
    picture.addEventListener("error", () => {
      links.discard(now.id, "thumbnail");
      url = null;
      made.hasPicture = false;
      link.replaceChildren(placeholder(now));
    });
    return picture;
  }

  return made;
}

/** What is shown in place of a missing picture. */
function placeholder(image) {
  const text = image.status === "rejected" ? "Refused" : image.status === "pending" ? "Processing" : mediaType(image.content_type);
  return element(
    `span.placeholder.${image.status}`,
    {},
    icon(image.status === "rejected" ? "warning" : image.status === "pending" ? "time" : "picture"),
    element("span.type", {}, text),
    element("span.name", {}, nameOf(image)),
  );
}

function described(image) {
  const time = image.captured_at ? captureTime(image.captured_at) : `uploaded ${moment(image.created_at)}`;
  const state = { ready: "", pending: ", processing", rejected: ", refused" }[image.status];
  return `${nameOf(image)}, ${time}${state}`;
}
