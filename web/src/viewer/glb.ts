// Reads the binary glTF that our own writer makes (OCCT's): nodes with transforms, triangles with normals, lines, one
// colour per primitive. No textures, no compression, no animation; anything else in a file is refused with a reason.

export interface GlbPrimitive {
  kind: "triangles" | "lines";
  /** Name of the node that carries it; scene.json refers to bodies by this. */
  node: string;
  /** World transform, column-major, as three.js and glTF have it. */
  matrix: number[];
  positions: Float32Array;
  normals: Float32Array | null;
  indices: Uint16Array | Uint32Array;
  /** Linear red, green, blue, alpha, or null without a material. */
  colour: [number, number, number, number] | null;
}

interface GltfJson {
  scene?: number;
  scenes?: { nodes?: number[] }[];
  nodes?: GltfNode[];
  meshes?: { name?: string; primitives: GltfPrimitive[] }[];
  materials?: { pbrMetallicRoughness?: { baseColorFactor?: number[] } }[];
  accessors?: GltfAccessor[];
  bufferViews?: { buffer: number; byteOffset?: number; byteLength: number; byteStride?: number }[];
}

interface GltfNode {
  name?: string;
  mesh?: number;
  children?: number[];
  matrix?: number[];
  translation?: number[];
  rotation?: number[];
  scale?: number[];
}

interface GltfPrimitive {
  attributes: Record<string, number>;
  indices?: number;
  material?: number;
  mode?: number;
}

interface GltfAccessor {
  bufferView?: number;
  byteOffset?: number;
  componentType: number;
  count: number;
  type: string;
}

const MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BIN = 0x004e4942;
const BYTE = 5121;
const SHORT = 5123;
const INT = 5125;
const FLOAT = 5126;
const MODE_LINES = 1;
const MODE_TRIANGLES = 4;
const NODE_DEPTH_MAX = 64;
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

export class GlbError extends Error {}

export function readGlb(buffer: ArrayBuffer): GlbPrimitive[] {
  const { json, binary } = chunks(buffer);
  const primitives: GlbPrimitive[] = [];
  const roots = json.scenes?.[json.scene ?? 0]?.nodes ?? [];
  const visit = (index: number, parent: number[], depth: number): void => {
    const node = json.nodes?.[index];
    if (node === undefined) throw new GlbError(`Node ${index} is not in the file`);
    if (depth > NODE_DEPTH_MAX) throw new GlbError("The nodes refer to each other in a circle");
    const matrix = multiply(parent, localMatrix(node));
    if (node.mesh !== undefined) {
      for (const primitive of json.meshes?.[node.mesh]?.primitives ?? []) {
        primitives.push(readPrimitive(json, binary, primitive, node.name ?? "", matrix));
      }
    }
    for (const child of node.children ?? []) visit(child, matrix, depth + 1);
  };
  for (const root of roots) visit(root, IDENTITY, 0);
  return primitives;
}

function chunks(buffer: ArrayBuffer): { json: GltfJson; binary: DataView } {
  if (buffer.byteLength < 20) throw new GlbError("The file is too short to be a GLB");
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) throw new GlbError("The file is not a GLB");
  if (view.getUint32(4, true) !== 2)
    throw new GlbError(`GLB version ${view.getUint32(4, true)} is not known`);
  if (view.getUint32(8, true) > buffer.byteLength) throw new GlbError("The file is cut off");
  let json: GltfJson | null = null;
  let binary = new DataView(buffer, 0, 0);
  for (let at = 12; at + 8 <= buffer.byteLength;) {
    const length = view.getUint32(at, true);
    const kind = view.getUint32(at + 4, true);
    if (at + 8 + length > buffer.byteLength) throw new GlbError("A chunk is cut off");
    if (kind === CHUNK_JSON) {
      json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 8, length))) as GltfJson;
    } else if (kind === CHUNK_BIN) {
      binary = new DataView(buffer, at + 8, length);
    }
    at += 8 + length;
  }
  if (json === null) throw new GlbError("The file has no JSON chunk");
  return { json, binary };
}

