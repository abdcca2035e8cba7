// The upload of one file and its states.

import { bytes } from "../ui/format.js";
import { declaredType } from "./formats.js";
import { createUpload, sendParts } from "./multipart_upload.js";
import { withRetries } from "./retries.js";
import { sendSmall } from "./small_upload.js";

/** Files up to this size are sent through the API, if its limit allows. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** The states of an upload. */
export const State = Object.freeze({
  WAITING: "waiting",
  SENDING: "sending",
  /** All bytes have arrived, and are being read. */
  READING: "reading",
  PAUSED: "paused",
  DONE: "done",
  /** It was uploaded before. */
  SKIPPED: "skipped",
  /** It was permanently refused: `reason` says why. */
  REFUSED: "refused",
  /** It failed, but a retry may succeed: `reason` says why it failed. */
  FAILED: "failed",
});

/** Emits "change" whenever it changes its state or makes progress. */
export class Upload extends EventTarget {
  #api;
  #journal;
  #arrivals;
  #entry;
  #abort = new AbortController();
  #state = State.WAITING;
  #furthest = 0;
  file;
  sent = 0;
  reason = "";
  isWaitingForConnection = false;
  /** The image, once the upload is done. */
  image = null;

  constructor({ file, api, journal, arrivals }) {
    super();
    this.file = file;
    this.#api = api;
    this.#journal = journal;
    this.#arrivals = arrivals;
    this.#entry = journal.find(file) ?? { key: crypto.randomUUID() };
    if (this.#entry.isDone) this.#become(State.SKIPPED);
    else if (declaredType(file) === null) this.#refuse("This file type is not supported.");
    else if (file.size === 0) this.#refuse("The file is empty.");
    else this.#remember({});
  }

  get state() {
    return this.#state;
  }

  get isAtRest() {
    return [State.DONE, State.SKIPPED, State.REFUSED, State.FAILED].includes(this.#state);
  }

  /** Sends the file, or the rest of it. Resolves once it is sent, paused, refused or failed. */
  async send() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.reason = "";
    this.#become(State.SENDING);
    const attempt = () => {
      this.#setWaiting(false);
      return this.#attempt(signal);
    };
    try {
      const image = await withRetries(attempt, {
        signal,
        onWait: () => this.#setWaiting(true),
        progress: () => this.#furthest,
      });
      this.sent = this.file.size;
      if (image.status === "pending") {
        this.#become(State.READING);
        this.#arrivals.expect(image.id, (read) => this.#settle(read));
      } else {
        this.#settle(image);
      }
    } catch (error) {
      this.#setWaiting(false);
      if (error.name === "AbortError") return;
      if (error.isTemporary || error.isOfToken || error.status === 401) this.#fail(error.message);
      else this.#refuse(reasonOf(error));
    }
  }

  /** Stops sending. Parts that have arrived stay in storage for the next attempt. */
  pause() {
    if (this.isAtRest || this.#state === State.READING) return;
    this.#become(State.PAUSED);
    this.#abort.abort();
  }

  /** Waits for its turn again. */
  requeue() {
    if (this.#state === State.PAUSED || this.#state === State.FAILED) this.#become(State.WAITING);
  }

  /** Cancels the upload and deletes what has been sent. */
  cancel() {
    this.#abort.abort();
    this.#journal.erase(this.file);
    if (this.#entry.imageId && !this.isAtRest) this.#api.abortUpload(this.#entry.imageId).catch(() => {});
  }

  async #attempt(signal) {
    try {
      return await this.#sendOnce(signal);
    } catch (error) {
      // The image that was created with the key has been deleted.
      if (error.code !== "idempotency-key-reused") throw error;
      return this.#beginAgain(signal);
    }
  }

  async #sendOnce(signal) {
    const { file } = this;
    const onProgress = (sent) => {
      this.sent = sent;
      this.#furthest = Math.max(this.#furthest, sent);
      this.#changed();
    };
    const options = { api: this.#api, file, key: this.#entry.key, signal, onProgress };
    if (file.size <= SMALL_BYTES && !this.#entry.isLarge) {
      try {
        return await sendSmall(options);
      } catch (error) {
        if (error.status !== 413) throw error;
        // This deployment has a lower limit than the default.
        this.#remember({ isLarge: true });
      }
    }
    if (!this.#entry.imageId) this.#remember({ imageId: await createUpload(options) });
    signal.throwIfAborted();
    try {
      return await sendParts({ ...options, imageId: this.#entry.imageId });
    } catch (error) {
      if (error.code !== "upload-not-found") throw error;
      return this.#resumeElsewhere(signal);
    }
  }

  /** Continues without an unfinished upload: it is already complete, or gone. */
  async #resumeElsewhere(signal) {
    try {
      return (await this.#api.getImage(this.#entry.imageId)).image;
    } catch (error) {
      if (error.status !== 404) throw error;
      return this.#beginAgain(signal);
    }
  }

  #beginAgain(signal) {
    this.#entry = { key: crypto.randomUUID() };
    this.#remember({});
    signal.throwIfAborted();
    return this.#sendOnce(signal);
  }

  #settle(image) {
    if (image.status === "rejected") {
      this.#refuse(image.rejection.detail);
      return;
    }
    this.image = image;
    this.#remember({ isDone: true });
    this.#become(State.DONE);
  }

  #refuse(reason) {
    this.reason = reason;
    this.#journal.erase(this.file);
    this.#become(State.REFUSED);
  }

  #fail(reason) {
    this.reason = reason;
    this.#become(State.FAILED);
  }

  #remember(members) {
    Object.assign(this.#entry, members);
    this.#journal.write(this.file, this.#entry);
  }

  #setWaiting(isWaiting) {
    this.isWaitingForConnection = isWaiting;
    this.#changed();
  }

  #become(state) {
    this.#state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function reasonOf(error) {
  if (error.code === "duplicate-image") return "You already have this photo.";
  if (error.code === "image-too-large") return `It is too large. ${error.message}`;
  return error.fields.length > 0 ? error.fields.map(({ message }) => message).join(" ") : error.message;
}

/** How many bytes of the file were sent. */
export function progressOf({ sent, file }) {
  return `${bytes(sent)} of ${bytes(file.size)}`;
}
