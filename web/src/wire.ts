// The types of everything that crosses the HTTP boundary, as the appliance sends it. No behaviour lives here.

export type Vec3 = [number, number, number];

export interface BoundingBox {
  min: Vec3;
  max: Vec3;
  size: Vec3;
}

export interface Hole {
  diameter: number;
  depth: number;
  through: boolean;
  kind: "plain" | "counterbore" | "countersink";
  axis: Vec3;
  centre: Vec3;
  head_diameter: number | null;
  head_depth: number | null;
  angle: number | null;
  /** Which of several bodies; absent when there is one. */
  body?: number;
}

export interface PlaneFace {
  /** Out of the material. */
  normal: Vec3;
  /** Distance of its plane from the origin, along the normal. */
  offset: number;
  area: number;
  min: Vec3;
  max: Vec3;
  body?: number;
}

export interface CylinderFace {
  diameter: number;
  length: number;
  /** How much of a whole turn there is, in degrees. */
  turn: number;
  /** The material is inside. */
  convex: boolean;
  axis: Vec3;
  centre: Vec3;
  /** What a chamfer or round adds at either end. */
  ends: [number, number];
  body?: number;
}

export interface ConeFace {
  half_angle: number;
  diameters: [number, number];
  length: number;
  turn: number;
  convex: boolean;
  axis: Vec3;
  centre: Vec3;
  body?: number;
}

export interface SphereFace {
  diameter: number;
  convex: boolean;
  centre: Vec3;
  body?: number;
}

export interface TorusFace {
  major: number;
  minor: number;
  convex: boolean;
  axis: Vec3;
  centre: Vec3;
  body?: number;
}

export interface Slot {
  length: number;
  width: number;
  depth: number;
  through: boolean;
  axis: Vec3;
  along: Vec3;
  centre: Vec3;
  body?: number;
}

export interface Chamfer {
  legs: [number, number];
  convex: boolean;
  count: number;
  body?: number;
}

export interface BodyMeasures {
  name: string;
  colour: string | null;
  volume: number;
  area: number;
  bounding_box: BoundingBox;
  centre_of_mass: Vec3;
  solids: number;
  valid: boolean;
  /** Only told when there are several bodies. */
  rounds?: { radius: number; count: number }[];
}

export interface Measures {
  bounding_box: BoundingBox;
  volume: number;
  area: number;
  length?: number;
  centre_of_mass: Vec3;
  solids: number;
  faces: number;
  edges: number;
  valid: boolean;
  manifold: boolean;
  holes: Hole[];
  bodies: BodyMeasures[];
  /** Rounded edges by radius. */
  rounds?: { radius: number; count: number }[];
  /** Tables of faces; each is absent when it is empty. */
  planes?: PlaneFace[];
  cylinders?: CylinderFace[];
  cones?: ConeFace[];
  spheres?: SphereFace[];
  tori?: TorusFace[];
  slots?: Slot[];
  chamfers?: Chamfer[];
  /** Entries of these tables beyond their bound. */
  faces_left_out?: number;
  mass: number | null;
}

export interface Warning {
  code: string;
  message: string;
}

export interface Check {
  what: string;
  asked: string;
  got: string | null;
  status: "met" | "missed" | "not_checked";
  why: string | null;
}

export type SpanKind = "used" | "ignored" | "unread";

export interface Span {
  start: number;
  end: number;
  kind: SpanKind;
}

export interface Reading {
  used: { text: string; as: string }[];
  ignored: string[];
  unread: string[];
  assumed: { what: string; why: string }[];
  notes: string[];
  complete: boolean;
  /** For a follow-up sentence: what it changes in the part as it was. */
  changes: Change[];
  spans: Span[];
  /** Parameters of a model's part about which it was not sure, with what they might be instead. */
  doubtful?: { parameter: string; value: number; others: number[] }[];
}

/** Without `from` something was added, without `to` it was removed. */
export interface Change {
  what: string;
  from: string | null;
  to: string | null;
}

