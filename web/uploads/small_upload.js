// Sends a small file through the API: one request, whose answer is the image or why it was refused.

import { SMALL_UPLOAD_PATH } from "../api/client.js";
import { transfer } from "./transfer.js";

/** Resolves to the image. With the same key, one image is made however often this is repeated. */
export async function sendSmall({ api, file, key, signal, onProgress }) {
  const body = new FormData();
  body.append("file", file, file.name);
  const { text } = await api.withToken((token) =>
    transfer({
      method: "POST",
      url: SMALL_UPLOAD_PATH,
      headers: { authorization: `Bearer ${token}`, "idempotency-key": key },
      body,
      signal,
      // What is sent is the form, which is larger.
      onProgress: (sent) => onProgress(Math.min(sent, file.size)),
    }),
  );
  return JSON.parse(text);
}
