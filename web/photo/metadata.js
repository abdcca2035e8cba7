// The whole metadata document of a photo: as a searchable tree, and as JSON.

import { element, newId, show } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { failed, loading } from "../ui/states.js";
import { save } from "./save.js";

const INDENT = 2;

/** A section of the page that loads the document when it is opened. `getMetadata()` resolves to the document. */
export function metadata(image, getMetadata, announcer) {
  const content = element("div");
  const details = element("details.metadata", {}, element("summary", {}, "All metadata"), content);
  let isLoaded = false;
  details.addEventListener("toggle", () => {
    if (details.open && !isLoaded) load();
  });
  return details;

  async function load() {
    isLoaded = true;
    content.replaceChildren(loading());
    try {
      content.replaceChildren(documentViews(await getMetadata(), image, announcer));
    } catch (error) {
      isLoaded = false;
      content.replaceChildren(failed(error, load));
    }
  }
}

function documentViews(document, image, announcer) {
  const json = JSON.stringify(document, null, INDENT);
  const panels = [
    { label: "Tree", panel: treePanel(document) },
    { label: "JSON", panel: jsonPanel(json, image, announcer) },
  ];
  return tabs("Metadata", panels);
}

function treePanel(document) {
  const tree = branch(document);
  const nothing = element("p.hint", { hidden: true }, "Nothing matches.");
  const search = element("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search the metadata",
    oninput: () => show(nothing, !filter(tree, search.value.trim().toLowerCase())),
  });
  return element("div", {}, search, tree, nothing);
}

/** The members of an object or a list; what has members itself can be folded. */
function branch(value) {
  return element(
    "ul.tree",
    { role: "list" },
    Object.entries(value).map(([name, member]) => {
      if (isLeaf(member)) {
        return element("li.leaf", {}, element("span.key", {}, name), element("span.value", {}, textOf(member)));
      }
      return element("li", {}, element("details", { open: true }, element("summary", {}, name), branch(member)));
    }),
  );
}

/** Short lists of plain values are read best in one line. */
function isLeaf(value) {
  if (value === null || typeof value !== "object") return true;
  const members = Object.values(value);
  return members.length === 0 || (Array.isArray(value) && members.every((member) => member === null || typeof member !== "object"));
}

function textOf(value) {
  return Array.isArray(value) ? value.map(String).join(", ") : typeof value === "object" && value !== null ? "{}" : String(value);
}

/** Shows what has the words in its name or value, and what that is in. Returns whether there is any. */
function filter(tree, words) {
  let found = false;
  for (const item of tree.children) {
    const below = item.querySelector(":scope > details > .tree");
    const name = (item.querySelector(":scope > .key, :scope > details > summary")?.textContent ?? "").toLowerCase();
    const matches = below
      ? filter(below, name.includes(words) ? "" : words)
      : item.textContent.toLowerCase().includes(words);
    show(item, matches);
    found ||= matches;
  }
  return found;
}

function jsonPanel(json, image, announcer) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(json);
      announcer.tell("Copied.");
    } catch {
      announcer.tell("Your browser did not allow it.");
    }
  };
  const download = () => save(new Blob([json], { type: "application/json" }), `${image.filename ?? image.id}.json`);
  return element(
    "div",
    {},
    element(
      "div.form-buttons",
      {},
      element("button.quiet", { type: "button", onclick: copy }, icon("copy"), "Copy"),
      element("button.quiet", { type: "button", onclick: download }, icon("download"), "Save"),
    ),
    element("pre.json", { tabindex: "0", "aria-label": "The metadata as JSON" }, json),
  );
}

/** Tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/). */
function tabs(label, panels) {
  const made = panels.map(({ label: text, panel }, index) => {
    const [id, panelId] = [newId("tab"), newId("panel")];
    panel.id = panelId;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    const tab = element("button.tab", { id, type: "button", role: "tab", "aria-controls": panelId, onclick: () => select(index) }, text);
    return { tab, panel };
  });
  const list = element("div.tabs", { role: "tablist", "aria-label": label }, made.map(({ tab }) => tab));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    // Elsewhere these keys lead to other photos.
    event.stopPropagation();
    const at = made.findIndex(({ tab }) => tab === document.activeElement);
    const next = (at + step + made.length) % made.length;
    select(next);
    made[next].tab.focus();
  });
  select(0);
  return element("div", {}, list, made.map(({ panel }) => panel));

  function select(index) {
    made.forEach(({ tab, panel }, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      show(panel, at === index);
    });
  }
}
