// The error that is thrown if a request does not succeed.

const NO_RESPONSE = {
  status: 0,
  code: "no-connection",
  detail: "There is no connection. Please try again.",
};
const UNKNOWN = "Something went wrong. Please try again.";

/** A problem from the API (RFC 9457). If there was no response, the status is 0. */
export class Problem extends Error {
  constructor({ status, code, detail, message, errors }, retryAfter = null) {
    super(detail ?? message ?? UNKNOWN);
    this.status = status;
    this.code = code ?? "unknown";
    /** The invalid fields of the request, as [{field, message}]. */
    this.fields = errors ?? [];
    /** The seconds to wait before trying again, if the API gives them. */
    this.retryAfter = retryAfter;
  }

  static noResponse() {
    return new Problem(NO_RESPONSE);
  }

  /** Makes a problem from a response's status, text and Retry-After. */
  static of(status, text, retryAfter) {
    let content = {};
    try {
      content = JSON.parse(text);
    } catch {
      // A gateway in between may respond with anything.
    }
    return new Problem({ ...content, status }, Number(retryAfter) || null);
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Whether the token of the request is not accepted, or no longer. Wrong passwords have their own codes. */
  get isOfToken() {
    return this.status === 401 && (this.code === "unauthorized" || this.code === "unknown");
  }
}
