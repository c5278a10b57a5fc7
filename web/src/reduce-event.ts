// What one event of a job's stream changes. Part of the reducer; store.ts is its only caller.
// Replayed events must be harmless: an id that was seen is skipped, and every event sets rather than adds (but for the log).
import { jobTitle, kindOf, setProgram } from "./state.ts";
import type { Action, Job, LogLine, Part, State } from "./state.ts";
import type { Artifacts, CompleteEvent, LogLevel } from "./wire.ts";

export const LOG_LINES_MAX = 2000;
export const LOG_LINE_CHARACTERS_MAX = 4000;

type EventAction = Extract<Action, { type: "eventArrived" | "eventUnread" }>;

export function reduceEvent(state: State, action: EventAction): State {
  const job = state.job;
  if (job === null || job.id !== action.job) return state;
  if (action.type === "eventUnread") {
    return addLog(state, "warning", `The page did not understand a \`${action.name}\` event and skipped it`);
  }
  if (action.id <= job.lastEventId) return state;
  return applyEvent(
    { ...state, job: { ...job, lastEventId: action.id } },
    { ...job, lastEventId: action.id },
    action,
  );
}

function applyEvent(state: State, job: Job, action: Extract<Action, { type: "eventArrived" }>): State {
  const { event } = action;
  switch (event.event) {
    case "log":
      return addLog(state, event.data.level, event.data.message);
    case "state":
      return { ...state, job: { ...job, state: event.data.state, position: event.data.position } };
    case "reading":
      return { ...state, job: { ...job, reading: event.data } };
    case "draft": {
      const program = event.data.program;
      return {
        ...state,
        job: { ...job, lane: event.data.lane, program: program ?? job.program },
        program: program === null ? state.program : setProgram(state.program, program),
      };
    }
    case "part":
      return {
        ...state,
        hiddenBodies: [],
        part: {
          job: action.job,
          label: jobTitle(job.prompt, job.program),
          kind: event.data.kind,
          lane: job.lane,
          measures: event.data.measures,
          warnings: event.data.warnings,
          checks: [],
          sure: null,
          artifacts: paths([
            ["glb", event.data.glb],
            ["scene", event.data.scene],
          ]),
          seconds: null,
          complete: false,
        },
      };
    case "checks":
      return withPart(state, action.job, (part) => ({
        ...part,
        checks: event.data.checks,
        sure: event.data.sure,
      }));
    case "complete":
      return complete(state, job, action.job, event.data);
  }
}

function complete(state: State, job: Job, id: string, data: CompleteEvent): State {
  if (!data.success) {
    const error = data.detail ?? { code: data.status, message: data.error, hint: null };
    const ended = {
      ...state,
      job: { ...job, state: data.status, error, cancelling: false, stream: "none" as const },
    };
    return withPart(ended, id, (part) => ({ ...part, complete: true }));
  }
  const ended: State = {
    ...state,
    job: {
      ...job,
      state: "built",
      error: null,
      lane: data.lane ?? job.lane,
      seconds: data.seconds,
      phases: data.phases,
      cancelling: false,
      stream: "none",
    },
  };
  const part = state.part?.job === id ? state.part : partFromComplete(job, id, data);
  if (part === null) return ended;
  return {
    ...ended,
    part: {
      ...part,
      lane: data.lane ?? part.lane,
      measures: data.measures ?? part.measures,
      warnings: mergeWarnings(part, data),
      artifacts: { ...part.artifacts, ...artifactsOf(data) },
      seconds: data.seconds,
      complete: true,
    },
  };
}

/** A replay may lack the `part` event (it was dropped, or the appliance is older): `complete` tells enough. */
function partFromComplete(job: Job, id: string, data: CompleteEvent & { success: true }): Part | null {
  if (data.measures === null) return null;
  return {
    job: id,
    label: jobTitle(job.prompt, job.program),
    kind: data.kind ?? kindOf(data.measures),
    lane: data.lane,
    measures: data.measures,
    warnings: data.warnings,
    checks: data.checks ?? [],
    sure: data.sure ?? null,
    artifacts: {},
    seconds: data.seconds,
    complete: true,
  };
}

function mergeWarnings(part: Part, data: CompleteEvent & { success: true }): Part["warnings"] {
  const known = new Set(part.warnings.map((warning) => warning.code));
  return [...part.warnings, ...data.warnings.filter((warning) => !known.has(warning.code))];
}

function artifactsOf(data: CompleteEvent & { success: true }): Artifacts {
  return paths([
    ["glb", data.glbPath],
    ["scene", data.scenePath],
    ["step", data.stepPath],
    ["stl", data.stlPath],
    ["py", data.programPath],
    ["dxf", data.dxfPath],
    ["svg", data.svgPath],
    ["3mf", data["3mfPath"]],
  ]);
}

function paths(named: [keyof Artifacts, string | null | undefined][]): Artifacts {
  return Object.fromEntries(named.filter(([, path]) => typeof path === "string"));
}

function withPart(state: State, job: string, change: (part: Part) => Part): State {
  return state.part?.job === job ? { ...state, part: change(state.part) } : state;
}

/** The log is bounded in both directions: old lines go, and one endless line is cut. */
function addLog(state: State, level: LogLevel, message: string): State {
  const lines = message.split("\n");
  const first = state.logNextKey;
  const added: LogLine[] = lines.map((line, index) => ({ key: first + index, level, text: cut(line) }));
  const all = [...state.log, ...added];
  const over = Math.max(0, all.length - LOG_LINES_MAX);
  return {
    ...state,
    log: over > 0 ? all.slice(over) : all,
    logNextKey: first + added.length,
    logDropped: state.logDropped + over,
  };
}

function cut(line: string): string {
  if (line.length <= LOG_LINE_CHARACTERS_MAX) return line;
  return `${line.slice(0, LOG_LINE_CHARACTERS_MAX)} … (${line.length - LOG_LINE_CHARACTERS_MAX} more characters)`;
}
