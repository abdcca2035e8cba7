// Sends bytes and reports progress, which fetch cannot.

import { Problem } from "../api/problem.js";

/** Resolves to {status, text}. Rejects with a Problem, or with an AbortError once `signal` is aborted. */
export function transfer({ method, url, headers = {}, body, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("load", () => {
      const { status, responseText: text } = request;
      if (status >= 200 && status < 300) resolve({ status, text });
      else reject(Problem.of(status, text, request.getResponseHeader("retry-after")));
    });
    request.addEventListener("error", () => reject(Problem.noResponse()));
    request.addEventListener("timeout", () => reject(Problem.noResponse()));
    request.addEventListener("abort", () => reject(new DOMException("The upload was stopped.", "AbortError")));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    if (signal.aborted) {
      reject(new DOMException("The upload was stopped.", "AbortError"));
      return;
    }
    signal.addEventListener("abort", abort);
    request.send(body);
  });
}
