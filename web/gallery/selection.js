// Which images are selected.

/** Emits "change" whenever the selection changes. */
export class Selection extends EventTarget {
  #ids = new Set();
  #last = null;
  #isOn = false;

  /** Whether images are being selected, even if none is selected yet. */
  get isOn() {
    return this.#isOn || this.#ids.size > 0;
  }

  begin() {
    this.#isOn = true;
    this.#changed();
  }

  get size() {
    return this.#ids.size;
  }

  get ids() {
    return [...this.#ids];
  }

  has(id) {
    return this.#ids.has(id);
  }

  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#last = id;
    this.#changed();
  }

  /** Selects all of `ids` from the last toggled one to this one. */
  extend(id, ids) {
    const [from, to] = [ids.indexOf(this.#last), ids.indexOf(id)];
    if (from < 0 || to < 0) return this.toggle(id);
    ids.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => this.#ids.add(one));
    this.#last = id;
    this.#changed();
  }

  add(ids) {
    ids.forEach((id) => this.#ids.add(id));
    this.#changed();
  }

  /** Deselects all images except these. */
  keep(ids) {
    const before = this.#ids.size;
    this.#ids = new Set(ids.filter((id) => this.#ids.has(id)));
    if (this.#ids.size !== before) this.#changed();
  }

  /** Deselects all images and ends the selection. */
  clear() {
    this.#isOn = false;
    this.#ids.clear();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
