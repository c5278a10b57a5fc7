// The part viewer: owns the canvas, the renderer and everything on the graphics card. Nothing else in the page touches three.js.
// It draws only when something changed, so an idle page costs nothing, also on a machine without a graphics card.
import { DirectionalLight, Group, HemisphereLight, Scene as ThreeScene, WebGLRenderer } from "three";
import type { BoundingBox, Scene } from "../wire.ts";
import { createCameras } from "./cameras.ts";
import { diagonal, shouldRefit, type ViewName } from "./framing.ts";
import { createGizmo } from "./gizmo.ts";
import { readGlb } from "./glb.ts";
import { createGrid, type Grid } from "./grid.ts";
import { createHighlight } from "./highlight.ts";
import { readPalette } from "./palette.ts";
import { createPartObjects, type PartObjects } from "./part-objects.ts";
import { pick, type Pick } from "./pick.ts";
import { edgeText, faceText } from "./readout.ts";

const PIXEL_RATIO_MAX = 2;
/** Above this, hovering would cost more than a frame without a search tree; clicking still answers. */
const HOVER_TRIANGLES_MAX = 300_000;
const CLICK_MOVE_PX = 4;

export interface Readout {
  hovered: string | null;
  chosen: string | null;
}

export interface Viewer {
  setPart(glb: ArrayBuffer, scene: Scene): void;
  setGhost(ghost: boolean): void;
  setHidden(names: readonly string[]): void;
  setGrid(visible: boolean): void;
  setPerspective(on: boolean): void;
  repaint(): void;
  fit(): void;
  view(name: ViewName): void;
  gridStepMm(): number | null;
  dispose(): void;
}

