// The view that the address names: #/photo/ID is {name: "photo", argument: "ID"}.

/** Emits "change" when the address changes. */
export class Router extends EventTarget {
  #window;

  constructor(window) {
    super();
    this.#window = window;
    window.addEventListener("hashchange", () => this.dispatchEvent(new Event("change")));
  }

  get current() {
    const [, name = "", argument = ""] = this.#window.location.hash.split("/");
    return { name, argument: decode(argument) };
  }

  /** Goes to an address synchronously, so that the next key press reaches the new view. */
  go(address) {
    if (address === this.#window.location.hash) return;
    this.#window.history.pushState(null, "", address);
    this.dispatchEvent(new Event("change"));
  }

  /** Goes to an address without adding to the history. */
  replace(address) {
    this.#window.history.replaceState(null, "", address);
    this.dispatchEvent(new Event("change"));
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
