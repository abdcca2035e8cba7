// Waits until images whose bytes have arrived are no longer pending.

const FIRST_LOOK_MS = 500;
const LAST_LOOK_MS = 5000;
const LATER = 1.3;
const AT_ONCE = 4;

export class Arrivals {
  #api;
  #expected = new Map();
  #wait = FIRST_LOOK_MS;
  #isLooking = false;

  constructor(api) {
    this.#api = api;
  }

  /** Calls `settled(image)` once the image is no longer pending. */
  expect(id, settled) {
    this.#expected.set(id, settled);
    this.#wait = FIRST_LOOK_MS;
    this.#look();
  }

  /** Stops waiting. */
  forget() {
    this.#expected.clear();
  }

  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#expected.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#wait));
      this.#wait = Math.min(this.#wait * LATER, LAST_LOOK_MS);
      // The images that have waited longest come first.
      await Promise.all([...this.#expected.keys()].slice(0, AT_ONCE).map((id) => this.#lookAt(id)));
    }
    this.#isLooking = false;
  }

  async #lookAt(id) {
    const settled = this.#expected.get(id);
    this.#expected.delete(id);
    try {
      const { image } = await this.#api.getImage(id);
      if (image.status === "pending") this.#expected.set(id, settled);
      else {
        this.#wait = FIRST_LOOK_MS;
        settled(image);
      }
    } catch (error) {
      if (error.status === 404) settled({ id, status: "rejected", rejection: { detail: "It has been deleted." } });
      else if (error.status !== 401) this.#expected.set(id, settled);
    }
  }
}