export type ParameterValue = number | boolean | string;
export type Values = Record<string, ParameterValue>;

/** A top-level value of a program that can be moved without a model. */
export interface Parameter {
  name: string;
  /** The value it was run with. */
  value: ParameterValue;
  kind: "number" | "count" | "switch" | "choice" | "text";
  min: number | null;
  max: number | null;
  step: number | null;
  unit: string | null;
  label: string | null;
  choices: ParameterValue[];
  line: number;
  /** Where the literal stands in the program, in Unicode characters, end excluded. */
  span: [number, number];
}

export type Origin = "prompt" | "program" | "plan" | "edit" | "parameters";

/** One job of a conversation, in short. */
export interface Version {
  job: string;
  version: number;
  parent: string | null;
  origin: Origin;
  prompt: string | null;
  changes: Change[];
  state: JobState;
  sure: boolean;
  lane: Lane | null;
}

export interface Conversation {
  id: string;
  /** The prompt it began with; a program has none. */
  title: string | null;
  versions: Version[];
}

export type Lane = "template" | "model-plan" | "model-code" | "remote" | "code";

/** Who is asked for a draft; `auto` leaves it to the appliance. */
export type Engine = "auto" | "template" | "model-plan" | "model-code" | "remote";

/** What the drafts of one job cost, over all rounds and candidates. */
export interface Usage {
  model: string;
  prompt_tokens: number;
  /** Those of the prompt that were in the cache already. */
  cached_tokens: number;
  tokens: number;
  /** Those that were copied from the draft before instead of written one by one. */
  copied_tokens: number;
  prompt_seconds: number;
  seconds: number;
  rounds: number;
  candidates: number;
}

export type BusyState = "queued" | "reading" | "writing" | "running" | "exporting";
export type EndState =
  "built" | "question" | "failed" | "refused" | "timed_out" | "cancelled" | "interrupted";
export type JobState = BusyState | EndState;

export type PartKind = "solid" | "sketch" | "curve";

export interface ErrorDetail {
  code: string;
  message: string;
  hint: string | null;
  type?: string | null;
  line?: number | null;
  column?: number | null;
  excerpt?: { line: number; text: string }[] | null;
}

export interface ErrorBody {
  error: { code: string; message: string; hint?: string | null };
}

export type ArtifactName = "glb" | "scene" | "step" | "stl" | "3mf" | "brep" | "dxf" | "svg" | "py" | "json";
export type Artifacts = Partial<Record<ArtifactName, string>>;

export interface JobRecord {
  id: string;
  conversation: string | null;
  /** The job whose part this one goes on from. */
  parent: string | null;
  origin: Origin;
  state: JobState;
  created: string;
  finished: string | null;
  prompt: string | null;
  lane: Lane | null;
  program: string | null;
  plan: unknown;
  /** The values that differ from what the program says. */
  parameters: Values;
  declared: Parameter[];
  changes: Change[];
  reading: Reading | null;
  kind?: PartKind | null;
  measures: Measures | null;
  checks: Check[];
  sure: boolean;
  warnings: Warning[];
  artifacts: Artifacts;
  error: ErrorDetail | null;
  seconds: number | null;
  phases: Record<string, number>;
  /** null when no model was asked. */
  usage: Usage | null;
  message: string | null;
}

export interface JobList {
  jobs: JobRecord[];
  next: string | null;
}

export interface Runner {
  state: "starting" | "warming" | "ready" | "broken";
  workers_ready: number;
  workers: number;
  message: string | null;
}

export interface Health {
  status: "ok" | "warming" | "broken";
  runner: Runner;
  version: string;
}

export interface System {
  version: string;
  runtime: { python: string; build123d: string; ocp: string } | null;
  runner: Runner;
  limits: Record<string, number>;
}

