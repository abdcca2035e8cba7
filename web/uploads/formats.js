// Which files may be photos, and what they are declared as. What they are, the API finds in their bytes.

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

/** What a dialog for files offers. */
export const ACCEPT = ["image/*", ...[...TYPE_OF.keys()].map((extension) => `.${extension}`)].join(",");

/** The media type to declare for a file; null if it is no photo. */
export function declaredType({ name, type }) {
  const extension = name.split(".").pop().toLowerCase();
  return TYPE_OF.get(extension) ?? (Object.hasOwn(BY_EXTENSION, type) ? type : null);
}
