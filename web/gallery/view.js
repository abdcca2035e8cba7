// The gallery: the grid, what is above and below it, and what is shown in its place.

import { element, show } from "../ui/dom.js";
import { counted } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { empty, failed, loading } from "../ui/states.js";
import { Freshener } from "./freshener.js";
import { Grid } from "./grid.js";
import { isByCapture, isFiltered } from "./query.js";
import { Selection } from "./selection.js";
import { selectionBar } from "./selection_bar.js";
import { skeleton } from "./skeleton.js";
import { toolbar } from "./toolbar.js";

export function galleryView({ library, links, announcer, pickFiles }) {
  const selection = new Selection();
  const freshener = new Freshener(library);
  const grid = new Grid({ library, selection, links, freshener, timeOf: (image) => timeOf(image, library.query) });
  const instead = element("div");
  const below = element("div.below");
  const tools = toolbar(library.query, {
    onChange(query) {
      selection.clear();
      scrollTo(0, 0);
      library.ask(query);
    },
    onSelect: () => selection.begin(),
  });
  const bar = selectionBar({ selection, library, announcer });
  const news = element("button.news", { type: "button", hidden: true, onclick: () => library.reload() });
  const view = element("div.gallery", {}, element("div.bars", {}, tools, bar), news, instead, grid.element, below);
  let shown = null;

  library.addEventListener("change", draw);
  selection.addEventListener("change", onSelection);
  addEventListener("keydown", onKey);
  if (library.isNew) library.reload();
  draw();

  return {
    element: view,
    focus: (id) => grid.focus(id),
    dispose() {
      library.removeEventListener("change", draw);
      removeEventListener("keydown", onKey);
      freshener.stop();
      grid.dispose();
    },
  };

  function draw() {
    const count = library.images.length;
    const state = count > 0 ? "images" : library.error ? "failed" : library.isLoading || library.isNew ? "loading" : library.hasMore ? "loading" : "empty";
    if (state !== shown || state === "failed") {
      shown = state;
      instead.replaceChildren(...insteadOf(state));
      show(tools, state !== "empty" || isFiltered(library.query));
      show(grid.element, state === "images");
    }
    // A page of a filtered list may be empty even if it is not the last one.
    if (state === "loading" && library.hasMore && !library.isLoading) library.more();
    news.textContent = `Show ${counted(library.news, "new photo")}`;
    show(news, library.news > 0);
    below.replaceChildren(...(count > 0 ? belowImages() : []));
    selection.keep(library.images.map(({ id }) => id));
    grid.update();
  }

  function insteadOf(state) {
    if (state === "loading") return [skeleton()];
    if (state === "failed") return [failed(library.error, () => library.reload())];
    if (state !== "empty") return [];
    if (isFiltered(library.query)) return [empty("search", "No photos match", "Try fewer filters.")];
    return [
      element(
        "div.drop-area",
        {},
        empty(
          "picture",
          "No photos yet",
          "Drop photos or whole folders here.",
          element("button.primary", { type: "button", onclick: pickFiles }, icon("upload"), "Choose photos"),
        ),
        element("p.hint", {}, "JPEG, PNG, GIF, WebP, TIFF, HEIC and AVIF"),
      ),
    ];
  }

  function belowImages() {
    if (library.error) return [failed(library.error, () => library.more())];
    return library.hasMore ? [loading()] : [];
  }

  function onSelection() {
    view.classList.toggle("selecting", selection.isOn);
    grid.update();
  }

  function onKey(event) {
    if (event.key === "Escape" && selection.isOn && !document.querySelector("dialog[open]")) selection.clear();
  }
}

/** The time that decides an image's place in the gallery. */
function timeOf(image, query) {
  const captured = image.captured_at ?? image.summary?.captured_at;
  if (isByCapture(query) && captured) return captured;
  const created = new Date(image.created_at);
  return `${created.getFullYear()}-${String(created.getMonth() + 1).padStart(2, "0")}`;
}
