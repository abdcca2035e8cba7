// The position of each picture in the gallery: rows that fill the width, under a heading for each month.

import { monthHeading } from "../ui/format.js";

const NARROWEST = 0.55;
const WIDEST = 2.4;
const UNKNOWN = 4 / 3;
const MAX_STRETCH = 1.35;

/**
 * Lays images out in rows of about `rowHeight`. Returns {height, sections: [{key, title, top, height, tiles}]},
 * where a tile is {image, index, row, left, top, width, height}, with `top` relative to its section.
 */
export function layOut(images, { width, rowHeight, gap, headingHeight, sectionGap, timeOf }) {
  const sections = [];
  let top = 0;
  let row = 0;
  for (const { title, from, to } of months(images, timeOf)) {
    const section = { key: `${title}/${images[from].id}`, title, top, tiles: [] };
    let y = headingHeight;
    for (const line of lines(images, from, to, width, rowHeight, gap)) {
      let left = 0;
      for (const { image, index, ratio } of line.items) {
        const tileWidth = line.height * ratio;
        section.tiles.push({ image, index, row, left, top: y, width: tileWidth, height: line.height });
        left += tileWidth + gap;
      }
      y += line.height + gap;
      row += 1;
    }
    section.height = y - gap;
    sections.push(section);
    top += section.height + sectionGap;
  }
  return { height: Math.max(0, top - sectionGap), sections };
}

/** Runs of images of one month: {title, from, to}. */
function months(images, timeOf) {
  const runs = [];
  images.forEach((image, index) => {
    const title = monthHeading(timeOf(image));
    const last = runs.at(-1);
    if (last?.title === title) last.to = index + 1;
    else runs.push({ title, from: index, to: index + 1 });
  });
  return runs;
}

/** Cuts images into lines that fill the width; the last one may be short. */
function lines(images, from, to, width, rowHeight, gap) {
  const made = [];
  let items = [];
  let ratios = 0;
  const heightOf = () => (width - gap * (items.length - 1)) / ratios;
  for (let index = from; index < to; index++) {
    const ratio = ratioOf(images[index]);
    const without = items.length > 0 ? heightOf() : Infinity;
    items.push({ image: images[index], index, ratio });
    ratios += ratio;
    if (heightOf() > rowHeight) continue;
    // Whichever is nearer to the row height: the line with or without the last image.
    const last = rowHeight / heightOf() > without / rowHeight ? items.pop() : null;
    if (last) ratios -= last.ratio;
    made.push({ items, height: heightOf() });
    items = last ? [last] : [];
    ratios = last ? last.ratio : 0;
  }
  if (items.length > 0) {
    const full = heightOf();
    made.push({ items, height: full <= rowHeight * MAX_STRETCH ? full : rowHeight });
  }
  return made;
}

function ratioOf({ width, height }) {
  const ratio = width && height ? width / height : UNKNOWN;
  return Math.min(WIDEST, Math.max(NARROWEST, ratio));
}
