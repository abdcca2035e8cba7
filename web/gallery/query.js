// What the gallery asks the API for: an order, and filters.

/** The orders, by the API's names. */
export const SORTS = [
  { value: "-created_at", label: "Newest upload" },
  { value: "created_at", label: "Oldest upload" },
  { value: "-captured_at", label: "Newest photo" },
  { value: "captured_at", label: "Oldest photo" },
];

/** The filters, by the API's names: how each is asked for, and how it is said once it is set. */
export const FILTERS = [
  { name: "filename", label: "File name", said: (value) => `“${value}”` },
  { name: "camera", label: "Camera", said: (value) => value },
  { name: "keyword", label: "Keyword", said: (value) => `#${value}` },
  { name: "captured_from", label: "Taken from", type: "date", said: (value) => `taken from ${value}` },
  { name: "captured_to", label: "Taken until", type: "date", said: (value) => `taken until ${value}` },
  { name: "created_from", label: "Uploaded from", type: "date", said: (value) => `uploaded from ${value}`, sent: startOfDay },
  { name: "created_to", label: "Uploaded until", type: "date", said: (value) => `uploaded until ${value}`, sent: endOfDay },
  {
    name: "has_location",
    label: "Place",
    options: [["", "Any"], ["true", "With a place"], ["false", "Without a place"]],
    said: (value) => (value === "true" ? "with a place" : "without a place"),
  },
  {
    name: "status",
    label: "State",
    options: [["", "Ready"], ["pending", "Being read"], ["rejected", "Refused"]],
    said: (value) => (value === "pending" ? "being read" : "refused"),
  },
];

export const DEFAULT_QUERY = { sort: SORTS[0].value };

/** Whether times of capture rather than of upload order the images. */
export function isByCapture(query) {
  return query.sort.endsWith("captured_at");
}

/** Whether the query has a filter. */
export function isFiltered(query) {
  return FILTERS.some(({ name }) => query[name]);
}

/** The parameters of the API for a query. */
export function parameters(query) {
  const filters = FILTERS.filter(({ name }) => query[name]).map(({ name, sent }) => [name, sent ? sent(query[name]) : query[name]]);
  return { sort: query.sort, status: "ready", ...Object.fromEntries(filters) };
}

/** The beginning of a day of the reader, as a moment. */
function startOfDay(day) {
  return new Date(`${day}T00:00:00`).toISOString();
}

function endOfDay(day) {
  return new Date(`${day}T23:59:59.999`).toISOString();
}
