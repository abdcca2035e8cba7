// The gallery's query to the API: an order and filters.

/** The orders, by the API's names. */
export const SORTS = [
  { value: "-created_at", label: "Newest upload" },
  { value: "created_at", label: "Oldest upload" },
  { value: "-captured_at", label: "Newest photo" },
  { value: "captured_at", label: "Oldest photo" },
];

/** The filters, by the API's names: the field of each, and how to describe its value. */
export const FILTERS = [
  { name: "filename", label: "File name", describe: (value) => `“${value}”` },
  { name: "camera", label: "Camera", describe: (value) => value },
  { name: "keyword", label: "Keyword", describe: (value) => `#${value}` },
  { name: "captured_from", label: "Taken from", type: "date", describe: (value) => `taken from ${value}` },
  { name: "captured_to", label: "Taken until", type: "date", describe: (value) => `taken until ${value}` },
  { name: "created_from", label: "Uploaded from", type: "date", describe: (value) => `uploaded from ${value}`, sent: startOfDay },
  { name: "created_to", label: "Uploaded until", type: "date", describe: (value) => `uploaded until ${value}`, sent: endOfDay },
  {
    name: "has_location",
    label: "Place",
    options: [["", "Any"], ["true", "With a place"], ["false", "Without a place"]],
    describe: (value) => (value === "true" ? "with a place" : "without a place"),
  },
  {
    name: "status",
    label: "State",
    options: [["", "Ready"], ["pending", "Processing"], ["rejected", "Refused"]],
    describe: (value) => (value === "pending" ? "processing" : "refused"),
  },
];

export const DEFAULT_QUERY = { sort: SORTS[0].value };

/** Whether the order is by time of capture, not of upload. */
export function isByCapture(query) {
  return query.sort.endsWith("captured_at");
}

/** Whether the query has a filter. */
export function isFiltered(query) {
  return FILTERS.some(({ name }) => query[name]);
}

/** The API's parameters for a query. */
export function parameters(query) {
  const filters = FILTERS.filter(({ name }) => query[name]).map(({ name, sent }) => [name, sent ? sent(query[name]) : query[name]]);
  return { sort: query.sort, status: "ready", ...Object.fromEntries(filters) };
}

/** The beginning of a day in the user's time zone. */
function startOfDay(day) {
  return new Date(`${day}T00:00:00`).toISOString();
}

function endOfDay(day) {
  return new Date(`${day}T23:59:59.999`).toISOString();
}
