// Makes elements. Text always stays text: nothing here accepts HTML.

/**
 * Makes an element: `element("button.quiet", {type: "button", onclick}, "Close")`.
 * Members that begin with "on" are listeners; true sets an empty attribute; null and false set none.
 */
export function element(description, attributes = {}, ...children) {
  const [tag, ...classes] = description.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length > 0) made.className = classes.join(" ");
  return complete(made, attributes, children);
}

/** Makes an SVG element in the same way. */
export function svg(tag, attributes = {}, ...children) {
  return complete(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** Shows an element or hides it. */
export function show(shown, visible) {
  shown.hidden = !visible;
}

/**
 * Makes `parent` contain an element for each of `items`, in their order. `known` maps keys to existing elements,
 * which are reused. An element with the focus stays until it has lost the focus.
 */
export function reconcile(parent, items, keyOf, known, make) {
  const wanted = new Set(items.map(keyOf));
  for (const [key, child] of known) {
    if (wanted.has(key) || child.contains(document.activeElement)) continue;
    child.remove();
    known.delete(key);
  }
  let before = parent.firstChild;
  for (const item of items) {
    const key = keyOf(item);
    if (!known.has(key)) known.set(key, make(item));
    const child = known.get(key);
    if (child === before) before = before.nextSibling;
    else parent.insertBefore(child, before);
  }
}

let count = 0;

/** Returns an id for an element that others refer to. */
export function newId(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}

function complete(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
