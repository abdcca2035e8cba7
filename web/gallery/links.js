// The signed URLs of images. The API signs a new URL each time. The first one is kept while it works, so that the
// browser loads no picture twice.

const MARGIN_MS = 30_000;

export class Links {
  #known = new Map();

  /** Stores the URLs of an image, unless stored ones still work. */
  learn(image) {
    const expires = Date.parse(image.urls_expire_at ?? "");
    if (Number.isNaN(expires)) return;
    for (const { name, url } of image.renditions ?? []) this.#keep(`${image.id}/${name}`, url, expires);
    if (image.content_url) this.#keep(`${image.id}/content`, image.content_url, expires);
  }

  /** The URL of a rendition of an image, or of its "content"; null if no working URL is known. */
  get(id, name) {
    const known = this.#known.get(`${id}/${name}`);
    return known && known.expires - MARGIN_MS > Date.now() ? known.url : null;
  }

  /** Drops a URL that does not work. */
  discard(id, name) {
    this.#known.delete(`${id}/${name}`);
  }

  #keep(key, url, expires) {
    const known = this.#known.get(key);
    if (!known || known.expires - MARGIN_MS <= Date.now()) this.#known.set(key, { url, expires });
  }
}
