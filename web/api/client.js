// The API's operations, one method each; /openapi.json describes them.

import { send } from "./http.js";
import { EXPIRED } from "./session.js";

const IMAGES = "/v1/images";
const UPLOADS = "/v1/uploads";
const ME = "/v1/users/me";

/** All methods reject with a Problem if they do not succeed. */
export class ImagesApi {
  #session;

  constructor(session) {
    this.#session = session;
  }

  // Accounts and sign-in, without a token.

  register(registration) {
    return this.#public("/v1/users", registration);
  }

  confirm(email, code) {
    return this.#public("/v1/users/confirm", { email, code });
  }

  resendCode(email) {
    return this.#public("/v1/users/confirm/resend", { email });
  }

  /** Resolves to tokens, or to {challenge, session, parameters}. */
  logIn(email, password) {
    return this.#public("/v1/sessions", { email, password });
  }

  /** `answer` is {code} or {new_password}, whichever the challenge requires; resolves as logIn does. */
  answerChallenge(email, { challenge, session }, answer) {
    return this.#public("/v1/sessions/challenge", { email, challenge, session, ...answer });
  }

  forgotPassword(email) {
    return this.#public("/v1/passwords/forgot", { email });
  }

  resetPassword(email, code, newPassword) {
    return this.#public("/v1/passwords/reset", { email, code, new_password: newPassword });
  }

  // The account.

  profile() {
    return this.#content("GET", ME);
  }

  /** `names` are {given_name, family_name}; null removes a name. */
  changeNames(names) {
    return this.#content("PATCH", ME, { body: names });
  }

  changePassword(currentPassword, newPassword) {
    return this.#content("PUT", `${ME}/password`, {
      body: { current_password: currentPassword, new_password: newPassword },
    });
  }

  startAuthenticator() {
    return this.#content("POST", `${ME}/mfa/totp`);
  }

  enableAuthenticator(code) {
    return this.#content("PUT", `${ME}/mfa/totp`, { body: { code } });
  }

  disableAuthenticator() {
    return this.#content("DELETE", `${ME}/mfa/totp`);
  }

  usage() {
    return this.#content("GET", `${ME}/usage`);
  }

  logOutEverywhere() {
    return this.#content("DELETE", "/v1/sessions");
  }

  deleteAccount() {
    return this.#content("DELETE", ME);
  }

  // Images.

  listImages(query, signal) {
    return this.#content("GET", IMAGES, { query, signal });
  }

  /** Resolves to {image, etag}. */
  async getImage(id) {
    return withTag(await this.request("GET", imagePath(id)));
  }

  /** `edits` has some of {filename, title, description, keywords}; `etag` is that of the version they are based on. */
  async editImage(id, edits, etag) {
    const headers = etag ? { "if-match": etag } : {};
    return withTag(await this.request("PATCH", imagePath(id), { body: edits, headers }));
  }

  getMetadata(id) {
    return this.#content("GET", `${imagePath(id)}/metadata`);
  }

  contentLink(id, rendition) {
    return this.#content("GET", `${imagePath(id)}/content-link`, { query: { rendition } });
  }

  deleteImage(id) {
    return this.#content("DELETE", imagePath(id));
  }

  /** Deletes at most 100 images. Resolves to {results: [{image_id, status}]}. */
  deleteImages(ids) {
    return this.#content("POST", `${IMAGES}/batch-delete`, { body: { image_ids: ids } });
  }

  // Uploads.

  createUpload(file, idempotencyKey) {
    return this.#content("POST", UPLOADS, { body: file, headers: { "idempotency-key": idempotencyKey } });
  }

  signParts(id, partNumbers) {
    return this.#content("POST", `${uploadPath(id)}/parts`, { body: { part_numbers: partNumbers } });
  }

  listParts(id) {
    return this.#content("GET", `${uploadPath(id)}/parts`);
  }

  completeUpload(id) {
    return this.#content("POST", `${uploadPath(id)}/complete`);
  }

  abortUpload(id) {
    return this.#content("DELETE", uploadPath(id));
  }

  /** Sends a request as the signed-in user, and again with a new token if the first one is refused. */
  async request(method, path, options = {}) {
    return this.withToken((token) => send(method, path, { ...options, token }));
  }

  /** Calls `attempt(token)` and, if the token is refused, once more with a new one. */
  async withToken(attempt) {
    const token = await this.#session.accessToken();
    try {
      return await attempt(token);
    } catch (error) {
      if (!error.isOfToken) throw error;
      this.#session.discard(token);
    }
    try {
      return await attempt(await this.#session.accessToken());
    } catch (error) {
      if (error.isOfToken) this.#session.forget(EXPIRED);
      throw error;
    }
  }

  async #content(method, path, options) {
    return (await this.request(method, path, options)).content;
  }

  async #public(path, body) {
    return (await send("POST", path, { body })).content;
  }
}

/** The path of small uploads. */
export const SMALL_UPLOAD_PATH = IMAGES;

function imagePath(id) {
  return `${IMAGES}/${encodeURIComponent(id)}`;
}

function uploadPath(id) {
  return `${UPLOADS}/${encodeURIComponent(id)}`;
}

function withTag({ content, headers }) {
  return { image: content, etag: headers.get("etag") };
}
