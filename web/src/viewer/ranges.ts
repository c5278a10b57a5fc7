// Which triangles are which B-rep face, and which line segments are which edge. Pure arithmetic on index buffers.
import type { SceneBody } from "../wire.ts";

/** First element of each entity, and one past the last: `starts[i] <= k < starts[i + 1]` belongs to entity `i`. */
export type Starts = Uint32Array;

/** null when the counts do not add up: then nothing can be said about single faces, and the page says nothing. */
export function faceStarts(body: SceneBody | undefined, triangles: number): Starts | null {
  const counts = body?.triangles_per_face;
  if (counts === undefined || body?.faces?.length !== counts.length) return null;
  const starts = startsOf(counts);
  return starts[counts.length] === triangles ? starts : null;
}

/** Seams are edges without segments: they are in the table but not in the picture. */
export function edgeStarts(body: SceneBody | undefined, segments: number): Starts | null {
  const counts = body?.segments_per_edge;
  if (counts === undefined || body?.edges?.length !== counts.length) return null;
  const starts = startsOf(counts);
  return starts[counts.length] === segments ? starts : null;
}

/** Which entity an element belongs to; entities of no elements are never it. */
export function entityAt(starts: Starts, element: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= element) low = middle;
    else high = middle - 1;
  }
  return low;
}

function startsOf(counts: number[]): Starts {
  const starts = new Uint32Array(counts.length + 1);
  counts.forEach((count, index) => {
    starts[index + 1] = starts[index]! + count;
  });
  return starts;
}
