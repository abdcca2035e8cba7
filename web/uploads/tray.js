// The list of uploads in a corner of the page: overall progress, what is being sent, and what was refused.

import { confirmed } from "../ui/dialog.js";
import { element, reconcile, show } from "../ui/dom.js";
import { counted, number } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { uploadRow } from "./row.js";
import { State } from "./upload.js";

const WAITING_SHOWN = 8;

/** `pickFiles()` opens a file dialog. */
export function uploadTray(queue, { pickFiles, announcer }) {
  const title = element("h2");
  const progress = element("progress", { "aria-label": "All uploads" });
  const list = element("ul.upload-list", { role: "list" });
  const note = element("p.hint");
  const rows = new Map();
  const pause = element("button.quiet", { type: "button" });
  const retry = element("button.quiet", { type: "button", onclick: () => queue.retryFailed() }, icon("retry"), "Try again");
  const again = element("button.primary", { type: "button", onclick: pickFiles }, "Choose the files again");
  const cancel = element("button.quiet", { type: "button", onclick: cancelAll }, icon("close"), "Cancel all");
  const fold = element("button.quiet.round", { type: "button", "aria-expanded": "true", onclick: toggle });
  const closeButton = element("button.quiet.round", { type: "button", "aria-label": "Close uploads", onclick: () => queue.clear() }, icon("close"));
  const body = element("div.tray-body", {}, note, list, element("div.form-buttons", {}, again, pause, cancel, retry));
  const tray = element("section.tray", { "aria-label": "Uploads", hidden: true }, element("header", {}, title, fold, closeButton), progress, body);
  let frame = null;
  let wasBusy = false;
  pause.addEventListener("click", () => (queue.isPaused ? queue.resumeAll() : queue.pauseAll()));
  queue.addEventListener("change", () => (frame ??= requestAnimationFrame(draw)));
  addEventListener("beforeunload", (event) => {
    if (queue.isBusy) event.preventDefault();
  });
  setFolded(false);
  draw();
  return tray;

  function draw() {
    frame = null;
    const { uploads, interrupted } = queue;
    show(tray, uploads.length > 0 || interrupted > 0);
    if (tray.hidden) return;
    const by = (...states) => uploads.filter(({ state }) => states.includes(state));
    const refused = by(State.REFUSED, State.FAILED);
    const active = by(State.SENDING, State.READING, State.PAUSED);
    const waiting = by(State.WAITING);
    const settled = uploads.filter(({ isAtRest }) => isAtRest).length;
    title.textContent = headline(queue, { settled, refused, done: by(State.DONE, State.SKIPPED) });
    progress.max = uploads.reduce((sum, { file }) => sum + file.size, 0) || 1;
    progress.value = uploads.reduce((sum, { file, sent, isAtRest }) => sum + (isAtRest ? file.size : sent), 0);
    show(progress, queue.isBusy);
    note.textContent = notes({ interrupted, skipped: by(State.SKIPPED).length, more: waiting.length - WAITING_SHOWN });
    show(note, note.textContent !== "");
    const shown = [...refused, ...active, ...waiting.slice(0, WAITING_SHOWN)];
    reconcile(list, shown, (upload) => upload, rows, (upload) => uploadRow(upload, queue));
    shown.forEach((upload) => rows.get(upload).draw());
    show(list, shown.length > 0);
    show(again, interrupted > 0);
    show(pause, queue.isBusy);
    show(cancel, queue.isBusy);
    pause.replaceChildren(icon(queue.isPaused ? "play" : "pause"), queue.isPaused ? "Resume all" : "Pause all");
    show(retry, by(State.FAILED).length > 0);
    show(closeButton, !queue.isBusy);
    show(body, fold.getAttribute("aria-expanded") === "true" && [note, list, again, pause, cancel, retry].some((child) => !child.hidden));
    if (wasBusy && !queue.isBusy) announcer.say(title.textContent);
    wasBusy = queue.isBusy;
  }

  async function cancelAll() {
    const text = "Photos that are already uploaded will stay.";
    if (await confirmed({ title: "Cancel all uploads?", text, action: "Cancel uploads", danger: true })) queue.clear();
  }

  function toggle() {
    setFolded(fold.getAttribute("aria-expanded") === "true");
    draw();
  }

  function setFolded(isFolded) {
    fold.setAttribute("aria-expanded", String(!isFolded));
    fold.setAttribute("aria-label", isFolded ? "Show uploads" : "Hide uploads");
    fold.replaceChildren(icon(isFolded ? "up" : "down"));
  }
}

function headline({ uploads, interrupted, isPaused }, { settled, refused, done }) {
  if (interrupted > 0) return `${counted(interrupted, "upload")} interrupted`;
  if (isPaused) return `Paused, ${number(uploads.length - settled)} to go`;
  if (settled < uploads.length) return `Uploading ${number(Math.min(settled + 1, uploads.length))} of ${number(uploads.length)}`;
  if (refused.length === 0) return `${counted(done.length, "photo")} uploaded`;
  return `${number(done.length)} uploaded, ${number(refused.length)} not`;
}

function notes({ interrupted, skipped, more }) {
  return [
    interrupted > 0 && "Choose the same files again. What has already arrived is not sent twice.",
    skipped > 0 && `${counted(skipped, "photo")} already uploaded.`,
    more > 0 && `${number(more)} more waiting.`,
  ]
    .filter(Boolean)
    .join(" ");
}
