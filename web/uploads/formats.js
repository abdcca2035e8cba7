// Which files may be photos, and the media types to declare for them. The API decides by their bytes.

const BY_EXTENSION = {
  "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
  "image/png": ["png", "apng"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/tiff": ["tif", "tiff", "btf", "tf8", "dng", "nef", "cr2", "arw", "pef", "srw", "nrw", "3fr"],
  "image/heic": ["heic", "heif", "hif", "heics", "heifs"],
  "image/avif": ["avif", "avifs"],
};

const TYPE_OF = new Map(Object.entries(BY_EXTENSION).flatMap(([type, extensions]) => extensions.map((one) => [one, type])));

/** The file types that a file dialog offers. */
export const ACCEPT = ["image/*", ...[...TYPE_OF.keys()].map((extension) => `.${extension}`)].join(",");

/** The media type to declare for a file; null if it is not a photo. */
export function declaredType({ name, type }) {
  const extension = name.split(".").pop().toLowerCase();
  return TYPE_OF.get(extension) ?? (Object.hasOwn(BY_EXTENSION, type) ? type : null);
}
