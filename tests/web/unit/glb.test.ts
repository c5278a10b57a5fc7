// The GLB reader against files of the real writer, and against broken ones.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GlbError, readGlb } from "../../../web/src/viewer/glb.ts";
import { edgeStarts, entityAt, faceStarts } from "../../../web/src/viewer/ranges.ts";
import type { Scene } from "../../../web/src/wire.ts";

function sample(name: string): ArrayBuffer {
  const bytes = readFileSync(new URL(`../samples/${name}`, import.meta.url));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function sceneOf(name: string): Scene {
  return JSON.parse(new TextDecoder().decode(sample(`${name}.scene.json`))) as Scene;
}

/** A GLB of the given JSON and binary chunk. */
function glb(json: unknown, binary: number[] = []): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const jsonLength = Math.ceil(text.length / 4) * 4;
  const binaryLength = Math.ceil(binary.length / 4) * 4;
  const buffer = new ArrayBuffer(12 + 8 + jsonLength + 8 + binaryLength);
  const view = new DataView(buffer);
  const bytes = new Uint8Array(buffer);
  view.setUint32(0, 0x46546c67, true);
  view.setUint32(4, 2, true);
  view.setUint32(8, buffer.byteLength, true);
  view.setUint32(12, jsonLength, true);
  view.setUint32(16, 0x4e4f534a, true);
  bytes.fill(0x20, 20, 20 + jsonLength).set(text, 20);
  view.setUint32(20 + jsonLength, binaryLength, true);
  view.setUint32(24 + jsonLength, 0x004e4942, true);
  bytes.set(binary, 28 + jsonLength);
  return buffer;
}

function extent(positions: Float32Array, axis: number): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = axis; at < positions.length; at += 3) {
    min = Math.min(min, positions[at]!);
    max = Math.max(max, positions[at]!);
  }
  return [min, max];
}

describe("a plate from the real writer", () => {
  const primitives = readGlb(sample("plate.glb"));
  const body = sceneOf("plate").bodies[0]!;
  const faces = primitives.find((one) => one.kind === "triangles")!;
  const edges = primitives.find((one) => one.kind === "lines")!;

  it("is in millimetres with Z up", () => {
    expect([0, 1, 2].map((axis) => extent(faces.positions, axis))).toEqual([
      [-30, 30],
      [-20, 20],
      [-5, 5],
    ]);
  });

  it("has unit normals and whole triangles", () => {
    expect(faces.normals).toHaveLength(faces.positions.length);
    const [x, y, z] = faces.normals!;
    expect(Math.hypot(x!, y!, z!)).toBeCloseTo(1, 5);
    expect(faces.indices.length % 3).toBe(0);
  });

  it("tells its faces apart by the scene's triangle counts", () => {
    const starts = faceStarts(body, faces.indices.length / 3)!;
    expect(starts).toHaveLength(body.faces!.length + 1);
    const last = starts.at(-1)! - 1;
    expect(entityAt(starts, 0)).toBe(0);
    expect(entityAt(starts, last)).toBe(body.faces!.length - 1);
    // The triangles of a cylinder of radius 2.5 lie 2.5 from their axis: the mapping really is the B-rep's order.
    const index = body.faces!.findIndex((face) => face.type === "cylinder" && face.radius === 2.5);
    const axis = body.faces![index]!.axis!.origin;
    for (let triangle = starts[index]!; triangle < starts[index + 1]!; triangle += 1) {
      const vertex = faces.indices[triangle * 3]! * 3;
      const reach = Math.hypot(faces.positions[vertex]! - axis[0], faces.positions[vertex + 1]! - axis[1]);
      expect(reach).toBeCloseTo(2.5, 4);
    }
  });

  it("tells its edges apart by the scene's segment counts, seams aside", () => {
    const starts = edgeStarts(body, edges.indices.length / 2)!;
    const seams = body.segments_per_edge!.filter((count) => count === 0).length;
    expect(seams).toBe(4);
    expect(starts).toHaveLength(body.edges!.length + 1);
    body.edges!.forEach((edge, index) => {
      if (starts[index] === starts[index + 1]) return;
      expect(entityAt(starts, starts[index]!)).toBe(index);
      let length = 0;
      for (let segment = starts[index]!; segment < starts[index + 1]!; segment += 1) {
        const [a, b] = [edges.indices[segment * 2]! * 3, edges.indices[segment * 2 + 1]! * 3];
        const step = [0, 1, 2].map((axis) => edges.positions[b + axis]! - edges.positions[a + axis]!);
        length += Math.hypot(...step);
      }
      expect(length / edge.length).toBeGreaterThan(0.98);
      expect(length / edge.length).toBeLessThan(1.0001);
    });
  });

  it("says nothing about single faces when the counts do not add up", () => {
    expect(faceStarts({ ...body, triangles_per_face: [1, 2] }, faces.indices.length / 3)).toBeNull();
    expect(faceStarts(body, 7)).toBeNull();
    expect(edgeStarts({ ...body, edges: body.edges!.slice(1) }, edges.indices.length / 2)).toBeNull();
    expect(edgeStarts(body, 1)).toBeNull();
    expect(faceStarts(undefined, 4)).toBeNull();
  });
});

