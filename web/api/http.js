// One request to the API, with JSON in both directions.

import { Problem } from "./problem.js";

const ATTEMPTS = 3;
const LONGEST_WAIT_S = 10;

/**
 * Sends a request and resolves to {status, headers, content}. Rejects with a Problem.
 * Requests that only read are retried after temporary failures.
 */
export async function send(method, path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(method, path, options);
    } catch (error) {
      const again = method === "GET" && error.isTemporary && error.status !== 0 && attempt < ATTEMPTS;
      if (!again) throw error;
      const seconds = Math.min(error.retryAfter ?? attempt, LONGEST_WAIT_S);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

async function sendOnce(method, path, { query = {}, body, token, headers = {}, signal }) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given).toString();
  let response, text;
  try {
    response = await fetch(search ? `${path}?${search}` : path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Problem.noResponse();
  }
  if (!response.ok) throw Problem.of(response.status, text, response.headers.get("retry-after"));
  return { status: response.status, headers: response.headers, content: text === "" ? null : JSON.parse(text) };
}
