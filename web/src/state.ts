// What the page knows: one value, changed only by the reducer in store.ts.
import type {
  Artifacts,
  CatalogStep,
  Check,
  Conversation,
  Engine,
  ErrorDetail,
  Health,
  JobEvent,
  JobRecord,
  JobState,
  Lane,
  LogLevel,
  Measures,
  Models,
  Parameter,
  ParameterValue,
  PartKind,
  Reading,
  System,
  Values,
  Warning,
} from "./wire.ts";
import { type Drafting } from "./drafting.ts";
import { type Tuning, untuned } from "./tuning.ts";

/** An error as the page tells it: what failed, and what to do next. */
export interface Failure {
  code: string;
  message: string;
  hint: string | null;
}

export interface Job {
  /** null while the appliance has not answered the submission yet. */
  id: string | null;
  conversation: string | null;
  /** The job whose part this one goes on from. */
  parent: string | null;
  /** The values it runs the parent's part with; null for a prompt and for a program. */
  values: Values | null;
  state: JobState;
  position: number | null;
  /** Milliseconds since 1970, for the running clock. */
  started: number;
  prompt: string | null;
  lane: Lane | null;
  program: string | null;
  reading: Reading | null;
  drafting: Drafting;
  error: ErrorDetail | null;
  seconds: number | null;
  phases: Record<string, number>;
  cancelling: boolean;
  /** How the event stream is: a lost one is being taken up again by the browser. */
  stream: "none" | "open" | "lost";
  lastEventId: number;
}

/** The part on the screen. It stays when a later job fails. */
export interface Part {
  job: string;
  conversation: string | null;
  program: string | null;
  parameters: Parameter[];
  /** What "reset" goes back to: the values that the text says, or those before the first slider was moved. */
  base: Values;
  /** What the user asked for, as its name on the page. */
  label: string;
  kind: PartKind;
  lane: Lane | null;
  measures: Measures;
  warnings: Warning[];
  checks: Check[];
  sure: boolean | null;
  artifacts: Artifacts;
  seconds: number | null;
  complete: boolean;
}

export interface LogLine {
  key: number;
  level: LogLevel;
  text: string;
}

export interface ProgramText {
  text: string;
  /** Grows whenever the text was set from outside; the editor takes the text over when it sees a new one. */
  revision: number;
  /** The text as it was set from outside, to know whether the user changed it. */
  loaded: string;
  /** An edited text that a draft replaced, until the user brings it back or edits on. */
  displaced: string | null;
}

/** What the next prompt or program is about. */
export type Target = "change" | "new";

/** Writing values into the program text, until it is done. */
export type Writing = { state: "none" } | { state: "busy" } | { state: "failed"; failure: Failure };

export type ExportState = { state: "making" } | { state: "failed"; failure: Failure };

export type ThemeChoice = "auto" | "light" | "dark";

export interface State {
  health: Health | null;
  /** Set while the appliance does not answer. */
  unreachable: boolean;
  system: System | null;
  catalog: CatalogStep[];
  /** null until the appliance has said what is there. */
  models: Models | null;
  /** A request about the models that was refused. */
  modelsFailure: Failure | null;
  /** Who the next prompt is for, as the user chose it; `engineOf` says whether it can be asked. */
  engine: Engine;
  prompt: string;
  target: Target;
  program: ProgramText;
  job: Job | null;
  part: Part | null;
  /** The values that the user moved and the part does not have yet. */
  tuning: Tuning;
  writing: Writing;
  /** The versions of the part on the screen. */
  conversation: Conversation | null;
  log: LogLine[];
  /** Grows for ever, so that a line is never taken for one of an earlier job. */
  logNextKey: number;
  logDropped: number;
  jobs: JobRecord[];
  /** A request that was refused outright (empty prompt, full queue, unknown job). */
  refusal: Failure | null;
  /** Exports under way or failed, by `<job>.<format>`. */
  exports: Record<string, ExportState>;
  hiddenBodies: string[];
  theme: ThemeChoice;
}

