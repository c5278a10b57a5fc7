// What one event of a job's stream changes. Part of the reducer; store.ts is its only caller.
// Replayed events must be harmless: an id that was seen is skipped, and every event sets rather than adds (but for the log and for what
// a model writes).
import * as drafting from "./drafting.ts";
import { jobTitle, kindOf, setProgram } from "./state.ts";
import type { Action, Job, LogLine, Part, State } from "./state.ts";
import * as tuning from "./tuning.ts";
import type { Artifacts, CompleteEvent, JobEvent, LogLevel } from "./wire.ts";

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
    case "state": {
      const settled = event.data.state === "running" || event.data.state === "exporting";
      const draft = settled ? drafting.settle(job.drafting) : job.drafting;
      return {
        ...state,
        job: { ...job, state: event.data.state, position: event.data.position, drafting: draft },
      };
    }
    case "reading":
      return { ...state, job: { ...job, reading: event.data } };
    case "asked":
      return withDrafting(state, job, drafting.ask(job.drafting, event.data));
    case "progress":
      return withDrafting(state, job, drafting.advance(job.drafting, event.data));
    case "text":
      return withDrafting(state, job, drafting.write(job.drafting, event.data.text));
    case "repair":
      return withDrafting(state, job, drafting.repair(job.drafting, event.data));
    case "draft": {
      const { lane, program } = event.data;
      const settled = drafting.settle(job.drafting);
      const drafted = { ...job, lane, program: program ?? job.program, drafting: settled };
      // A change that does not work out must leave the last good program where it is.
      const next = { ...state, job: drafted };
      return job.parent === null ? showProgram(next, drafted) : next;
    }
    case "part":
      return showPart(
        showProgram(withDrafting(state, job, drafting.settle(job.drafting)), job),
        job,
        action.job,
        event.data,
      );
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

function withDrafting(state: State, job: Job, next: drafting.Drafting): State {
  return { ...state, job: { ...job, drafting: next } };
}

function showProgram(state: State, job: Job): State {
  const { program } = job;
  // Sliders that leave the text as it is leave the editor alone, with whatever the user has written into it since.
  const untouched = program === null || (job.values !== null && program === state.part?.program);
  return untouched ? state : { ...state, program: setProgram(state.program, program) };
}

function showPart(
  state: State,
  job: Job,
  id: string,
  data: Extract<JobEvent, { event: "part" }>["data"],
): State {
  const { part: before } = state;
  const sameBase = before !== null && (job.values !== null || before.job === id);
  const part: Part = {
    job: id,
    conversation: job.conversation,
    program: job.program,
    parameters: data.parameters,
    base: tuning.baseOf(data.parameters, job.program, job.lane, sameBase ? before.base : null),
    // A slider gives the part no other name.
    label: job.values !== null && before !== null ? before.label : jobTitle(job.prompt, job.program),
    kind: data.kind,
    lane: job.lane,
    measures: data.measures,
    warnings: data.warnings,
    checks: [],
    sure: null,
    artifacts: paths([
      ["glb", data.glb],
      ["scene", data.scene],
    ]),
    seconds: null,
    complete: false,
  };
  return {
    ...state,
    hiddenBodies: job.values === null ? [] : state.hiddenBodies,
    part,
    tuning: tuningAfter(state, job, part),
  };
}

function tuningAfter(state: State, job: Job, part: Part): tuning.Tuning {
  if (job.values !== null) return tuning.arrived(state.tuning, part);
  // The replay of a part that is shown already is news of nothing.
  return state.part?.job === part.job ? state.tuning : tuning.untuned;
}

function complete(state: State, before: Job, id: string, data: CompleteEvent): State {
  // A slider asks no model: what the part's draft cost stays told.
  const asked = before.values === null || data.usage != null;
  const end = drafting.settle(before.drafting);
  const job = {
    ...before,
    drafting: asked ? drafting.finish(end, data.lane ?? before.lane, data.usage ?? null) : end,
  };
  if (!data.success) {
    const error = data.detail ?? { code: data.status, message: data.error, hint: null };
    const ended = {
      ...state,
      tuning: endTuning(state, data.status, data.error),
      job: { ...job, state: data.status, error, cancelling: false, stream: "none" as const },
    };
    return withPart(ended, id, (part) => ({ ...part, complete: true }));
  }
  const ended: State = {
    ...state,
    target: "change",
    // The box is for the next sentence; what was asked stands in the reading and among the versions.
    prompt: job.values === null && state.prompt.trim() === job.prompt ? "" : state.prompt,
    tuning: { ...state.tuning, sent: null },
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

function endTuning(state: State, status: string, message: string): tuning.Tuning {
  const { part, tuning: now } = state;
  if (now.sent === null || part === null) return now;
  // Whoever cancels wants the values that the part has.
  return status === "cancelled" ? tuning.untuned : tuning.failed(now, part, message);
}

/** A replay may lack the `part` event (it was dropped, or the appliance is older): `complete` tells enough. */
function partFromComplete(job: Job, id: string, data: CompleteEvent & { success: true }): Part | null {
  if (data.measures === null) return null;
  return {
    job: id,
    conversation: job.conversation,
    program: job.program,
    parameters: [],
    base: {},
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
