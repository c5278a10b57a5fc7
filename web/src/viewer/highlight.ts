// The marks on the face or edge under the pointer and on the chosen one. Faces share the part's buffers; nothing is copied.
import { BufferGeometry, DoubleSide, type Group, Mesh, MeshBasicMaterial, type Object3D } from "three";
import type { Palette } from "./palette.ts";
import { makeWideLines } from "./part-objects.ts";
import type { Pick } from "./pick.ts";

const EDGE_WIDTH_PX = 4;

export interface Highlight {
  set(pick: Pick | null, palette: Palette, opacity: number): void;
  dispose(): void;
}

export function createHighlight(parent: Group): Highlight {
  let shown: { object: Object3D; free(): void } | null = null;

  function clear(): void {
    shown?.object.removeFromParent();
    shown?.free();
    shown = null;
  }

  return {
    set(pick, palette, opacity) {
      clear();
      if (pick === null) return;
      shown = pick.kind === "face" ? faceMark(pick, palette, opacity) : edgeMark(pick, palette);
      if (shown !== null) parent.add(shown.object);
    },
    dispose: clear,
  };
}

function faceMark(pick: Pick, palette: Palette, opacity: number): { object: Object3D; free(): void } | null {
  const { mesh, faces } = pick.body;
  if (mesh === null || faces === null) return null;
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", mesh.geometry.getAttribute("position"));
  geometry.setIndex(mesh.geometry.getIndex());
  geometry.setDrawRange(faces[pick.index]! * 3, (faces[pick.index + 1]! - faces[pick.index]!) * 3);
  const material = new MeshBasicMaterial({
    color: palette.accent,
    transparent: true,
    opacity,
    depthWrite: false,
    side: DoubleSide,
  });
  const object = new Mesh(geometry, material);
  object.matrix.copy(mesh.matrix);
  object.matrixAutoUpdate = false;
  object.renderOrder = 1;
  // The buffers are the part's own: only what was made here is freed.
  return { object, free: () => material.dispose() };
}

function edgeMark(pick: Pick, palette: Palette): { object: Object3D; free(): void } | null {
  const { edges, segments } = pick.body;
  if (edges === null) return null;
  const lines = makeWideLines(
    segments.slice(edges[pick.index]! * 6, edges[pick.index + 1]! * 6),
    EDGE_WIDTH_PX,
  );
  lines.material.color.copy(palette.accent);
  lines.material.depthTest = false;
  lines.renderOrder = 2;
  return {
    object: lines,
    free() {
      lines.geometry.dispose();
      lines.material.dispose();
    },
  };
}
