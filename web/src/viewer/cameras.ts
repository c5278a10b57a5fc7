// The eye: an orthographic and a perspective camera that always show the same thing, turned by one set of controls. Z is up.
import { MOUSE, OrthographicCamera, PerspectiveCamera, Vector3 } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { BoundingBox } from "../wire.ts";
import { centre, corners, diagonal, VIEW_DIRECTIONS, type ViewName } from "./framing.ts";

const FIELD_OF_VIEW_DEG = 35;
const MARGIN = 1.16;
const DEPTH_RADII = 4;
const KEY_TURN_RAD = Math.PI / 18;

export interface Cameras {
  current(): OrthographicCamera | PerspectiveCamera;
  perspective(): boolean;
  setPerspective(on: boolean): void;
  resize(width: number, height: number): void;
  /** Whether the user has left pan and zoom as the last fit set them. */
  untouched(): boolean;
  fit(box: BoundingBox): void;
  view(name: ViewName, box: BoundingBox): void;
  turn(around: number, over: number): void;
  zoom(factor: number): void;
  dispose(): void;
}

export function createCameras(canvas: HTMLElement, changed: () => void): Cameras {
  const flat = new OrthographicCamera(-1, 1, 1, -1, -1000, 1000);
  const deep = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 0.1, 10_000);
  for (const camera of [flat, deep]) {
    camera.up.set(0, 0, 1);
    camera.position.set(...VIEW_DIRECTIONS.iso).multiplyScalar(100);
  }
  let active: OrthographicCamera | PerspectiveCamera = flat;
  let aspect = 1;
  /** Half of what the orthographic camera shows from bottom to top at zoom 1, in mm. */
  let halfHeight = 50;
  let radius = 50;
  const middle = new Vector3();

  const controls = new OrbitControls<OrthographicCamera | PerspectiveCamera>(flat, canvas);
  controls.enableDamping = false;
  controls.zoomToCursor = true;
  controls.mouseButtons = { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.PAN, RIGHT: MOUSE.PAN };
  let untouched = true;
  controls.addEventListener("start", () => {
    untouched = false;
  });
  controls.addEventListener("change", () => {
    updateDepth();
    changed();
  });

  function updateDepth(): void {
    // As tight as the part and its grid allow: the depth buffer has to tell an edge from its face.
    const depth = middle.clone().sub(active.position).dot(viewDirection().negate());
    const reach = DEPTH_RADII * radius;
    flat.near = depth - reach;
    flat.far = depth + reach;
    deep.near = Math.max(depth - reach, radius / 50);
    deep.far = Math.max(depth + reach, radius);
    active.updateProjectionMatrix();
  }

  function applyFrustum(): void {
    flat.left = -halfHeight * aspect;
    flat.right = halfHeight * aspect;
    flat.top = halfHeight;
    flat.bottom = -halfHeight;
    deep.aspect = aspect;
    flat.updateProjectionMatrix();
    deep.updateProjectionMatrix();
  }

  function viewDirection(): Vector3 {
    return active.position.clone().sub(controls.target).normalize();
  }

  function slope(): number {
    return Math.tan((FIELD_OF_VIEW_DEG / 2) * (Math.PI / 180));
  }

  function place(direction: Vector3, box: BoundingBox): void {
    radius = Math.max(diagonal(box) / 2, 0.001);
    middle.set(...centre(box));
    const right = new Vector3().crossVectors(new Vector3(0, 0, 1), direction).normalize();
    const up = new Vector3().crossVectors(direction, right);
    let across = 0;
    let along = 0;
    let towards = 0;
    for (const corner of corners(box)) {
      const offset = new Vector3(...corner).sub(middle);
      across = Math.max(across, Math.abs(offset.dot(right)));
      along = Math.max(along, Math.abs(offset.dot(up)));
      towards = Math.max(towards, offset.dot(direction));
    }
    halfHeight = Math.max(along, across / aspect, 0.001) * MARGIN;
    controls.target.copy(middle);
    flat.zoom = 1;
    flat.position.copy(middle).addScaledVector(direction, radius * 4);
    deep.position.copy(middle).addScaledVector(direction, halfHeight / slope() + towards);
    applyFrustum();
    controls.update();
    updateDepth();
    untouched = true;
    changed();
  }

  return {
    current: () => active,
    untouched: () => untouched,
    perspective: () => active === deep,

    setPerspective(on) {
      if (on === (active === deep)) return;
      const direction = viewDirection();
      if (on) {
        deep.position.copy(controls.target).addScaledVector(direction, halfHeight / flat.zoom / slope());
        active = deep;
      } else {
        halfHeight = deep.position.distanceTo(controls.target) * slope();
        flat.zoom = 1;
        flat.position.copy(controls.target).addScaledVector(direction, radius * 4);
        active = flat;
      }
      controls.object = active;
      applyFrustum();
      controls.update();
      updateDepth();
      changed();
    },

    resize(width, height) {
      aspect = Math.max(width, 1) / Math.max(height, 1);
      applyFrustum();
    },

    fit: (box) => place(viewDirection(), box),
    view: (name, box) => place(new Vector3(...VIEW_DIRECTIONS[name]).normalize(), box),

    turn(around, over) {
      const offset = active.position.clone().sub(controls.target);
      const distance = offset.length();
      const polar = Math.acos(Math.min(1, Math.max(-1, offset.z / distance)));
      const azimuth = Math.atan2(offset.y, offset.x) + around * KEY_TURN_RAD;
      const tilted = Math.min(Math.PI - 0.001, Math.max(0.001, polar + over * KEY_TURN_RAD));
      const flatLength = Math.sin(tilted) * distance;
      offset.set(Math.cos(azimuth) * flatLength, Math.sin(azimuth) * flatLength, Math.cos(tilted) * distance);
      active.position.copy(controls.target).add(offset);
      controls.update();
      changed();
    },

    zoom(factor) {
      untouched = false;
      if (active === flat) {
        flat.zoom *= factor;
        flat.updateProjectionMatrix();
      } else {
        deep.position.sub(controls.target).divideScalar(factor).add(controls.target);
        controls.update();
      }
      changed();
    },

    dispose: () => controls.dispose(),
  };
}
