// QR codes (ISO/IEC 18004:2015): bytes, error correction level L, every version.

import { svg } from "./dom.js";

// By version, from 1: the number of error correction codewords per block, and of blocks (table 9).
const CORRECTION = [
  7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30,
  30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
];
const BLOCKS = [
  1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20,
  21, 22, 24, 25,
];
const QUIET_ZONE = 4;
const LEVEL_L = 0b01;
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Draws the QR code of a text, dark on light whatever the page's colours are. */
export function qrCode(text, label) {
  const modules = qrModules(text);
  const side = modules.length + 2 * QUIET_ZONE;
  const path = modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z` : "")))
    .join("");
  return svg(
    "svg",
    { class: "qr-code", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    svg("rect", { width: side, height: side, fill: "#fff" }),
    svg("path", { d: path, fill: "#000" }),
  );
}

/** Returns the rows of a text's QR code; dark modules are true. */
export function qrModules(text) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, index) => capacity(index + 1) >= bytes.length) + 1;
  if (version === 0) throw new RangeError("The text is too long for a QR code.");
  const frame = new Frame(version);
  frame.place(codewords(bytes, version));
  return MASKS.map((_, mask) => frame.masked(mask)).reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/** How many modules of a version hold codewords. */
function rawModules(version) {
  const aligned = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const alignment = aligned ? (25 * aligned - 10) * aligned - 55 : 0;
  return (16 * version + 128) * version + 64 - alignment - (version > 6 ? 36 : 0);
}

function dataCodewords(version) {
  return Math.floor(rawModules(version) / 8) - CORRECTION[version - 1] * BLOCKS[version - 1];
}

/** How many bytes of text fit into a version. */
function capacity(version) {
  return dataCodewords(version) - (version < 10 ? 2 : 3);
}

/** The codewords in the order in which they are placed: data and error correction, interleaved. */
function codewords(bytes, version) {
  const bits = [];
  const append = (value, length) => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  append(0b0100, 4);
  append(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => append(byte, 8));
  const length = dataCodewords(version);
  append(0, Math.min(4, length * 8 - bits.length));
  append(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < length * 8; pad ^= 0xec ^ 0x11) append(pad, 8);
  const data = Array.from({ length }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2));

  const count = BLOCKS[version - 1];
  const shortLength = Math.floor(length / count);
  const firstLong = count - (length % count);
  const blocks = [];
  for (let index = 0, at = 0; index < count; index++) {
    const size = shortLength + (index >= firstLong ? 1 : 0);
    blocks.push(data.slice(at, at + size));
    at += size;
  }
  const corrections = blocks.map((block) => remainder(block, CORRECTION[version - 1]));
  return [...interleaved(blocks), ...interleaved(corrections)];
}

function interleaved(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: longest }, (_, at) => blocks.filter((block) => at < block.length).map((block) => block[at])).flat();
}

/** The error correction codewords of a block: Reed-Solomon over GF(2^8) with 0x11d. */
function remainder(block, degree) {
  const divisor = Array(degree - 1).fill(0).concat(1);
  for (let step = 0, root = 1; step < degree; step++, root = multiply(root, 2)) {
    for (let at = 0; at < degree; at++) {
      divisor[at] = multiply(divisor[at], root) ^ (divisor[at + 1] ?? 0);
    }
  }
  const result = Array(degree).fill(0);
  for (const value of block) {
    const factor = value ^ result.shift();
    result.push(0);
    divisor.forEach((coefficient, at) => (result[at] ^= multiply(coefficient, factor)));
  }
  return result;
}

function multiply(left, right) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((right >> bit) & 1) * left;
  }
  return product;
}

/** The square of modules: the fixed patterns, and space for the text's codewords. */
class Frame {
  #size;
  #version;
  #modules;
  #fixed;

  constructor(version) {
    this.#version = version;
    this.#size = version * 4 + 17;
    const square = () => Array.from({ length: this.#size }, () => Array(this.#size).fill(false));
    this.#modules = square();
    this.#fixed = square();
    this.#drawPatterns();
    this.#drawFormat(0);
  }

  /** Places codewords in columns of two modules, upwards and downwards in turn. */
  place(words) {
    let at = 0;
    for (let right = this.#size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upwards = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.#size; step++) {
        for (const x of [right, right - 1]) {
          const y = upwards ? this.#size - 1 - step : step;
          if (this.#fixed[y][x] || at >= words.length * 8) continue;
          this.#modules[y][x] = ((words[at >> 3] >> (7 - (at & 7))) & 1) === 1;
          at += 1;
        }
      }
    }
  }

  /** Returns the modules, with a mask applied to the codewords. */
  masked(mask) {
    this.#drawFormat(mask);
    return this.#modules.map((row, y) => row.map((dark, x) => (this.#fixed[y][x] ? dark : dark !== MASKS[mask](x, y))));
  }

  #fix(x, y, dark) {
    this.#modules[y][x] = dark;
    this.#fixed[y][x] = true;
  }

  #drawPatterns() {
    const size = this.#size;
    for (let at = 0; at < size; at++) {
      this.#fix(6, at, at % 2 === 0);
      this.#fix(at, 6, at % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
      this.#drawSquares(x, y, 4, (distance) => distance !== 2 && distance !== 4);
    }
    const centres = this.#alignmentCentres();
    const last = centres.length - 1;
    centres.forEach((x, column) =>
      centres.forEach((y, row) => {
        const atFinder = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0);
        if (!atFinder) this.#drawSquares(x, y, 2, (distance) => distance !== 1);
      }),
    );
    this.#drawVersion();
  }

  /** Squares around a centre, dark or light by their distance from it. */
  #drawSquares(centreX, centreY, reach, isDark) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [x, y] = [centreX + dx, centreY + dy];
        if (x < 0 || y < 0 || x >= this.#size || y >= this.#size) continue;
        this.#fix(x, y, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  #alignmentCentres() {
    const version = this.#version;
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2;
    const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
    const rest = Array.from({ length: count - 1 }, (_, at) => this.#size - 7 - at * step);
    return [6, ...rest.reverse()];
  }

  #drawVersion() {
    if (this.#version < 7) return;
    const bits = (this.#version << 12) | bch(this.#version, 12, 0x1f25);
    for (let at = 0; at < 18; at++) {
      const dark = ((bits >> at) & 1) === 1;
      const [long, short] = [this.#size - 11 + (at % 3), Math.floor(at / 3)];
      this.#fix(long, short, dark);
      this.#fix(short, long, dark);
    }
  }

  /** Error correction level and mask, twice, and the module that is always dark. */
  #drawFormat(mask) {
    const data = (LEVEL_L << 3) | mask;
    const bits = ((data << 10) | bch(data, 10, 0x537)) ^ 0x5412;
    const size = this.#size;
    const isDark = (at) => ((bits >> at) & 1) === 1;
    for (let at = 0; at < 15; at++) {
      const along = at < 6 ? at : at < 8 ? at + 1 : at === 8 ? 7 : 14 - at;
      if (at < 8) this.#fix(8, along, isDark(at));
      else this.#fix(along, 8, isDark(at));
      if (at < 8) this.#fix(size - 1 - at, 8, isDark(at));
      else this.#fix(8, size - 15 + at, isDark(at));
    }
    this.#fix(8, size - 8, true);
  }
}

/** The check bits of a BCH code. */
function bch(data, length, generator) {
  let value = data;
  for (let step = 0; step < length; step++) value = (value << 1) ^ ((value >> (length - 1)) * generator);
  return value;
}

/** How hard the modules are to read (§7.8.3). */
function penalty(modules) {
  const size = modules.length;
  const columns = modules.map((_, x) => modules.map((row) => row[x]));
  let points = 0;
  let dark = 0;
  for (const line of [...modules, ...columns]) {
    const text = line.map((module) => (module ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    points += 40 * (text.match(/(?=10111010000|00001011101)/g) ?? []).length;
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      dark += modules[y][x] ? 1 : 0;
      if (x === 0 || y === 0) continue;
      const here = modules[y][x];
      if (modules[y][x - 1] === here && modules[y - 1][x] === here && modules[y - 1][x - 1] === here) points += 3;
    }
  }
  return points + 10 * Math.floor(Math.abs((dark / size ** 2) * 100 - 50) / 5);
}
