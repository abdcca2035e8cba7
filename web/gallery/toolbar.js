// The toolbar above the gallery: the order, the filters, and the active filters.

import { element, newId, reconcile, show } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { FILTERS, SORTS } from "./query.js";

/** Calls `onChange(query)` when the query changes, and `onSelect()` when the user wants to select images. */
export function toolbar(query, { onChange, onSelect }) {
  let current = query;
  const panelId = newId("filters");
  const chips = element("ul.chips", { role: "list", "aria-label": "Active filters" });
  const known = new Map();
  const panel = element("form.filters", { id: panelId, hidden: true, "aria-label": "Filters" });
  const toggle = element(
    "button.quiet",
    { type: "button", "aria-expanded": "false", "aria-controls": panelId, onclick: () => togglePanel() },
    icon("filter"),
    "Filter",
  );
  const select = element("button.quiet", { type: "button", onclick: onSelect }, icon("select"), "Select");
  const sort = element(
    "select",
    { "aria-label": "Order", onchange: () => change({ ...current, sort: sort.value }) },
    SORTS.map(({ value, label }) => element("option", { value, selected: value === query.sort }, label)),
  );
  const inputs = FILTERS.map((filter) => ({ filter, input: filterInput(filter) }));
  panel.append(
    element(".filter-fields", {}, inputs.map(({ filter, input }) => element("div.field", {}, element("label", { for: input.id }, filter.label), input))),
    element(
      ".form-buttons",
      {},
      element("button.primary", { type: "submit" }, "Apply"),
      element("button.link", { type: "button", onclick: () => clear() }, "Clear all"),
    ),
  );
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    change({ sort: current.sort, ...Object.fromEntries(inputs.map(({ filter, input }) => [filter.name, input.value.trim()])) });
    togglePanel(false);
    toggle.focus();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    togglePanel(false);
    toggle.focus();
  });
  drawChips();
  return element("div.toolbar", {}, element(".toolbar-row", {}, sort, toggle, select, chips), panel);

  function filterInput({ name, type = "text", options }) {
    const id = newId(name);
    if (!options) return element("input", { id, name, type, autocomplete: "off" });
    return element("select", { id, name }, options.map(([value, label]) => element("option", { value }, label)));
  }

  function togglePanel(open = panel.hidden) {
    for (const { filter, input } of inputs) input.value = current[filter.name] ?? "";
    show(panel, open);
    toggle.setAttribute("aria-expanded", String(open));
    if (open) inputs[0].input.focus();
  }

  function clear() {
    togglePanel(false);
    change({ sort: current.sort });
  }

  function change(next) {
    current = next;
    drawChips();
    onChange(next);
  }

  function drawChips() {
    const set = FILTERS.filter(({ name }) => current[name]);
    reconcile(chips, set, ({ name }) => `${name}=${current[name]}`, known, (filter) => {
      const said = filter.describe(current[filter.name]);
      const remove = () => change({ ...current, [filter.name]: "" });
      return element(
        "li",
        {},
        element("button.chip", { type: "button", "aria-label": `Remove filter ${said}`, onclick: remove }, said, icon("close")),
      );
    });
  }
}
