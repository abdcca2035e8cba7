// The user's usage and quotas.

import { element } from "../ui/dom.js";
import { bytes, counted, number } from "../ui/format.js";
import { failed, loading } from "../ui/states.js";
import { section } from "./section.js";

export function usageSection({ api }) {
  const content = element("div", {}, loading());
  load();
  return section("Storage", content);

  async function load() {
    try {
      content.replaceChildren(...meters(await api.usage()));
    } catch (error) {
      content.replaceChildren(failed(error, load));
    }
  }
}

function meters({ images, bytes: size, max_images: maxImages, max_bytes: maxSize }) {
  return [
    meter("Photos", images, maxImages, maxImages ? `${number(images)} of ${counted(maxImages, "photo")}` : counted(images, "photo")),
    meter("Storage", size, maxSize, maxSize ? `${bytes(size)} of ${bytes(maxSize)}` : bytes(size)),
  ];
}

function meter(label, value, max, text) {
  return element(
    "div.usage",
    {},
    element("p", {}, text),
    max ? element("meter", { "aria-label": label, min: 0, max, value, high: max * 0.9, optimum: 0 }) : null,
  );
}
