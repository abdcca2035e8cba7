// A photo's name and the values of its summary, formatted for people.

import { captureTime, exposureTime, mediaType, number, position } from "../ui/format.js";

const MEGA = 1_000_000;

/** Its title, the owner's before the file's, or its file name. */
export function nameOf(image) {
  return image.title || image.filename || image.summary?.title || "Untitled photo";
}

/** When it was taken, or "" if that is not known. */
export function timeOf({ summary = {}, captured_at: captured = summary.captured_at }) {
  return captured ? captureTime(captured) : "";
}

/** "Canon EOS R5": the make is omitted if the model begins with it. */
export function cameraOf({ camera_make: make = "", camera_model: model = "" }) {
  return model.toLowerCase().startsWith(make.toLowerCase().split(" ")[0]) ? model || make : `${make} ${model}`.trim();
}

/** "1/250 s · f/2.8 · ISO 100 · 50 mm" */
export function exposureOf(summary) {
  return joined([
    summary.exposure_time_s && exposureTime(summary.exposure_time_s),
    summary.f_number && `f/${number(summary.f_number, 1)}`,
    summary.iso && `ISO ${summary.iso}`,
    focalLengthOf(summary),
    summary.flash_fired && "flash",
  ]);
}

/** "4.2 mm (29 mm equivalent)" */
function focalLengthOf({ focal_length_mm: length, focal_length_35mm_mm: equivalent }) {
  const said = length && `${number(length, 1)} mm`;
  if (!equivalent || equivalent === length) return said;
  return [said, `(${number(equivalent)} mm equivalent)`].filter(Boolean).join(" ");
}

/** "6,000 × 4,000 · 24 MP · JPEG" */
export function dimensionsOf({ width, height, content_type: type }) {
  const pixels = (width * height) / MEGA;
  return joined([
    width && `${number(width)} × ${number(height)}`,
    width && pixels >= 1 && `${number(pixels, pixels < 10 ? 1 : 0)} MP`,
    type && mediaType(type),
  ]);
}

/** "Paris, Île-de-France, France" */
export function placeOf({ city, state, country }) {
  return [city, state, country].filter(Boolean).join(", ");
}

/** {text, url} of a position, where the URL leads to a map; null if none is known. */
export function positionOf({ latitude, longitude, altitude_m: altitude }) {
  if (latitude === undefined || longitude === undefined) return null;
  const height = altitude === undefined ? "" : ` · ${number(altitude)} m`;
  return {
    text: position(latitude, longitude) + height,
    url: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`,
  };
}

function joined(parts) {
  return parts.filter(Boolean).join(" · ");
}
