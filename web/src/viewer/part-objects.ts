// The three.js objects of one part: a mesh and its B-rep edges for every body. Owns their memory; `dispose` gives it back.
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  Group,
  LineBasicMaterial,
  LineSegments,
  type Material,
  Matrix4,
  Mesh,
  MeshPhongMaterial,
  type Object3D,
} from "three";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";
import { LineSegments2 } from "three/examples/jsm/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/examples/jsm/lines/LineSegmentsGeometry.js";
import type { Scene, SceneBody } from "../wire.ts";
import type { GlbPrimitive } from "./glb.ts";
import type { Palette } from "./palette.ts";
import { edgeStarts, faceStarts, type Starts } from "./ranges.ts";

/** Above this, lines are drawn one pixel wide by the hardware: wide ones are triangles and get slow. */
const WIDE_SEGMENTS_MAX = 60_000;
const EDGE_WIDTH_PX = 1.4;

export interface BodyObjects {
  body: SceneBody | undefined;
  name: string;
  group: Group;
  mesh: Mesh<BufferGeometry, MeshPhongMaterial> | null;
  faces: Starts | null;
  /** End points of all edge segments in world coordinates, six numbers a segment. */
  segments: Float32Array;
  edges: Starts | null;
}

export interface PartObjects {
  root: Group;
  bodies: BodyObjects[];
  triangles: number;
  paint(palette: Palette, ghost: boolean): void;
  dispose(): void;
}

export function createPartObjects(primitives: GlbPrimitive[], scene: Scene): PartObjects {
  const root = new Group();
  const bodies = new Map<string, BodyObjects>();
  const lines: { object: Object3D; material: LineMaterial | LineBasicMaterial }[] = [];
  const disposables: { dispose(): void }[] = [];

  for (const primitive of primitives) {
    const known = scene.bodies.find(
      (body) => body.node === primitive.node || body.edge_node === primitive.node,
    );
    const objects = bodyFor(bodies, root, known, primitive.node);
    if (primitive.kind === "triangles") {
      const mesh = makeMesh(primitive);
      objects.group.add(mesh);
      disposables.push(mesh.geometry, mesh.material);
      // One primitive per body is the rule; a body of several keeps its looks but not its single faces.
      objects.faces = objects.mesh === null ? faceStarts(objects.body, primitive.indices.length / 3) : null;
      objects.mesh = mesh;
    } else {
      const segments = worldSegments(primitive);
      const { object, material } = makeLines(segments);
      objects.group.add(object);
      lines.push({ object, material });
      disposables.push(object.geometry, material);
      objects.edges =
        objects.segments.length === 0 ? edgeStarts(objects.body, primitive.indices.length / 2) : null;
      objects.segments = segments;
    }
  }

  return {
    root,
    bodies: [...bodies.values()],
    triangles: primitives.reduce(
      (sum, one) => sum + (one.kind === "triangles" ? one.indices.length / 3 : 0),
      0,
    ),
    paint(palette, ghost) {
      for (const { body, group } of bodies.values()) {
        const colour = body?.colour ? new Color(body.colour) : palette.part;
        group.traverse((object) => {
          if (object instanceof Mesh && object.material instanceof MeshPhongMaterial) {
            object.material.color.copy(colour);
            setOpacity(object.material, ghost ? 0.28 : (body?.alpha ?? 1));
          }
        });
      }
      for (const { material } of lines) {
        material.color.copy(palette.edge);
        setOpacity(material, ghost ? 0.4 : 1);
      }
    },
    dispose() {
      root.removeFromParent();
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

/** Wide lines through `segments`, for the edges and for what is highlighted. */
export function makeWideLines(segments: Float32Array, widthPx: number): LineSegments2 {
  const geometry = new LineSegmentsGeometry();
  geometry.setPositions(segments);
  return new LineSegments2(geometry, new LineMaterial({ linewidth: widthPx }));
}

function bodyFor(
  bodies: Map<string, BodyObjects>,
  root: Group,
  body: SceneBody | undefined,
  node: string,
): BodyObjects {
  const key = body === undefined ? `node ${node}` : `body ${body.id}`;
  let objects = bodies.get(key);
  if (objects === undefined) {
    const group = new Group();
    root.add(group);
    objects = {
      body,
      name: body?.name ?? node,
      group,
      mesh: null,
      faces: null,
      segments: new Float32Array(0),
      edges: null,
    };
    bodies.set(key, objects);
  }
  return objects;
}

function makeMesh(primitive: GlbPrimitive): Mesh<BufferGeometry, MeshPhongMaterial> {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(primitive.positions, 3));
  geometry.setIndex(new BufferAttribute(primitive.indices, 1));
  if (primitive.normals === null) geometry.computeVertexNormals();
  else geometry.setAttribute("normal", new BufferAttribute(primitive.normals, 3));
  const material = new MeshPhongMaterial({
    // A sketch or an open shell has a back that must be seen.
    side: DoubleSide,
    shininess: 18,
    specular: 0x1c1c1c,
    // Leaves room for the edges in front of the faces they bound.
    polygonOffset: true,
    polygonOffsetFactor: 1.5,
    polygonOffsetUnits: 4,
  });
  const mesh = new Mesh(geometry, material);
  mesh.applyMatrix4(new Matrix4().fromArray(primitive.matrix));
  mesh.updateMatrixWorld(true);
  return mesh;
}

function makeLines(segments: Float32Array): {
  object: LineSegments2 | LineSegments<BufferGeometry, LineBasicMaterial>;
  material: LineMaterial | LineBasicMaterial;
} {
  if (segments.length / 6 <= WIDE_SEGMENTS_MAX) {
    const object = makeWideLines(segments, EDGE_WIDTH_PX);
    return { object, material: object.material };
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(segments, 3));
  const material = new LineBasicMaterial();
  return { object: new LineSegments(geometry, material), material };
}

function worldSegments(primitive: GlbPrimitive): Float32Array {
  const { indices, positions, matrix: m } = primitive;
  const segments = new Float32Array(indices.length * 3);
  for (let at = 0; at < indices.length; at += 1) {
    const from = indices[at]! * 3;
    const [x, y, z] = [positions[from]!, positions[from + 1]!, positions[from + 2]!];
    segments[at * 3] = m[0]! * x + m[4]! * y + m[8]! * z + m[12]!;
    segments[at * 3 + 1] = m[1]! * x + m[5]! * y + m[9]! * z + m[13]!;
    segments[at * 3 + 2] = m[2]! * x + m[6]! * y + m[10]! * z + m[14]!;
  }
  return segments;
}

function setOpacity(material: Material, opacity: number): void {
  material.transparent = opacity < 1;
  material.opacity = opacity;
  material.depthWrite = opacity >= 1;
  material.needsUpdate = true;
}