export type Action =
  | { type: "healthArrived"; health: Health }
  | { type: "healthLost" }
  | { type: "systemArrived"; system: System }
  | { type: "catalogArrived"; steps: CatalogStep[] }
  | { type: "jobsArrived"; jobs: JobRecord[] }
  | { type: "modelsAsked" }
  | { type: "modelsArrived"; models: Models }
  | { type: "modelsFailed"; failure: Failure }
  | { type: "engineChosen"; engine: Engine }
  | { type: "promptEdited"; text: string }
  | { type: "programEdited"; text: string }
  | { type: "programRestored" }
  /** The text of the part on the screen with the values that its sliders were moved to. */
  | { type: "programShown"; text: string }
  | { type: "targetChosen"; target: Target }
  | {
      type: "submitted";
      prompt: string | null;
      program: string | null;
      parameters?: Values | null;
      parent?: string | null;
      at: number;
    }
  | { type: "accepted"; id: string; conversation?: string | null }
  | { type: "refused"; failure: Failure }
  /** `good` is the record whose part stays on the screen when this one built none. */
  | { type: "recordArrived"; record: JobRecord; good?: JobRecord | null; at: number }
  | { type: "conversationArrived"; conversation: Conversation }
  | { type: "parameterMoved"; name: string; value: ParameterValue }
  | { type: "parametersReset"; names: string[] }
  | { type: "writingStarted" }
  | { type: "writingEnded"; program: string }
  | { type: "writingFailed"; failure: Failure }
  | { type: "eventArrived"; job: string; id: number; event: JobEvent }
  | { type: "eventUnread"; job: string; name: string }
  | { type: "streamOpened"; job: string }
  | { type: "streamLost"; job: string }
  | { type: "streamEnded"; job: string; failure: Failure }
  | { type: "cancelAsked"; job: string }
  | { type: "exportStarted"; job: string; format: string }
  | { type: "exportMade"; job: string; format: string; path: string }
  | { type: "exportFailed"; job: string; format: string; failure: Failure }
  | { type: "bodyToggled"; name: string }
  | { type: "themeChosen"; theme: ThemeChoice };

export const STARTER_PROGRAM = `from build123d import *

# A plate with rounded corners and four holes. Lengths are millimetres; the part is what \`result\` holds.
LENGTH = 60.0
WIDTH = 40.0
HEIGHT = 10.0
HOLE_DIAMETER = 5.0
INSET = 6.0
CORNER_RADIUS = 5.0

plate = Box(LENGTH, WIDTH, HEIGHT)
plate = fillet(plate.edges().filter_by(Axis.Z), CORNER_RADIUS)
for place in GridLocations(LENGTH - 2 * INSET, WIDTH - 2 * INSET, 2, 2):
    plate -= place * Cylinder(HOLE_DIAMETER / 2, HEIGHT)

result = plate
`;

export const initialState: State = {
  health: null,
  unreachable: false,
  system: null,
  catalog: [],
  models: null,
  modelsFailure: null,
  engine: "auto",
  prompt: "",
  target: "change",
  program: { text: STARTER_PROGRAM, revision: 0, loaded: STARTER_PROGRAM, displaced: null },
  job: null,
  part: null,
  tuning: untuned,
  writing: { state: "none" },
  conversation: null,
  log: [],
  logNextKey: 0,
  logDropped: 0,
  jobs: [],
  refusal: null,
  exports: {},
  hiddenBodies: [],
  theme: "auto",
};

/** Puts `text` into the editor. A text that the user had changed is kept aside, never lost. */
export function setProgram(program: ProgramText, text: string): ProgramText {
  if (text === program.text) return { ...program, loaded: text };
  const edited = program.text !== program.loaded && program.text.trim() !== "";
  return {
    text,
    loaded: text,
    revision: program.revision + 1,
    displaced: edited ? program.text : program.displaced,
  };
}

/** The job that the next prompt or program goes on from. */
export function parentOf(state: State): string | null {
  return state.target === "change" ? (state.part?.job ?? null) : null;
}

/** Whether the editor shows the job's program: one that changes a part only replaces the text once it is built. */
export function isInEditor(job: Job, program: ProgramText): boolean {
  return (
    job.values === null &&
    (job.program === null || job.program === program.loaded || job.program === program.text)
  );
}

/** What a job is called: by its prompt, else by its program's first comment, else by the line that leaves the result. */
export function jobTitle(prompt: string | null, program: string | null): string {
  if (prompt !== null) return prompt;
  const lines = (program ?? "").split("\n").map((line) => line.trim());
  const comment = lines.find((line) => /^#+\s*\w/.test(line));
  if (comment !== undefined) return comment.replace(/^#+\s*/, "");
  return lines.find((line) => /^result\b/.test(line)) ?? "A program";
}

/** What a part is when the appliance did not say: by what it is made of. */
export function kindOf(measures: Measures): PartKind {
  if (measures.solids > 0) return "solid";
  return measures.faces > 0 ? "sketch" : "curve";
}