/** A GGUF file in the folder of models. */
export interface ModelFile {
  name: string;
  file: string;
  architecture: string | null;
  title: string | null;
  parameters: number | null;
  quantisation: string | null;
  context: number | null;
  licence: string | null;
  form: "naturalcad.plan" | "chat" | "plain" | null;
  size_bytes: number;
  ram_needed_bytes: number | null;
  sha256: string | null;
  /** Why it is refused; null for a file that can be loaded. */
  problem: string | null;
}

export interface Models {
  folder: string;
  state: "absent" | "idle" | "loading" | "ready" | "failed";
  percent: number | null;
  /** The one that is loaded, being loaded, or could not be loaded. */
  model: string | null;
  message: string | null;
  hint: string | null;
  tier: "avx2" | "avx512" | null;
  ram_free_bytes: number | null;
  remote: { url: string; model: string } | null;
  models: ModelFile[];
}

export interface CatalogStep {
  name: string;
  kind: "base" | "feature" | "placement" | "pattern";
  title: string;
  words: string[];
  examples: string[];
}

export interface SceneFace {
  type: string;
  area: number;
  radius?: number | null;
  /** Of a torus: the radius of its tube. */
  minor_radius?: number | null;
  /** Of a cone: from its axis to its side, in radians. */
  half_angle?: number | null;
  normal?: Vec3 | null;
  axis?: { origin: Vec3; direction: Vec3 } | null;
}

export interface SceneEdge {
  type: string;
  length: number;
  radius?: number | null;
  centre?: Vec3 | null;
}

export interface SceneBody {
  id: number;
  name: string;
  colour: string | null;
  alpha?: number | null;
  node: string;
  edge_node: string | null;
  volume: number;
  area: number;
  bounding_box: BoundingBox;
  triangles_per_face?: number[];
  segments_per_edge?: number[];
  faces?: SceneFace[];
  edges?: SceneEdge[];
  truncated?: boolean;
}

export interface Scene {
  schema: "ncad-scene/1";
  units: "mm";
  kind: PartKind;
  bounding_box: BoundingBox;
  bodies: SceneBody[];
}

export type LogLevel = "info" | "warning" | "error";

export type CompleteEvent =
  | {
      success: true;
      job: string;
      lane: Lane | null;
      kind?: PartKind | null;
      checks?: Check[];
      sure?: boolean;
      stlPath: string | null;
      stepPath: string | null;
      glbPath: string | null;
      scenePath: string | null;
      programPath: string | null;
      dxfPath?: string | null;
      svgPath?: string | null;
      "3mfPath"?: string | null;
      measures: Measures | null;
      warnings: Warning[];
      seconds: number | null;
      phases: Record<string, number>;
      usage?: Usage | null;
    }
  | {
      success: false;
      job: string;
      status: EndState;
      error: string;
      detail: ErrorDetail | null;
      lane?: Lane | null;
      usage?: Usage | null;
    };

/** One event of a job's stream, tagged with its SSE name. */
export type JobEvent =
  | { event: "log"; data: { message: string; level: LogLevel } }
  | { event: "state"; data: { state: JobState; position: number | null } }
  | { event: "reading"; data: Reading }
  /** A model begins to write; the rounds after the first are repairs. */
  | { event: "asked"; data: { lane: Lane; model: string; round: number } }
  | { event: "progress"; data: { what: string; done: number; total: number } }
  /** What the model wrote since the event before. */
  | { event: "text"; data: { text: string } }
  /** A draft did not do: what was wrong, and what is tried next. */
  | { event: "repair"; data: { why: string; how: string } }
  | { event: "draft"; data: { lane: Lane; program: string | null } }
  /** `glb` is null when the job was asked for other formats only. */
  | {
      event: "part";
      data: {
        glb: string | null;
        scene: string | null;
        measures: Measures;
        kind: PartKind;
        warnings: Warning[];
        parameters: Parameter[];
      };
    }
  | { event: "checks"; data: { checks: Check[]; sure: boolean } }
  | { event: "complete"; data: CompleteEvent };

export type JobEventName = JobEvent["event"];