function readPrimitive(
  json: GltfJson,
  binary: DataView,
  primitive: GltfPrimitive,
  node: string,
  matrix: number[],
): GlbPrimitive {
  const mode = primitive.mode ?? MODE_TRIANGLES;
  if (mode !== MODE_TRIANGLES && mode !== MODE_LINES)
    throw new GlbError(`Primitive mode ${mode} is not known`);
  const position = primitive.attributes["POSITION"];
  if (position === undefined) throw new GlbError("A primitive has no positions");
  const normal = primitive.attributes["NORMAL"];
  const positions = readFloats(json, binary, position, 3);
  const indices =
    primitive.indices === undefined
      ? Uint32Array.from({ length: positions.length / 3 }, (_, index) => index)
      : readIndices(json, binary, primitive.indices);
  const vertices = positions.length / 3;
  if (indices.some((index) => index >= vertices)) throw new GlbError("An index points outside its positions");
  return {
    kind: mode === MODE_LINES ? "lines" : "triangles",
    node,
    matrix,
    positions,
    normals: normal === undefined ? null : readFloats(json, binary, normal, 3),
    indices,
    colour: colourOf(json, primitive.material),
  };
}

function colourOf(json: GltfJson, material: number | undefined): GlbPrimitive["colour"] {
  if (material === undefined) return null;
  const [red = 1, green = 1, blue = 1, alpha = 1] =
    json.materials?.[material]?.pbrMetallicRoughness?.baseColorFactor ?? [];
  return [red, green, blue, alpha];
}

/** Copies, because a chunk need not start where a typed array may, and rows may be strided. */
function readFloats(json: GltfJson, binary: DataView, index: number, width: number): Float32Array {
  const { accessor, at, stride } = locate(json, binary, index, width * 4);
  if (accessor.componentType !== FLOAT || accessor.type !== `VEC${width}`) {
    throw new GlbError(`Accessor ${index} is not a list of ${width} floats`);
  }
  const values = new Float32Array(accessor.count * width);
  for (let row = 0; row < accessor.count; row += 1) {
    for (let column = 0; column < width; column += 1) {
      values[row * width + column] = binary.getFloat32(at + row * stride + column * 4, true);
    }
  }
  return values;
}

function readIndices(json: GltfJson, binary: DataView, index: number): Uint16Array | Uint32Array {
  const type = json.accessors?.[index]?.componentType;
  const bytes = type === INT ? 4 : type === SHORT ? 2 : type === BYTE ? 1 : 0;
  if (bytes === 0) throw new GlbError(`Accessor ${index} is not a list of indices`);
  const { accessor, at, stride } = locate(json, binary, index, bytes);
  const values = bytes === 4 ? new Uint32Array(accessor.count) : new Uint16Array(accessor.count);
  for (let row = 0; row < accessor.count; row += 1) {
    const from = at + row * stride;
    values[row] =
      bytes === 4
        ? binary.getUint32(from, true)
        : bytes === 2
          ? binary.getUint16(from, true)
          : binary.getUint8(from);
  }
  return values;
}

function locate(
  json: GltfJson,
  binary: DataView,
  index: number,
  rowBytes: number,
): { accessor: GltfAccessor; at: number; stride: number } {
  const accessor = json.accessors?.[index];
  const view = accessor?.bufferView === undefined ? undefined : json.bufferViews?.[accessor.bufferView];
  if (accessor === undefined || view === undefined) throw new GlbError(`Accessor ${index} has no data`);
  const at = (view.byteOffset ?? 0) + (accessor.byteOffset ?? 0);
  const stride = view.byteStride ?? rowBytes;
  if (accessor.count > 0 && at + (accessor.count - 1) * stride + rowBytes > binary.byteLength) {
    throw new GlbError(`Accessor ${index} reaches past the end of the file`);
  }
  return { accessor, at, stride };
}

function localMatrix(node: GltfNode): number[] {
  if (node.matrix !== undefined) return node.matrix;
  const [x = 0, y = 0, z = 0, w = 1] = node.rotation ?? [];
  const [sx = 1, sy = 1, sz = 1] = node.scale ?? [];
  const [tx = 0, ty = 0, tz = 0] = node.translation ?? [];
  return [
    (1 - 2 * (y * y + z * z)) * sx,
    2 * (x * y + z * w) * sx,
    2 * (x * z - y * w) * sx,
    0,
    2 * (x * y - z * w) * sy,
    (1 - 2 * (x * x + z * z)) * sy,
    2 * (y * z + x * w) * sy,
    0,
    2 * (x * z + y * w) * sz,
    2 * (y * z - x * w) * sz,
    (1 - 2 * (x * x + y * y)) * sz,
    0,
    tx,
    ty,
    tz,
    1,
  ];
}

function multiply(a: number[], b: number[]): number[] {
  const product = new Array<number>(16).fill(0);
  for (let column = 0; column < 4; column += 1) {
    for (let row = 0; row < 4; row += 1) {
      for (let k = 0; k < 4; k += 1) {
        product[column * 4 + row]! += a[k * 4 + row]! * b[column * 4 + k]!;
      }
    }
  }
  return product;
}
