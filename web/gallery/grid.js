// The pictures in rows. Only those in or near the window are elements.

import { element, reconcile } from "../ui/dom.js";
import { layOut } from "./layout.js";
import { tile } from "./tile.js";

const GAP = 6;
const HEADING_HEIGHT = 46;
const SECTION_GAP = 22;
const SCREENS_AROUND = 1;
const SCREENS_LEFT_BEFORE_MORE = 2;

const ROW_HEIGHTS = [
  { upTo: 560, height: 112 },
  { upTo: 1000, height: 168 },
  { upTo: Infinity, height: 216 },
];

export class Grid {
  #library;
  #selection;
  #links;
  #freshener;
  #timeOf;
  #element = element("div.grid");
  #layout = { height: 0, sections: [] };
  #laidOut = null;
  #width = 0;
  #tiles = [];
  #currentId = null;
  #sections = new Map();
  #lists = new WeakMap();
  #frame = null;
  #resizes;

  /** `timeOf(image)` is the time that decides an image's heading. */
  constructor({ library, selection, links, freshener, timeOf }) {
    this.#library = library;
    this.#selection = selection;
    this.#links = links;
    this.#freshener = freshener;
    this.#timeOf = timeOf;
    this.#element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#element.addEventListener("focusin", (event) => this.#onFocus(event));
    this.#element.addEventListener("click", (event) => this.#onClick(event));
    this.#resizes = new ResizeObserver(() => this.update());
    this.#resizes.observe(this.#element);
    addEventListener("scroll", this.update, { passive: true });
  }

  get element() {
    return this.#element;
  }

  /** Draws what is visible, in the next frame. */
  update = () => {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  };

  dispose() {
    cancelAnimationFrame(this.#frame);
    removeEventListener("scroll", this.update);
    this.#resizes.disconnect();
  }

  /** Focuses an image, by default the one that had the focus last. */
  focus(id = this.#currentId) {
    const found = this.#tiles.find((one) => one.image.id === id) ?? this.#tiles[0];
    if (found) this.#focusTile(found);
  }

  #draw() {
    if (!this.#element.isConnected) return;
    this.#layOutIfNeeded();
    const { top } = this.#element.getBoundingClientRect();
    const around = innerHeight * SCREENS_AROUND;
    const [from, to] = [-top - around, -top + innerHeight + around];
    const visible = this.#layout.sections.filter((section) => section.top + section.height > from && section.top < to);
    reconcile(this.#element, visible, ({ key }) => key, this.#sections, (section) => this.#makeSection(section));
    for (const section of visible) this.#drawSection(section, from - section.top, to - section.top);
    if (this.#library.hasMore && this.#layout.height + top < innerHeight * (1 + SCREENS_LEFT_BEFORE_MORE)) {
      if (this.#library.error === null) this.#library.more();
    }
  }

  #layOutIfNeeded() {
    const width = this.#element.clientWidth;
    const images = this.#library.images;
    if (width === this.#width && this.#laidOut === this.#library.revision) return;
    this.#width = width;
    this.#laidOut = this.#library.revision;
    this.#layout = layOut(images, {
      width,
      rowHeight: ROW_HEIGHTS.find(({ upTo }) => width <= upTo).height,
      gap: GAP,
      headingHeight: HEADING_HEIGHT,
      sectionGap: SECTION_GAP,
      timeOf: this.#timeOf,
    });
    this.#tiles = this.#layout.sections.flatMap(({ tiles }) => tiles);
    if (!this.#tiles.some(({ image }) => image.id === this.#currentId)) this.#currentId = this.#tiles[0]?.image.id ?? null;
    this.#element.style.height = `${this.#layout.height}px`;
  }

  #makeSection({ title }) {
    const list = element("ul", { role: "list" });
    const made = element("section.month", { "aria-label": title }, element("h2", {}, title), list);
    this.#lists.set(made, { list, known: new Map() });
    return made;
  }

  #drawSection(section, from, to) {
    const made = this.#sections.get(section.key);
    made.style.top = `${section.top}px`;
    made.style.height = `${section.height}px`;
    const { list, known } = this.#lists.get(made);
    const visible = section.tiles.filter(({ top, height }) => top + height > from && top < to);
    const context = { links: this.#links, total: this.#tiles.length };
    reconcile(list, visible, ({ image }) => image.id, known, ({ image }) => tile(image));
    for (const place of visible) {
      const shown = known.get(place.image.id);
      shown.place(place, context);
      shown.mark({
        isSelected: this.#selection.has(place.image.id),
        isCurrent: place.image.id === this.#currentId,
      });
      if (!shown.hasPicture) this.#freshener.want(place.image);
    }
  }

  #onClick(event) {
    const shown = event.target.closest(".tile");
    if (shown === null) return;
    const ids = () => this.#library.images.map(({ id }) => id);
    if (event.target.closest(".tick") || this.#selection.isOn) {
      event.preventDefault();
      if (event.shiftKey) this.#selection.extend(shown.imageId, ids());
      else this.#selection.toggle(shown.imageId);
    }
  }

  #onFocus(event) {
    const id = event.target.closest(".tile")?.imageId;
    if (id && id !== this.#currentId) {
      this.#currentId = id;
      this.update();
    }
  }

  #onKey(event) {
    const at = this.#tiles.findIndex(({ image }) => image.id === this.#currentId);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = {
      ArrowLeft: () => this.#tiles[at - 1],
      ArrowRight: () => this.#tiles[at + 1],
      ArrowUp: () => this.#beside(this.#tiles[at], -1),
      ArrowDown: () => this.#beside(this.#tiles[at], 1),
      Home: () => this.#tiles[0],
      End: () => this.#tiles.at(-1),
    }[event.key]?.();
    if (target) {
      event.preventDefault();
      this.#focusTile(target);
    } else if (event.key === " " && event.target.closest("a")) {
      event.preventDefault();
      this.#selection.toggle(this.#currentId);
    }
  }

  /** The nearest tile in the row above or below. */
  #beside(from, step) {
    const centre = ({ left, width }) => left + width / 2;
    const distance = (one) => Math.abs(centre(one) - centre(from));
    const row = this.#tiles.filter((one) => one.row === from.row + step);
    return row.reduce((best, one) => (best && distance(best) <= distance(one) ? best : one), undefined);
  }

  #focusTile({ image }) {
    this.#currentId = image.id;
    const section = this.#layout.sections.find(({ tiles }) => tiles.some((one) => one.image.id === image.id));
    const place = section.tiles.find((one) => one.image.id === image.id);
    const top = this.#element.getBoundingClientRect().top + section.top + place.top;
    const margin = HEADING_HEIGHT * 3;
    if (top < margin) scrollBy(0, top - margin);
    else if (top + place.height > innerHeight - GAP) scrollBy(0, top + place.height - innerHeight + GAP);
    this.#draw();
    const { known } = this.#lists.get(this.#sections.get(section.key));
    known.get(image.id)?.querySelector("a").focus({ preventScroll: true });
  }
}
