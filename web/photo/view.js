// One photo, in front of the gallery, with everything that is known about it and can be done with it.

import { confirmed } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { failed, loading } from "../ui/states.js";
import { editPhoto } from "./edit.js";
import { facts } from "./facts.js";
import { metadata } from "./metadata.js";
import { saveFrom } from "./save.js";
import { stage } from "./stage.js";
import { nameOf } from "./words.js";

const LOOK_AGAIN_MS = 1500;
const MAX_LOOKS = 12;

export function photoView({ id, api, links, library, announcer, close, open }) {
  const neighbours = library.neighbours(id);
  const picture = stage({ neighbours, go });
  const title = element("h1", { tabindex: "-1" });
  const details = element("div.details-content", {}, loading());
  const buttons = element("div.photo-buttons");
  const view = element(
    "div.photo",
    { role: "region", "aria-label": "Photo" },
    element(
      "div.photo-bar",
      {},
      element("button.quiet.round", { type: "button", "aria-label": "Back to all photos", onclick: close }, icon("back")),
      title,
      buttons,
    ),
    picture.element,
    element("aside.details", { "aria-label": "About this photo" }, details),
  );
  let image = library.find(id);
  let etag = null;
  let looks = 0;
  let timer = null;
  let isGone = false;
  addEventListener("keydown", onKey);
  if (image) title.textContent = nameOf(image);
  picture.expect(image, links);
  load();

  return {
    element: view,
    focus: () => title.focus(),
    dispose() {
      isGone = true;
      clearTimeout(timer);
      removeEventListener("keydown", onKey);
    },
  };

  async function load() {
    try {
      take(await api.getImage(id));
    } catch (error) {
      if (isGone) return;
      const isMissing = error.status === 404;
      title.textContent = isMissing ? "Not found" : "Photo";
      picture.fail(isMissing ? "This photo does not exist or has been deleted." : error.message);
      details.replaceChildren(...(isMissing ? [] : [failed(error, again)]));
    }
  }

  function again() {
    details.replaceChildren(loading());
    load();
  }

  function take(found) {
    if (isGone) return;
    image = found.image;
    etag = found.etag;
    library.update(withoutMetadata(image));
    draw();
    const isUnfinished = image.status === "pending" || (image.status === "ready" && isPreviewExpected());
    if (isUnfinished && looks++ < MAX_LOOKS) timer = setTimeout(load, LOOK_AGAIN_MS);
  }

  /** Whether a missing preview may still be made. */
  function isPreviewExpected() {
    const isRecent = Date.now() - Date.parse(image.created_at) < MAX_LOOKS * LOOK_AGAIN_MS * 4;
    return isRecent && !image.renditions_error && !image.renditions?.some(({ name }) => name === "preview");
  }

  function draw() {
    title.textContent = nameOf(image);
    document.title = `${nameOf(image)} – Images`;
    picture.show(image, links);
    const isReady = image.status === "ready";
    buttons.replaceChildren(
      ...[
        isReady && action("download", "Download", download),
        isReady && action("edit", "Edit", edit),
        action("trash", "Delete", remove),
      ].filter(Boolean),
    );
    const isOpen = details.querySelector(".metadata")?.open;
    if (isOpen) details.querySelector(".facts").replaceWith(facts(image));
    else details.replaceChildren(facts(image), ...(isReady ? [metadata(image, allMetadata, announcer)] : []));
  }

  async function allMetadata() {
    return image.metadata ?? (await api.getMetadata(id));
  }

  function action(iconName, label, onclick) {
    return element("button.quiet.round", { type: "button", "aria-label": label, title: label, onclick }, icon(iconName));
  }

  async function download(event) {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await saveFrom(await api.contentLink(id));
    } catch (error) {
      announcer.tell(error.message);
    } finally {
      button.disabled = false;
    }
  }

  async function edit() {
    const edited = await editPhoto({ image, etag, api });
    if (edited === null) {
      // Show edits that were made elsewhere.
      await load();
      return;
    }
    take({ image: { ...edited.image, metadata: edited.image.metadata ?? image.metadata }, etag: edited.etag });
    announcer.tell("Saved.");
  }

  async function remove() {
    const text = "This cannot be undone.";
    if (!(await confirmed({ title: `Delete “${nameOf(image)}”?`, text, action: "Delete", danger: true }))) return;
    try {
      const after = neighbours.next ?? neighbours.previous;
      await library.delete([id]);
      announcer.tell("Photo deleted.");
      if (after) open(after.id);
      else close();
    } catch (error) {
      announcer.tell(error.message);
    }
  }

  function go(step) {
    const to = step < 0 ? neighbours.previous : neighbours.next;
    if (to) open(to.id);
  }

  function onKey(event) {
    if (document.querySelector("dialog[open]") || event.target.closest?.("input, textarea, select, pre")) return;
    if (event.key === "Escape") close();
    else if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
  }
}

function withoutMetadata({ metadata: _, ...rest }) {
  return rest;
}
