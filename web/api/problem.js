// What is thrown where a request did not succeed.

const NO_ANSWER = {
  status: 0,
  code: "no-connection",
  detail: "There is no connection. Please try again.",
};
const NO_WORDS = "Something went wrong. Please try again.";

/** A problem that the API answered with (RFC 9457), or that there was no answer: its status is 0 then. */
export class Problem extends Error {
  constructor({ status, code, detail, message, errors }, retryAfter = null) {
    super(detail ?? message ?? NO_WORDS);
    this.status = status;
    this.code = code ?? "unknown";
    /** The invalid fields of the request, as [{field, message}]. */
    this.fields = errors ?? [];
    /** After how many seconds to try again, if the API says so. */
    this.retryAfter = retryAfter;
  }

  static noAnswer() {
    return new Problem(NO_ANSWER);
  }

  /** Makes one of an answer's status, text and Retry-After. */
  static of(status, text, retryAfter) {
    let content = {};
    try {
      content = JSON.parse(text);
    } catch {
      // A gateway in between may answer with anything.
    }
    return new Problem({ ...content, status }, Number(retryAfter) || null);
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Whether the token of the request is not, or no longer, accepted. Wrong passwords have codes of their own. */
  get isOfToken() {
    return this.status === 401 && (this.code === "unauthorized" || this.code === "unknown");
  }
}
