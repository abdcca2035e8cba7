// Which view the address asks for: #/photo/ID is {name: "photo", argument: "ID"}.

/** Emits "change" when the address asks for something else. */
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

  /** Goes there before it returns, so that the next key that is pressed meets the new view. */
  go(address) {
    if (address === this.#window.location.hash) return;
    this.#window.history.pushState(null, "", address);
    this.dispatchEvent(new Event("change"));
  }

  /** Goes there without a step in the history. */
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
