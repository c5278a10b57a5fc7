// Numbers and sentences as a person reads them: millimetres with at most three decimals, no trailing zeros, thin grouping.
import type { Hole, Vec3 } from "./wire.ts";

const THIN_SPACE = "\u202f";

/** `value` with at most `decimals` decimals, without trailing zeros and without a minus zero. */
export function number(value: number, decimals = 3): string {
  if (!Number.isFinite(value)) return "?";
  const text = value.toFixed(decimals);
  const trimmed = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return trimmed === "-0" ? "0" : group(trimmed);
}

/** Thousands apart by a thin space, from five digits on, as in ISO drawings. */
function group(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const digits = whole.replace("-", "");
  if (digits.length < 5) return text;
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function length(mm: number): string {
  return `${number(mm)} mm`;
}

/** A flat result has two sizes, a solid three. */
export function size(box: Vec3): string {
  const [x, y, z] = box;
  const sides = z === 0 ? [x, y] : [x, y, z];
  return `${sides.map((side) => number(side)).join(" × ")} mm`;
}

export function point(position: Vec3): string {
  return position.map((coordinate) => number(coordinate, 2)).join(", ");
}

/** Large values lose decimals that nobody can hold a calliper to. */
export function area(mm2: number): string {
  return `${number(mm2, mm2 >= 1000 ? 1 : 3)} mm²`;
}

export function volume(mm3: number): string {
  return `${number(mm3, mm3 >= 1000 ? 1 : 3)} mm³`;
}

export function mass(grams: number): string {
  return grams >= 1000 ? `${number(grams / 1000)} kg` : `${number(grams, 2)} g`;
}

export function seconds(value: number): string {
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

export function clock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export interface HoleGroup {
  count: number;
  hole: Hole;
  centres: Vec3[];
}

/** Holes that differ only in where they are become one line of the table: "4 x Ø5 through". */
export function groupHoles(holes: Hole[]): HoleGroup[] {
  const groups = new Map<string, HoleGroup>();
  for (const hole of holes) {
    const numbers = [
      hole.diameter,
      hole.depth,
      hole.head_diameter ?? 0,
      hole.head_depth ?? 0,
      hole.angle ?? 0,
    ];
    const key = [hole.kind, hole.through, ...numbers.map((value) => value.toFixed(3))].join("|");
    const known = groups.get(key);
    if (known) {
      known.count += 1;
      known.centres.push(hole.centre);
    } else {
      groups.set(key, { count: 1, hole, centres: [hole.centre] });
    }
  }
  return [...groups.values()];
}

export function holeText(hole: Hole): string {
  const depth = hole.through ? "through" : `${number(hole.depth)} deep`;
  if (hole.kind === "plain") return depth;
  const head = hole.head_diameter === null ? "" : ` Ø${number(hole.head_diameter)}`;
  const more =
    hole.kind === "counterbore"
      ? hole.head_depth === null
        ? ""
        : ` × ${number(hole.head_depth)}`
      : hole.angle === null
        ? ""
        : ` ${number(hole.angle)}°`;
  return `${depth}, ${hole.kind}${head}${more}`;
}

export function plural(count: number, one: string): string {
  return `${number(count, 0)} ${one}${count === 1 ? "" : "s"}`;
}

/** A file or memory, in the decimal units that disks are sold by. */
export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [size, at] = [value, 0];
  while (size >= 999.5 && at < units.length - 1) [size, at] = [size / 1000, at + 1];
  return `${number(size, at > 2 && size < 100 ? 1 : 0)} ${units[at]}`;
}

/** Thousands, millions, billions, as people count the parameters of a model. */
export function count(value: number): string {
  const units = ["", " k", " M", " B"];
  let [size, at] = [value, 0];
  while (size >= 999.5 && at < units.length - 1) [size, at] = [size / 1000, at + 1];
  return `${number(size, size < 10 && at > 0 ? 1 : 0)}${units[at]}`;
}

/** A sentence ends with a full stop. */
export function stop(text: string): string {
  return /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}
