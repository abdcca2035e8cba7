// All uploads of this tab: a few at a time, the others in turn.

import { Arrivals } from "./arrivals.js";
import { State, Upload } from "./upload.js";

const AT_ONCE = 4;

/** Emits "change" whenever an upload changes its state or makes progress, and "image" with each new image. */
export class UploadQueue extends EventTarget {
  #api;
  #journal;
  #arrivals;
  #uploads = [];
  #sending = 0;
  #isPaused = false;

  constructor({ api, journal }) {
    super();
    this.#api = api;
    this.#journal = journal;
    this.#arrivals = new Arrivals(api);
  }

  get uploads() {
    return this.#uploads;
  }

  get isPaused() {
    return this.#isPaused;
  }

  /** Whether something is left to do. */
  get isBusy() {
    return this.#uploads.some((upload) => !upload.isAtRest);
  }

  /** How many uploads were left unfinished before a reload. The user must choose their files again. */
  get interrupted() {
    return this.#uploads.length === 0 ? this.#journal.unfinished : 0;
  }

  /** Adds files. Those already in the queue, or finished before a reload, are not sent again. */
  add(files) {
    const known = new Set(this.#uploads.map(({ file }) => identity(file)));
    for (const file of files) {
      if (known.has(identity(file))) continue;
      known.add(identity(file));
      const upload = new Upload({ file, api: this.#api, journal: this.#journal, arrivals: this.#arrivals });
      upload.addEventListener("change", () => this.#onChange(upload));
      this.#uploads.push(upload);
    }
    this.#changed();
    this.#sendNext();
  }

  pauseAll() {
    this.#isPaused = true;
    for (const upload of this.#uploads) upload.pause();
    this.#changed();
  }

  resumeAll() {
    this.#isPaused = false;
    for (const upload of this.#uploads) if (upload.state === State.PAUSED) upload.requeue();
    this.#sendNext();
    this.#changed();
  }

  /** Queues a paused or failed upload again. */
  resume(upload) {
    upload.requeue();
    this.#isPaused &&= this.#uploads.some(({ state }) => state === State.PAUSED);
    this.#sendNext();
  }

  retryFailed() {
    for (const upload of this.#uploads) if (upload.state === State.FAILED) upload.requeue();
    this.#sendNext();
  }

  /** Cancels an upload and removes it from the queue. */
  remove(upload) {
    upload.cancel();
    this.#uploads = this.#uploads.filter((other) => other !== upload);
    this.#changed();
  }

  /** Cancels all unfinished uploads, and empties the queue. */
  clear() {
    for (const upload of this.#uploads) upload.cancel();
    this.#uploads = [];
    this.#isPaused = false;
    this.#arrivals.forget();
    this.#journal.eraseAll();
    this.#changed();
  }

  /** Stops sending, without cancelling any upload. */
  stop() {
    for (const upload of this.#uploads) upload.pause();
    this.#arrivals.forget();
  }

  #sendNext() {
    while (this.#sending < AT_ONCE) {
      const next = this.#uploads.find(({ state }) => state === State.WAITING);
      if (next === undefined || this.#isPaused) return;
      this.#sending += 1;
      next.send().finally(() => {
        this.#sending -= 1;
        this.#sendNext();
      });
    }
  }

  #onChange(upload) {
    if (upload.state === State.DONE && upload.image) {
      this.dispatchEvent(new CustomEvent("image", { detail: upload.image }));
      upload.image = null;
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function identity({ name, size, lastModified }) {
  return `${size}/${lastModified}/${name}`;
}
