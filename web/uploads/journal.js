// What this tab remembers of its uploads across a reload. Files cannot be kept: they are known again by name, size
// and time.

const PREFIX = "upload/";

/** An entry is {key, imageId?, isLarge?, isDone?}. A log out erases all. */
export class Journal {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  /** What is known of a file; null if nothing is. */
  find(file) {
    const text = this.#storage.getItem(this.#nameOf(file));
    return text === null ? null : JSON.parse(text);
  }

  write(file, entry) {
    try {
      this.#storage.setItem(this.#nameOf(file), JSON.stringify(entry));
    } catch {
      // It is full: what is not remembered begins again after a reload.
    }
  }

  erase(file) {
    this.#storage.removeItem(this.#nameOf(file));
  }

  eraseAll() {
    this.#names().forEach((name) => this.#storage.removeItem(name));
  }

  /** How many uploads were begun and are not done. */
  get unfinished() {
    return this.#names().filter((name) => !JSON.parse(this.#storage.getItem(name)).isDone).length;
  }

  #names() {
    return Array.from({ length: this.#storage.length }, (_, at) => this.#storage.key(at)).filter((name) => name.startsWith(PREFIX));
  }

  #nameOf({ name, size, lastModified }) {
    return `${PREFIX}${size}/${lastModified}/${name}`;
  }
}
