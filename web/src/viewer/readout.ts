// The exact values of a face or an edge as one line of text. They come from the kernel, never from the mesh.
import { area, length, number } from "../format.ts";
import type { SceneEdge, SceneFace, Vec3 } from "../wire.ts";

const AXIS_NAMES: [string, Vec3][] = [
  ["+X", [1, 0, 0]],
  ["−X", [-1, 0, 0]],
  ["+Y", [0, 1, 0]],
  ["−Y", [0, -1, 0]],
  ["+Z", [0, 0, 1]],
  ["−Z", [0, 0, -1]],
];

export function faceText(face: SceneFace): string {
  const words = [title(face.type)];
  // The radius of a cone depends on where one looks; its angle does not.
  if (isNumber(face.half_angle)) words.push(`angle ${number((face.half_angle * 360) / Math.PI)}°`);
  else if (isNumber(face.minor_radius))
    words.push(`ring ${length(face.radius ?? 0)}, tube ${length(face.minor_radius)}`);
  else if (isNumber(face.radius)) words.push(`radius ${length(face.radius)} (Ø${number(face.radius * 2)})`);
  words.push(`area ${area(face.area)}`);
  if (face.normal) words.push(`faces ${direction(face.normal)}`);
  else if (face.axis) words.push(`axis ${direction(face.axis.direction)}`);
  return words.join(" · ");
}

export function edgeText(edge: SceneEdge): string {
  const radius = isNumber(edge.radius) ? edge.radius : null;
  const whole = radius !== null && edge.length > 2 * Math.PI * radius * 0.9999;
  const name = edge.type === "circle" && !whole ? "Arc" : title(edge.type);
  const words = [name];
  if (radius !== null) words.push(`radius ${length(radius)} (Ø${number(radius * 2)})`);
  words.push(`length ${length(edge.length)}`);
  return words.join(" · ");
}

function direction(vector: Vec3): string {
  const known = AXIS_NAMES.find(([, axis]) =>
    axis.every((value, index) => Math.abs(value - vector[index]!) < 1e-6),
  );
  return known?.[0] ?? `(${vector.map((value) => number(value)).join(", ")})`;
}

function title(type: string): string {
  const plain = type.toLowerCase() === "bspline" ? "spline" : type.toLowerCase();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number";
}
