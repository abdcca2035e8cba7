// The sign-in of this tab. The access token is kept in memory, the refresh token in sessionStorage.

import { send } from "./http.js";
import { Problem } from "./problem.js";

const REFRESH_TOKEN = "refresh-token";
const RENEW_BEFORE_MS = 60_000;

/** The notice when the API no longer accepts the tokens. */
export const EXPIRED = "Please log in again.";

/** Emits "begun" when a sign-in begins, and "ended" when it ends for any reason. */
export class Session extends EventTarget {
  #storage;
  #accessToken = null;
  #renewAt = 0;
  #refreshing = null;

  constructor(storage) {
    super();
    this.#storage = storage;
  }

  get isSignedIn() {
    return this.#refreshToken !== null;
  }

  /** Begins with the tokens of a sign-in, which replace those of an earlier one. */
  begin(tokens) {
    const former = this.#refreshToken;
    this.#keep(tokens);
    if (former === null) this.dispatchEvent(new Event("begun"));
    else if (former !== tokens.refresh_token) revoke(former);
  }

  /** Resolves to an access token that is valid for at least a minute. Rejects with a Problem. */
  async accessToken() {
    if (this.#accessToken !== null && Date.now() < this.#renewAt) return this.#accessToken;
    // However many requests wait for a token, it is requested once.
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    await this.#refreshing;
    return this.#accessToken;
  }

  /** Stops using an access token, which was refused. */
  discard(accessToken) {
    if (this.#accessToken === accessToken) this.#accessToken = null;
  }

  /** Logs out: forgets the tokens immediately, and revokes the refresh token. */
  async end() {
    const refreshToken = this.#refreshToken;
    this.forget();
    if (refreshToken !== null) await revoke(refreshToken);
  }

  /** Forgets the tokens and everything else that this tab stores. `notice` says what happened. */
  forget(notice = "You are logged out.") {
    this.#accessToken = null;
    this.#storage.clear();
    this.dispatchEvent(new CustomEvent("ended", { detail: notice }));
  }

  async #refresh() {
    const refreshToken = this.#refreshToken;
    if (refreshToken === null) throw new Problem({ status: 401, code: "signed-out", detail: "You are logged out." });
    try {
      const { content } = await send("POST", "/v1/sessions/refresh", { body: { refresh_token: refreshToken } });
      if (this.#refreshToken === refreshToken) this.#keep(content);
    } catch (error) {
      if (error.status === 401 && this.#refreshToken === refreshToken) this.forget(EXPIRED);
      throw error;
    }
  }

  #keep({ access_token, refresh_token, expires_in }) {
    this.#accessToken = access_token;
    this.#renewAt = Date.now() + expires_in * 1000 - RENEW_BEFORE_MS;
    if (refresh_token) this.#storage.setItem(REFRESH_TOKEN, refresh_token);
  }

  get #refreshToken() {
    return this.#storage.getItem(REFRESH_TOKEN);
  }
}

async function revoke(refreshToken) {
  try {
    await send("POST", "/v1/sessions/revoke", { body: { refresh_token: refreshToken } });
  } catch {
    // The refresh token expires by itself.
  }
}