export function createViewer(
  canvas: HTMLCanvasElement,
  gizmoCanvas: HTMLCanvasElement,
  onReadout: (readout: Readout) => void,
): Viewer {
  const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, PIXEL_RATIO_MAX));
  const world = new ThreeScene();
  const sky = new HemisphereLight(0xffffff, 0x888888, 1.6);
  sky.position.set(0, 0, 1);
  const lamp = new DirectionalLight(0xffffff, 1.7);
  const marks = new Group();
  world.add(sky, lamp, lamp.target, marks);
  const hoverMark = createHighlight(marks);
  const chosenMark = createHighlight(marks);
  const drawGizmo = createGizmo(gizmoCanvas);

  let palette = readPalette(canvas);
  let part: PartObjects | null = null;
  let box: BoundingBox | null = null;
  let grid: Grid | null = null;
  let gridVisible = true;
  let ghost = false;
  let hidden: readonly string[] = [];
  let hovered: Pick | null = null;
  let chosen: Pick | null = null;
  let frame = 0;

  const cameras = createCameras(canvas, invalidate);

  function invalidate(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw(): void {
    const camera = cameras.current();
    // The lamp hangs over the viewer's left shoulder: every side is lit from where it is looked at.
    lamp.position.set(-0.35, 0.55, 1).applyQuaternion(camera.quaternion);
    renderer.render(world, camera);
    drawGizmo(camera);
  }

  function resize(): void {
    const { clientWidth, clientHeight } = canvas.parentElement ?? canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    renderer.setSize(clientWidth, clientHeight, false);
    cameras.resize(clientWidth, clientHeight);
    // A layout that moves while the page fills up must not cut off a part that was just fitted.
    if (box !== null && cameras.untouched()) cameras.fit(box);
    // At once, not in the next frame: a resized canvas is empty until it is drawn.
    draw();
  }

  const observer = new ResizeObserver(resize);
  observer.observe(canvas.parentElement ?? canvas);

  function paint(): void {
    palette = readPalette(canvas);
    sky.color.copy(palette.sky);
    sky.groundColor.copy(palette.ground);
    part?.paint(palette, ghost);
    grid?.paint(palette);
    mark();
    invalidate();
  }

  function mark(): void {
    chosenMark.set(chosen, palette, 0.55);
    hoverMark.set(samePick(hovered, chosen) ? null : hovered, palette, 0.3);
    onReadout({ hovered: describe(hovered), chosen: describe(chosen) });
    invalidate();
  }

  function under(event: PointerEvent): Pick | null {
    if (part === null || box === null || ghost) return null;
    const area = canvas.getBoundingClientRect();
    const pointer = {
      x: event.clientX - area.left,
      y: event.clientY - area.top,
      width: area.width,
      height: area.height,
    };
    return pick(part.bodies, cameras.current(), pointer, diagonal(box) * 0.004);
  }

  function setHovered(next: Pick | null): void {
    if (samePick(next, hovered)) return;
    hovered = next;
    mark();
  }

  let pressedAt: { x: number; y: number } | null = null;
  let pending: PointerEvent | null = null;
  canvas.addEventListener("pointerdown", (event) => {
    pressedAt = { x: event.clientX, y: event.clientY };
  });
  canvas.addEventListener("pointerup", (event) => {
    const moved =
      pressedAt === null
        ? Number.POSITIVE_INFINITY
        : Math.hypot(event.clientX - pressedAt.x, event.clientY - pressedAt.y);
    pressedAt = null;
    if (moved > CLICK_MOVE_PX || event.button !== 0) return;
    const found = under(event);
    chosen = samePick(found, chosen) ? null : found;
    mark();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons !== 0 || part === null || part.triangles > HOVER_TRIANGLES_MAX) return;
    if (pending === null) {
      requestAnimationFrame(() => {
        const latest = pending;
        pending = null;
        if (latest !== null) setHovered(under(latest));
      });
    }
    pending = event;
  });
  canvas.addEventListener("pointerleave", () => {
    pending = null;
    setHovered(null);
  });
  canvas.addEventListener("webglcontextrestored", invalidate);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const turns: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const turn = turns[event.key];
    if (turn !== undefined) cameras.turn(...turn);
    else if (event.key === "+" || event.key === "=") cameras.zoom(1.2);
    else if (event.key === "-") cameras.zoom(1 / 1.2);
    else return;
    event.preventDefault();
  });

  function applyHidden(): void {
    for (const body of part?.bodies ?? []) body.group.visible = !hidden.includes(body.name);
    invalidate();
  }

  return {
    setPart(glb, scene) {
      const next = createPartObjects(readGlb(glb), scene);
      hovered = null;
      chosen = null;
      part?.dispose();
      grid?.dispose();
      part = next;
      grid = createGrid(scene.bounding_box);
      grid.root.visible = gridVisible;
      world.add(next.root, grid.root);
      const refit = shouldRefit(box, scene.bounding_box);
      const first = box === null;
      box = scene.bounding_box;
      if (first) cameras.view(scene.kind === "solid" ? "iso" : "top", box);
      else if (refit) cameras.fit(box);
      applyHidden();
      paint();
    },
    setGhost(on) {
      if (on === ghost) return;
      ghost = on;
      if (on) hovered = null;
      paint();
    },
    setHidden(names) {
      hidden = names;
      applyHidden();
    },
    setGrid(visible) {
      gridVisible = visible;
      if (grid !== null) grid.root.visible = visible;
      invalidate();
    },
    setPerspective: (on) => cameras.setPerspective(on),
    repaint: paint,
    fit: () => box !== null && cameras.fit(box),
    view: (name) => box !== null && cameras.view(name, box),
    gridStepMm: () => grid?.stepMm ?? null,
    dispose() {
      cancelAnimationFrame(frame);
      observer.disconnect();
      hoverMark.dispose();
      chosenMark.dispose();
      part?.dispose();
      grid?.dispose();
      cameras.dispose();
      renderer.dispose();
    },
  };
}

function samePick(a: Pick | null, b: Pick | null): boolean {
  return a?.body === b?.body && a?.kind === b?.kind && a?.index === b?.index;
}

function describe(pick: Pick | null): string | null {
  if (pick === null) return null;
  const { body, kind, index } = pick;
  const face = kind === "face" ? body.body?.faces?.[index] : undefined;
  const edge = kind === "edge" ? body.body?.edges?.[index] : undefined;
  const text = face ? faceText(face) : edge ? edgeText(edge) : null;
  return text === null ? null : `${kind === "face" ? "Face" : "Edge"} ${index + 1} · ${text}`;
}
