// Requests visible images without a picture again: it is still being made, or its link has expired.

const FIRST_WAIT_MS = 700;
const MAX_ATTEMPTS = 8;
const RENDERED_WITHIN_MS = 5 * 60_000;

export class Freshener {
  #library;
  #attempts = new Map();
  #wanted = new Set();
  #timer = null;

  constructor(library) {
    this.#library = library;
  }

  /** Requests an image again, which is visible and has no picture. */
  want(image) {
    const mayCome = Date.now() - Date.parse(image.created_at) < RENDERED_WITHIN_MS && !image.renditions_error;
    const attempts = this.#attempts.get(image.id) ?? 0;
    if (image.status !== "ready" || attempts >= MAX_ATTEMPTS) return;
    if (!mayCome && !image.renditions?.length) return;
    this.#wanted.add(image.id);
    this.#timer ??= setTimeout(() => this.#renew(), FIRST_WAIT_MS * 1.6 ** attempts);
  }

  /** Stops requesting images. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#wanted.clear();
  }

  async #renew() {
    const ids = [...this.#wanted];
    this.#wanted.clear();
    for (const id of ids) this.#attempts.set(id, (this.#attempts.get(id) ?? 0) + 1);
    // Images of one page are renewed together.
    await Promise.all(ids.map((id) => this.#library.renew(id)));
    this.#timer = null;
    this.#library.dispatchEvent(new Event("change"));
  }
}
