// What users see when they are logged in: the gallery, a photo or the account in front of it, and their uploads.

import { accountView } from "./account/view.js";
import { Library } from "./gallery/library.js";
import { Links } from "./gallery/links.js";
import { DEFAULT_QUERY } from "./gallery/query.js";
import { galleryView } from "./gallery/view.js";
import { photoView } from "./photo/view.js";
import { mark } from "./sign_in/frame.js";
import { element, show } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { droppedFiles } from "./uploads/dropped_files.js";
import { ACCEPT } from "./uploads/formats.js";
import { Journal } from "./uploads/journal.js";
import { UploadQueue } from "./uploads/queue.js";
import { uploadTray } from "./uploads/tray.js";

export function home({ api, session, router, announcer }) {
  const links = new Links();
  const library = new Library(api, links, DEFAULT_QUERY);
  const queue = new UploadQueue({ api, journal: new Journal(sessionStorage) });
  const gone = new AbortController();
  const picker = element("input", { type: "file", multiple: true, accept: ACCEPT, hidden: true, "aria-label": "Photos" });
  const pickFiles = () => picker.click();
  const offline = element("p.offline", { role: "status", hidden: navigator.onLine }, "You are offline.");
  const accountLink = element("a.avatar", { href: "#/account", "aria-label": "Account" }, icon("account"));
  const gallery = galleryView({ library, links, announcer, pickFiles });
  const main = element("main.main", {}, gallery.element);
  const behind = element(
    "div.behind",
    {},
    offline,
    element(
      "header.top",
      {},
      element("a.brand", { href: "#/" }, mark(), "Images"),
      element("button.primary", { type: "button", onclick: pickFiles }, icon("upload"), "Upload"),
      accountLink,
    ),
    main,
  );
  const front = element("div.front", { hidden: true });
  const dropHint = element("div.drop-hint", { hidden: true, "aria-hidden": "true" }, icon("upload"), element("p", {}, "Drop to upload"));
  const tray = uploadTray(queue, { pickFiles, announcer });
  let view = null;
  let lastPhoto = null;

  picker.addEventListener("change", () => {
    queue.add([...picker.files]);
    picker.value = "";
  });
  queue.addEventListener("image", ({ detail }) => library.add(detail));
  for (const [name, visible] of [["online", false], ["offline", true]]) {
    addEventListener(name, () => show(offline, visible), { signal: gone.signal });
  }
  takeDrops();
  api.profile().then(showInitials, () => {});

  return {
    element: element("div.home", {}, behind, front, tray, dropHint, picker),
    draw,
    dispose() {
      view?.dispose();
      gallery.dispose();
      queue.stop();
      gone.abort();
    },
  };

  function draw() {
    view?.dispose();
    view = viewOf(router.current);
    const isInFront = view !== null;
    front.replaceChildren(...(isInFront ? [view.element] : []));
    show(front, isInFront);
    behind.inert = isInFront;
    document.body.classList.toggle("covered", isInFront);
    if (isInFront) {
      document.title = "Images";
      view.focus();
    } else {
      document.title = "Images";
      if (lastPhoto !== null) gallery.focus(lastPhoto);
      lastPhoto = null;
    }
  }

  /** The view in front of the gallery, according to the address; null for none. */
  function viewOf({ name, argument }) {
    const close = () => router.go("#/");
    if (name === "account") return accountView({ context: { api, session, announcer }, close, onProfile: showInitials });
    if (name !== "photo") return null;
    lastPhoto = argument;
    const open = (id) => router.replace(`#/photo/${encodeURIComponent(id)}`);
    return photoView({ id: argument, api, links, library, announcer, close, open });
  }

  function showInitials({ given_name: given = "", family_name: family = "", email }) {
    const initials = `${given.slice(0, 1)}${family.slice(0, 1)}` || email.slice(0, 1);
    accountLink.replaceChildren(initials.toUpperCase());
  }

  function takeDrops() {
    const options = { signal: gone.signal };
    let depth = 0;
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => hasFiles(event) && show(dropHint, ++depth > 0), options);
    addEventListener("dragleave", (event) => hasFiles(event) && show(dropHint, --depth > 0), options);
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault(), options);
    addEventListener(
      "drop",
      async (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth = 0;
        show(dropHint, false);
        queue.add(await droppedFiles(event.dataTransfer));
      },
      options,
    );
  }
}
