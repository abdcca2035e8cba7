// A signed-in user of the images upload API, for browsers (and Node 18 or later): logs in, answers
// challenges and refreshes tokens in time. Tokens stay in memory, because an injected script could read them
// from localStorage.

const RENEW_BEFORE_MS = 60_000;

export class ProblemError extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.message ?? "The request failed.");
    this.code = problem.code; // stable, such as "invalid-credentials"
    this.status = problem.status;
    this.fields = problem.errors ?? []; // [{field, message}]
  }
}

export class Session {
  #api;
  #accessToken;
  #refreshToken;
  #renewAt;

  constructor(api, tokens) {
    this.#api = api;
    this.#keep(tokens);
  }

  // `ask(challenge)` resolves to {code} or {new_password}, whichever the challenge requires.
  static async logIn(api, email, password, ask) {
    let answer = await send(`${api}/v1/sessions`, "POST", { email, password });
    while (answer.status === "challenge") {
      const { challenge, session } = answer;
      const given = await ask(challenge);
      answer = await send(`${api}/v1/sessions/challenge`, "POST", { email, challenge, session, ...given });
    }
    return new Session(api, answer);
  }

  async request(method, path, body) {
    return send(this.#api + path, method, body, { authorization: `Bearer ${await this.accessToken()}` });
  }

  async accessToken() {
    if (Date.now() > this.#renewAt) {
      this.#keep(await send(`${this.#api}/v1/sessions/refresh`, "POST", { refresh_token: this.#refreshToken }));
    }
    return this.#accessToken;
  }

  async logOut() {
    await send(`${this.#api}/v1/sessions/revoke`, "POST", { refresh_token: this.#refreshToken });
  }

  #keep(tokens) {
    this.#accessToken = tokens.access_token;
    this.#refreshToken = tokens.refresh_token ?? this.#refreshToken;
    this.#renewAt = Date.now() + tokens.expires_in * 1000 - RENEW_BEFORE_MS;
  }
}

async function send(url, method, body, headers = {}) {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const content = text === "" ? {} : JSON.parse(text);
  if (!response.ok) {
    throw new ProblemError({ status: response.status, ...content });
  }
  return content;
}
