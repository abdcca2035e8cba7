// What this tab remembers of its uploads across reloads. Files cannot be stored, so they are recognised by name, size
// and time.

const PREFIX = "upload/";

/** An entry is {key, imageId?, isLarge?, isDone?}. Logging out erases all entries. */
export class Journal {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  /** The entry of a file; null if there is none. */
  find(file) {
    const text = this.#storage.getItem(this.#nameOf(file));
    return text === null ? null : JSON.parse(text);
  }

  write(file, entry) {
    try {
      this.#storage.setItem(this.#nameOf(file), JSON.stringify(entry));
    } catch {
      // The storage is full: after a reload, this upload starts again.
    }
  }

  erase(file) {
    this.#storage.removeItem(this.#nameOf(file));
  }

  eraseAll() {
    this.#names().forEach((name) => this.#storage.removeItem(name));
  }

  /** How many uploads have begun and are not done. */
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
