// Sends a file straight to storage in parts. Parts that have arrived are not sent again.

import { Problem } from "../api/problem.js";
import { declaredType } from "./formats.js";
import { transfer } from "./transfer.js";

const SIGNED_AT_ONCE = 8;

/** Creates the upload of a file. Resolves to the id of its image. */
export async function createUpload({ api, file, key }) {
  const declared = { content_type: declaredType(file), size: file.size, filename: file.name, multipart: true };
  return (await api.createUpload(declared, key)).image_id;
}

/** Sends the parts that have not arrived, and completes the upload. Resolves to the image, which is still pending. */
export async function sendParts({ api, file, imageId, signal, onProgress }) {
  const { part_size: partSize, part_count: count, items } = await api.listParts(imageId);
  const arrived = new Map(items.map(({ part_number: number, size }) => [number, size]));
  let sent = [...arrived.values()].reduce((sum, size) => sum + size, 0);
  onProgress(sent);
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((number) => !arrived.has(number));
  for (let at = 0; at < missing.length; at += SIGNED_AT_ONCE) {
    const signed = await api.signParts(imageId, missing.slice(at, at + SIGNED_AT_ONCE));
    for (const { part_number: number, method, url } of signed.items) {
      const body = file.slice((number - 1) * partSize, number * partSize);
      await sendPart({ method, url, body, signal, onProgress: (bytes) => onProgress(sent + bytes) });
      sent += body.size;
      onProgress(sent);
    }
  }
  return api.completeUpload(imageId);
}

async function sendPart(request) {
  try {
    await transfer(request);
  } catch (error) {
    // The link may have expired, for example; the next attempt gets a new one.
    if (error.name !== "AbortError") throw new Problem({ status: 503, code: "storage", detail: "Storage did not accept the bytes." });
    throw error;
  }
}
