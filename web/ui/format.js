// Formats values for people. The page is in English; its date format is unambiguous.

const LANGUAGE = "en-GB";
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];
const STEP = 1000;

/** 1234567 as "1.2 MB". */
export function bytes(count) {
  let value = count;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const digits = unit > 1 && value < 10 ? 1 : 0;
  return `${number(value, digits)} ${count === 1 ? "byte" : UNITS[unit]}`;
}

/** Formats a number with at most this many digits after the decimal point. */
export function number(value, digits = 0) {
  return formatter(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value);
}

/** "1 photo", "2 photos". */
export function counted(count, singular, plural = `${singular}s`) {
  return `${number(count)} ${count === 1 ? singular : plural}`;
}

/** Formats a time in the user's time zone. */
export function moment(time) {
  const at = new Date(time);
  const part = (options) => formatter(Intl.DateTimeFormat, options).format(at);
  return `${part({ dateStyle: "long" })}, ${part({ timeStyle: "short" })}`;
}

/**
 * Formats a capture time as precisely as it is known: "1978", "May 1978", "1 May 1978", "1 May 1978, 14:05".
 * It is the camera's local time, so it is not converted to any time zone.
 */
export function captureTime(text) {
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d))?)?)?/.exec(text);
  if (parts === null) return text;
  const [, year, month, day, hour, minute] = parts;
  const style = { year: "numeric", timeZone: "UTC" };
  if (month) style.month = "long";
  if (day) style.day = "numeric";
  const date = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
  const said = formatter(Intl.DateTimeFormat, style).format(date);
  return hour ? `${said}, ${hour}:${minute}` : said;
}

const headings = new Map();

/** The month of a capture time, as a heading; only the year if no month is known. */
export function monthHeading(text) {
  const month = text.slice(0, "yyyy-mm".length);
  if (!headings.has(month)) headings.set(month, captureTime(month));
  return headings.get(month);
}

/** 0.004 as "1/250 s", 2.5 as "2.5 s". */
export function exposureTime(seconds) {
  return seconds > 0 && seconds < 0.3 ? `1/${Math.round(1 / seconds)} s` : `${number(seconds, 1)} s`;
}

/** 48.8584, 2.2945 as "48.8584° N, 2.2945° E". */
export function position(latitude, longitude) {
  const north = `${Math.abs(latitude).toFixed(4)}° ${latitude < 0 ? "S" : "N"}`;
  return `${north}, ${Math.abs(longitude).toFixed(4)}° ${longitude < 0 ? "W" : "E"}`;
}

/** "image/jpeg" as "JPEG". */
export function mediaType(type) {
  const name = (type ?? "").replace(/^image\//, "");
  return name === "webp" ? "WebP" : name.toUpperCase();
}

const formatters = new Map();

/** Returns a cached formatter: making one takes longer than laying out a row of pictures. */
function formatter(kind, options) {
  const key = `${kind.name} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new kind(LANGUAGE, options));
  return formatters.get(key);
}
