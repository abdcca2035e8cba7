// The icons: strokes in a square of 24 by 24.

import { svg } from "./dom.js";

const PATHS = {
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8a7.5 7.5 0 0 1 15 0",
  back: "m15 5-7 7 7 7",
  camera: "M4 8h3l1.5-2.500h7L17 8h3v11H4Zm8 8.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  check: "m5 12.5 4.5 4.500L19 7.5",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9ZM5 15H4V4h11v1",
  down: "m6 9 6 6 6-6",
  download: "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  edit: "M4 20h4L19 9l-4-4L4 16Zm9-13 4 4",
  file: "M6 3h8l5 5v13H6Zm8 0v5h5",
  filter: "M4 6h16M7 12h10M10 18h4",
  forward: "m9 5 7 7-7 7",
  info: "M12 11v6m0-9.500v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  out: "M14 4h5v16h-5M4 12h11m-4-4.5 4.5 4.5-4.5 4.5",
  pause: "M9 5v14M15 5v14",
  picture: "M4 5h16v14H4Zm0 11 5-5 5 5 2-2 4 4M15.5 9.500v.01",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11Zm0-8.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  play: "M8 5v14l11-7Z",
  retry: "M5 12a7 7 0 1 1 2 5m-2 3v-4h4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.5 4.5",
  select: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-9 3 3 5.5-6",
  tag: "M4 4h8l8 8-8 8-8-8Zm4 4v.01",
  time: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3 2",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  up: "m6 15 6-6 6 6",
  upload: "M12 16V5m-5 4.5 5-5 5 5M5 20h14",
  warning: "M12 4 2.5 20h19Zm0 6v5m0 2.500v.01",
};

/** An icon, which says nothing to a screen reader: what it stands for has to be said beside it. */
export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}
