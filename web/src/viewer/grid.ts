// The ground: a grid under the part with the X and Y axes through the true origin, in millimetre steps that the page names.
import { BufferGeometry, Float32BufferAttribute, Group, LineBasicMaterial, LineSegments } from "three";
import type { BoundingBox } from "../wire.ts";
import { diagonal, gridStep } from "./framing.ts";
import type { Palette } from "./palette.ts";

const MAJOR_EVERY = 5;
const MARGIN_CELLS = 3;
const LINES_MAX = 200;

export interface Grid {
  root: Group;
  stepMm: number;
  paint(palette: Palette): void;
  dispose(): void;
}

export function createGrid(box: BoundingBox): Grid {
  const step = gridStep(Math.max(box.size[0], box.size[1], box.size[2] / 2));
  // A hair below the part, so that its lower edges are not fought over.
  const z = box.min[2] - diagonal(box) * 0.004;
  const [x0, x1] = range(box.min[0], box.max[0], step);
  const [y0, y1] = range(box.min[1], box.max[1], step);
  const minor: number[] = [];
  const major: number[] = [];
  const axisX: number[] = [];
  const axisY: number[] = [];
  for (let cell = x0; cell <= x1; cell += 1) {
    const into = cell === 0 ? axisY : cell % MAJOR_EVERY === 0 ? major : minor;
    into.push(cell * step, y0 * step, z, cell * step, y1 * step, z);
  }
  for (let cell = y0; cell <= y1; cell += 1) {
    const into = cell === 0 ? axisX : cell % MAJOR_EVERY === 0 ? major : minor;
    into.push(x0 * step, cell * step, z, x1 * step, cell * step, z);
  }
  const layers = [minor, major, axisX, axisY].map(makeLayer);
  const root = new Group();
  root.add(...layers);
  return {
    root,
    stepMm: step,
    paint(palette) {
      const colours = [palette.gridMinor, palette.gridMajor, palette.axisX, palette.axisY];
      layers.forEach((layer, index) => layer.material.color.copy(colours[index]!));
    },
    dispose() {
      root.removeFromParent();
      for (const layer of layers) {
        layer.geometry.dispose();
        layer.material.dispose();
      }
    },
  };
}

function makeLayer(points: number[]): LineSegments<BufferGeometry, LineBasicMaterial> {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new Float32BufferAttribute(points, 3));
  return new LineSegments(geometry, new LineBasicMaterial());
}

/** Cells around the part; the origin is drawn when it is near enough to be worth the lines. */
function range(min: number, max: number, step: number): [number, number] {
  const from = Math.floor(min / step) - MARGIN_CELLS;
  const to = Math.ceil(max / step) + MARGIN_CELLS;
  return to - from > LINES_MAX ? [from, from + LINES_MAX] : [from, to];
}
