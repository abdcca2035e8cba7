// Sends a small file through the API in one request. The response is the image, or why it was refused.

import { SMALL_UPLOAD_PATH } from "../api/client.js";
import { transfer } from "./transfer.js";

/** Resolves to the image. Repeated calls with the same key create only one image. */
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
      // The form is larger than the file.
      onProgress: (sent) => onProgress(Math.min(sent, file.size)),
    }),
  );
  return JSON.parse(text);
}
