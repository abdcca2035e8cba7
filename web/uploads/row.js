// One upload in the list.

import { element, show } from "../ui/dom.js";
import { bytes } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { progressOf, State } from "./upload.js";

export function uploadRow(upload, queue) {
  const { name, size } = upload.file;
  const status = element("span.upload-status");
  const progress = element("progress", { max: size, "aria-label": name });
  const pause = button("pause", `Pause ${name}`, () => upload.pause());
  const resume = button("play", `Resume ${name}`, () => queue.resume(upload));
  const retry = button("retry", `Try ${name} again`, () => queue.resume(upload));
  const remove = button("close", `Remove ${name}`, () => queue.remove(upload));
  const row = element("li.upload", {}, element("span.upload-name", { title: name }, name), status, progress, element("span.upload-buttons", {}, pause, resume, retry, remove));

  row.draw = () => {
    const { state } = upload;
    row.className = `upload ${state}`;
    status.textContent = statusOf(upload);
    progress.value = upload.sent;
    show(progress, (state === State.SENDING && !isSent(upload)) || state === State.PAUSED);
    show(pause, state === State.SENDING);
    show(resume, state === State.PAUSED);
    show(retry, state === State.FAILED);
    show(remove, state !== State.READING && state !== State.SENDING);
  };
  return row;
}

/** Whether all bytes are sent, even if their arrival is not confirmed yet. */
function isSent({ sent, file }) {
  return sent >= file.size;
}

function statusOf(upload) {
  switch (upload.state) {
    case State.SENDING:
      if (upload.isWaitingForConnection) return "Waiting for a connection";
      return isSent(upload) ? "Processing" : progressOf(upload);
    case State.READING:
      return "Processing";
    case State.PAUSED:
      return "Paused";
    case State.REFUSED:
    case State.FAILED:
      return upload.reason;
    default:
      return bytes(upload.file.size);
  }
}

function button(iconName, label, onclick) {
  return element("button.quiet.round.small", { type: "button", "aria-label": label, title: label, onclick }, icon(iconName));
}
