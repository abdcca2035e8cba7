// The images of the gallery, loaded page by page in the order of a query.

import { isFiltered, parameters } from "./query.js";

const PAGE_SIZE = 100;
const MAX_DELETED_AT_ONCE = 100;

/**
 * Emits "change" whenever the images or the loading state change.
 */
export class Library extends EventTarget {
  #api;
  #links;
  #query;
  #images = [];
  #cursorOf = new Map();
  #nextCursor = null;
  #isLoading = false;
  #loads = 0;
  #abort = null;
  #renewing = new Set();
  /** Why the last page failed to load; null if it did not. */
  error = null;
  /** Increases whenever the images change. */
  revision = 0;
  /** How many images were added whose place in the query's order is unknown. */
  news = 0;

  constructor(api, links, query) {
    super();
    this.#api = api;
    this.#links = links;
    this.#query = query;
  }

  get images() {
    return this.#images;
  }

  get query() {
    return this.#query;
  }

  get hasMore() {
    return this.#nextCursor !== null;
  }

  get isLoading() {
    return this.#isLoading;
  }

  /** Whether nothing has been loaded yet. */
  get isNew() {
    return this.#loads === 0;
  }

  find(id) {
    return this.#images.find((image) => image.id === id);
  }

  /** The images before and after one: {previous, next}, each of which may be absent. */
  neighbours(id) {
    const at = this.#images.findIndex((image) => image.id === id);
    return at < 0 ? {} : { previous: this.#images[at - 1], next: this.#images[at + 1] };
  }

  /** Loads the images of another query. */
  ask(query) {
    this.#query = query;
    return this.reload();
  }

  /** Loads again from the first page. */
  async reload() {
    this.#abort?.abort();
    this.#isLoading = false;
    this.#images = [];
    this.revision += 1;
    this.#cursorOf.clear();
    this.#nextCursor = null;
    this.#loads = 0;
    this.news = 0;
    await this.#load(null);
  }

  /** Loads the next page, unless one is being loaded or there is none. */
  async more() {
    if (this.#isLoading || (this.#nextCursor === null && this.#loads > 0)) return;
    await this.#load(this.#nextCursor);
  }

  /** Inserts a new image in its place, if that is known: in the default order, without filters. */
  add(image) {
    this.#links.learn(image);
    if (image.status !== "ready" || this.isNew) return;
    if (isFiltered(this.#query) || this.#query.sort !== "-created_at") {
      this.news += 1;
      this.#changed();
      return;
    }
    // Ids sort from the newest image to the oldest.
    const at = this.#images.findIndex((other) => other.id >= image.id);
    if (this.#images[at]?.id === image.id) this.#images[at] = image;
    else if (at >= 0) this.#images.splice(at, 0, image);
    else if (this.#nextCursor === null) this.#images.push(image);
    this.#imagesChanged();
  }

  /** Updates an image of the gallery. */
  update(image) {
    this.#links.learn(image);
    const at = this.#images.findIndex((other) => other.id === image.id);
    if (at < 0) return;
    this.#images[at] = { ...this.#images[at], ...image };
    this.#imagesChanged();
  }

  /** Deletes images. Resolves to how many were deleted. Rejects with a Problem if some may be left. */
  async delete(ids) {
    let deleted = 0;
    for (let at = 0; at < ids.length; at += MAX_DELETED_AT_ONCE) {
      const some = ids.slice(at, at + MAX_DELETED_AT_ONCE);
      if (some.length === 1) await this.#api.deleteImage(some[0]).catch(unlessGone);
      else await this.#api.deleteImages(some);
      deleted += some.length;
      this.forget(some);
    }
    return deleted;
  }

  /** Removes deleted images from the gallery. */
  forget(ids) {
    const gone = new Set(ids);
    this.#images = this.#images.filter((image) => !gone.has(image.id));
    this.#imagesChanged();
  }

  /** Requests an image's page again, because thumbnails were missing or links have expired. */
  async renew(id) {
    const cursor = this.#cursorOf.get(id) ?? null;
    if (this.#renewing.has(cursor)) return;
    this.#renewing.add(cursor);
    try {
      const page = await this.#api.listImages({ ...parameters(this.#query), limit: PAGE_SIZE, cursor });
      for (const image of page.items) this.update(image);
    } catch {
      // The pictures stay as they are until the next attempt.
    } finally {
      this.#renewing.delete(cursor);
    }
  }

  async #load(cursor) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#isLoading = true;
    this.error = null;
    this.#changed();
    try {
      const query = { ...parameters(this.#query), limit: PAGE_SIZE, cursor };
      const page = await this.#api.listImages(query, signal);
      const known = new Set(this.#images.map((image) => image.id));
      for (const image of page.items) {
        this.#links.learn(image);
        this.#cursorOf.set(image.id, cursor);
        if (!known.has(image.id)) this.#images.push(image);
      }
      this.#nextCursor = page.next_cursor ?? null;
      this.#loads += 1;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    }
    this.#isLoading = false;
    this.#imagesChanged();
  }

  #imagesChanged() {
    this.revision += 1;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function unlessGone(error) {
  if (error.status !== 404) throw error;
}
