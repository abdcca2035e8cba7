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

  go(address) {
    this.#window.location.hash = address;
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