describe("an assembly from the real writer", () => {
  const primitives = readGlb(sample("post.glb"));

  it("keeps the bodies apart, by the scene's node names", () => {
    const nodes = sceneOf("post").bodies.flatMap((body) => [body.node, body.edge_node]);
    expect(primitives.map((primitive) => primitive.node)).toEqual(nodes);
  });

  it("keeps placements as transforms and colours as materials", () => {
    const post = primitives.find((primitive) => primitive.node === "post")!;
    expect(post.matrix.slice(12)).toEqual([0, 0, 2, 1]);
    expect(post.colour?.[0]).toBeCloseTo(0.5776, 3);
    expect(primitives[1]!.colour).toBeNull();
  });
});

describe("transforms", () => {
  it("multiplies rotations and translations down the tree", () => {
    const quarter = Math.SQRT1_2;
    const positions = new Uint8Array(new Float32Array([1, 0, 0]).buffer);
    const primitives = readGlb(
      glb(
        {
          scenes: [{ nodes: [0] }],
          nodes: [
            { translation: [10, 0, 0], children: [1] },
            { name: "turned", rotation: [0, 0, quarter, quarter], mesh: 0 },
          ],
          meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 1 }] }],
          accessors: [{ bufferView: 0, componentType: 5126, count: 1, type: "VEC3" }],
          bufferViews: [{ buffer: 0, byteLength: 12 }],
        },
        [...positions],
      ),
    );
    const matrix = primitives[0]!.matrix;
    // (1, 0, 0) turned a quarter about Z and moved by ten along X.
    const moved = [matrix[0]! + matrix[12]!, matrix[1]! + matrix[13]!, matrix[2]! + matrix[14]!];
    moved.forEach((value, axis) => expect(value).toBeCloseTo([10, 1, 0][axis]!, 6));
  });
});

describe("broken files", () => {
  const whole = sample("plate.glb");
  const one = {
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
  };

  it.each<[string, () => ArrayBuffer]>([
    ["nothing", () => new ArrayBuffer(0)],
    ["text", () => new TextEncoder().encode("solid this is an STL file, not a GLB").buffer as ArrayBuffer],
    ["a file cut off", () => whole.slice(0, whole.byteLength - 100)],
    ["an accessor that is not there", () => glb(one)],
    [
      "data past the end",
      () =>
        glb({
          ...one,
          accessors: [{ bufferView: 0, componentType: 5126, count: 100, type: "VEC3" }],
          bufferViews: [{ buffer: 0, byteLength: 1200 }],
        }),
    ],
    ["points", () => glb({ ...one, meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 0 }] }] })],
    ["a circle of nodes", () => glb({ scenes: [{ nodes: [0] }], nodes: [{ children: [0] }] })],
    [
      "an index that points nowhere",
      () =>
        glb(
          {
            ...one,
            meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
            accessors: [
              { bufferView: 0, componentType: 5126, count: 1, type: "VEC3" },
              { bufferView: 1, componentType: 5121, count: 3, type: "SCALAR" },
            ],
            bufferViews: [
              { buffer: 0, byteLength: 12 },
              { buffer: 0, byteOffset: 12, byteLength: 3 },
            ],
          },
          [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9],
        ),
    ],
  ])("refuses %s with a reason", (_name, make) => expect(() => readGlb(make())).toThrow(GlbError));
});
