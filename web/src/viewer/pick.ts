// What lies under the pointer: the nearest visible edge within a few pixels, else the face. Exact entities of the B-rep,
// found through the mesh.
import { type Camera, Raycaster, Vector2, Vector3 } from "three";
import type { BodyObjects } from "./part-objects.ts";
import { entityAt } from "./ranges.ts";

const EDGE_REACH_PX = 6;

export interface Pick {
  body: BodyObjects;
  kind: "face" | "edge";
  index: number;
}

export interface Pointer {
  x: number;
  y: number;
  width: number;
  height: number;
}

const raycaster = new Raycaster();
const near = new Vector3();
const far = new Vector3();

export function pick(
  bodies: BodyObjects[],
  camera: Camera,
  pointer: Pointer,
  tolerance: number,
): Pick | null {
  const visible = bodies.filter((body) => body.group.visible);
  camera.updateMatrixWorld();
  const face = pickFace(visible, camera, pointer);
  const edge = pickEdge(
    visible,
    camera,
    pointer,
    face === null ? Number.POSITIVE_INFINITY : face.depth + tolerance,
  );
  if (edge !== null) return edge;
  return face?.pick ?? null;
}

function pickFace(
  bodies: BodyObjects[],
  camera: Camera,
  at: Pointer,
): { pick: Pick | null; depth: number } | null {
  raycaster.setFromCamera(new Vector2((at.x / at.width) * 2 - 1, 1 - (at.y / at.height) * 2), camera);
  let best: { pick: Pick | null; depth: number } | null = null;
  for (const body of bodies) {
    if (body.mesh === null) continue;
    const [hit] = raycaster.intersectObject(body.mesh, false);
    if (hit === undefined) continue;
    const depth = depthOf(hit.point, camera);
    if (best !== null && best.depth <= depth) continue;
    const known = body.faces !== null && typeof hit.faceIndex === "number";
    best = {
      pick: known ? { body, kind: "face", index: entityAt(body.faces!, hit.faceIndex!) } : null,
      depth,
    };
  }
  return best;
}

function pickEdge(bodies: BodyObjects[], camera: Camera, at: Pointer, depthMax: number): Pick | null {
  let best: Pick | null = null;
  let reach = EDGE_REACH_PX;
  for (const body of bodies) {
    if (body.edges === null) continue;
    const { segments } = body;
    for (let segment = 0; segment * 6 < segments.length; segment += 1) {
      near.fromArray(segments, segment * 6);
      far.fromArray(segments, segment * 6 + 3);
      const [nearDepth, farDepth] = [depthOf(near, camera), depthOf(far, camera)];
      near.project(camera);
      far.project(camera);
      // Behind the eye of a perspective camera the projection flips.
      if (near.z > 1 || far.z > 1 || near.z < -1 || far.z < -1) continue;
      const { distance, along } = distanceTo(at, near, far);
      if (distance >= reach || nearDepth + (farDepth - nearDepth) * along > depthMax) continue;
      reach = distance;
      best = { body, kind: "edge", index: entityAt(body.edges, segment) };
    }
  }
  return best;
}

const eye = new Vector3();

function depthOf(point: Vector3, camera: Camera): number {
  return -eye.copy(point).applyMatrix4(camera.matrixWorldInverse).z;
}

/** Pixels from the pointer to a projected segment, and how far along it the nearest point lies (0 to 1). */
function distanceTo(at: Pointer, from: Vector3, to: Vector3): { distance: number; along: number } {
  const x1 = ((from.x + 1) / 2) * at.width;
  const y1 = ((1 - from.y) / 2) * at.height;
  const dx = ((to.x + 1) / 2) * at.width - x1;
  const dy = ((1 - to.y) / 2) * at.height - y1;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, ((at.x - x1) * dx + (at.y - y1) * dy) / squared));
  return { distance: Math.hypot(at.x - x1 - along * dx, at.y - y1 - along * dy), along };
}
