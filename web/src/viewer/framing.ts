// When to move the camera for the user, and where to: pure arithmetic on boxes, so that it can be tested without a canvas.
import type { BoundingBox, Vec3 } from "../wire.ts";

export type ViewName = "iso" | "top" | "front" | "right";

/** From the part towards the eye. Top is tilted by a hair, so that north (Y) stays up on the screen. */
export const VIEW_DIRECTIONS: Record<ViewName, Vec3> = {
  iso: [0.62, -0.85, 0.62],
  top: [0, -0.0001, 1],
  front: [0, -1, 0],
  right: [1, 0, 0],
};

const SIZE_RATIO_MAX = 3;

export function diagonal(box: BoundingBox): number {
  return Math.hypot(...box.size);
}

export function centre(box: BoundingBox): Vec3 {
  return [0, 1, 2].map((axis) => (box.min[axis]! + box.max[axis]!) / 2) as Vec3;
}

/** The camera belongs to the user: it only moves for the first part, and when the new one would be lost from sight. */
export function shouldRefit(before: BoundingBox | null, after: BoundingBox): boolean {
  if (before === null) return true;
  const was = diagonal(before);
  const is = diagonal(after);
  if (was <= 0 || is <= 0) return true;
  const ratio = is / was;
  if (ratio > SIZE_RATIO_MAX || ratio < 1 / SIZE_RATIO_MAX) return true;
  const [from, to] = [centre(before), centre(after)];
  return Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) > Math.max(was, is);
}

export function corners(box: BoundingBox): Vec3[] {
  const { min, max } = box;
  const found: Vec3[] = [];
  for (const x of [min[0], max[0]]) {
    for (const y of [min[1], max[1]]) {
      for (const z of [min[2], max[2]]) found.push([x, y, z]);
    }
  }
  return found;
}

/** A grid step of 1, 2 or 5 times a power of ten, so that about ten cells cross the part. */
export function gridStep(extent: number): number {
  if (!(extent > 0)) return 10;
  const rough = extent / 10;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}
