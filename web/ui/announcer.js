// Short messages, which are shown for a while at the bottom of the page and read out by screen readers.

import { element } from "./dom.js";

const SHOWN_MS = 5000;

export class Announcer {
  #box = element("div.announcements", { role: "status", "aria-live": "polite" });

  get element() {
    return this.#box;
  }

  /** Shows a message about something that has happened. */
  tell(text) {
    this.#add(element("p.announcement", {}, text));
  }

  /** Tells screen readers what is visible anyway. */
  say(text) {
    this.#add(element("p.visually-hidden", {}, text));
  }

  #add(message) {
    this.#box.append(message);
    setTimeout(() => message.remove(), SHOWN_MS);
  }
}
