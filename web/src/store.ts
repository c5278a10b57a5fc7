// The only place where the page's state changes: `reduce` is pure, `createStore` tells the views.
// It never fetches, never touches the document and never reads a clock.
import { ofRecord, undrafted } from "./drafting.ts";
import { isBusy } from "./events.ts";
import { reduceEvent } from "./reduce-event.ts";
import { jobTitle, kindOf, setProgram } from "./state.ts";
import * as tuning from "./tuning.ts";
import type { Action, Job, Part, State } from "./state.ts";
import type { JobRecord } from "./wire.ts";

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "healthArrived":
      return { ...state, health: action.health, unreachable: false };
    case "healthLost":
      return { ...state, unreachable: true };
    case "systemArrived":
      return { ...state, system: action.system };
    case "catalogArrived":
      return { ...state, catalog: action.steps };
    case "jobsArrived":
      return { ...state, jobs: action.jobs };
    case "modelsAsked":
      return { ...state, modelsFailure: null };
    case "modelsArrived": {
      // What was refused stays told while the loading of another model is watched.
      const modelsFailure = state.models === null ? null : state.modelsFailure;
      return { ...state, models: action.models, modelsFailure };
    }
    case "modelsFailed":
      return { ...state, modelsFailure: action.failure };
    case "engineChosen":
      return { ...state, engine: action.engine };
    case "promptEdited":
      return { ...state, prompt: action.text, refusal: null };
    case "targetChosen":
      return { ...state, target: action.target };
    case "programEdited":
      return { ...state, program: { ...state.program, text: action.text }, writing: { state: "none" } };
    case "programRestored":
      return state.program.displaced === null
        ? state
        : { ...state, program: { ...setProgram(state.program, state.program.displaced), displaced: null } };
    case "programShown":
      return state.program.text === state.program.loaded
        ? { ...state, program: setProgram(state.program, action.text) }
        : state;
    case "submitted":
      return submitted(state, action);
    case "accepted":
      return state.job === null
        ? state
        : { ...state, job: { ...state.job, id: action.id, conversation: action.conversation ?? null } };
    case "refused":
      // A job that never got an id never existed; one that did stays as it is.
      return {
        ...state,
        refusal: action.failure,
        job: state.job?.id === null ? null : state.job,
        tuning: tuning.interrupted(state.tuning),
      };
    case "recordArrived":
      return takeRecord(state, action);
    case "conversationArrived":
      return { ...state, conversation: action.conversation };
    case "parameterMoved":
      return state.part === null
        ? state
        : {
            ...state,
            tuning: tuning.move(state.tuning, state.part, action.name, action.value),
            refusal: null,
          };
    case "parametersReset":
      return state.part === null
        ? state
        : { ...state, tuning: tuning.reset(state.tuning, state.part, action.names), refusal: null };
    case "writingStarted":
      return { ...state, writing: { state: "busy" } };
    case "writingEnded":
      return { ...state, writing: { state: "none" }, program: setProgram(state.program, action.program) };
    case "writingFailed":
      return { ...state, writing: { state: "failed", failure: action.failure } };
    case "cancelAsked":
      return withJob(state, action.job, (job) => ({ ...job, cancelling: true }));
    case "streamOpened":
      return withJob(state, action.job, (job) => ({ ...job, stream: "open" }));
    case "streamLost":
      return withJob(state, action.job, (job) => ({ ...job, stream: "lost" }));
    case "streamEnded":
      return withJob({ ...state, tuning: tuning.interrupted(state.tuning) }, action.job, (job) =>
        isBusy(job.state)
          ? { ...job, stream: "none", state: "interrupted", error: { ...action.failure } }
          : { ...job, stream: "none" },
      );
    case "eventArrived":
    case "eventUnread":
      return reduceEvent(state, action);
    case "exportStarted":
      return withExport(state, action, { state: "making" });
    case "exportFailed":
      return withExport(state, action, { state: "failed", failure: action.failure });
    case "exportMade": {
      const { [exportKey(action.job, action.format)]: _done, ...exports } = state.exports;
      const part =
        state.part?.job === action.job
          ? { ...state.part, artifacts: { ...state.part.artifacts, [action.format]: action.path } }
          : state.part;
      return { ...state, exports, part };
    }
    case "bodyToggled": {
      const hidden = state.hiddenBodies.includes(action.name);
      const rest = state.hiddenBodies.filter((name) => name !== action.name);
      return { ...state, hiddenBodies: hidden ? rest : [...rest, action.name] };
    }
    case "themeChosen":
      return { ...state, theme: action.theme };
  }
}

export function exportKey(job: string, format: string): string {
  return `${job}.${format}`;
}

/** Whether a job is under way, so that submitting waits and the old part is shown as a ghost. */
export function isWorking(state: State): boolean {
  return state.job !== null && isBusy(state.job.state);
}

/** Whether a prompt or a program has to wait. A slider's job is short and passes by itself, so nothing is greyed out for it. */
export function isBlocked(state: State): boolean {
  return isWorking(state) && state.job?.values === null;
}

/** Whether the part on the screen comes from an earlier job than the one that just ended without a part. */
export function showsEarlierPart(state: State): boolean {
  const { job, part } = state;
  return job !== null && part !== null && !isBusy(job.state) && job.id !== part.job;
}

function submitted(state: State, action: Extract<Action, { type: "submitted" }>): State {
  const { prompt, program, parameters = null, parent = null } = action;
  // Moving a slider does not make what was read of the prompt untrue: it stays beside the new values.
  const { job } = state;
  const stays = parameters !== null && job !== null && (job.values !== null || job.id === state.part?.job);
  const kept: Pick<Job, "prompt" | "reading" | "drafting"> = stays
    ? { prompt: job.prompt, reading: job.reading, drafting: job.drafting }
    : { prompt, reading: null, drafting: undrafted };
  return {
    ...state,
    refusal: null,
    log: [],
    logDropped: 0,
    writing: { state: "none" },
    tuning: parameters === null ? state.tuning : tuning.send(state.tuning, parameters),
    job: { ...emptyJob(action.at), ...kept, program, parent, values: parameters },
  };
}

function emptyJob(at: number): Job {
  return {
    id: null,
    conversation: null,
    parent: null,
    values: null,
    state: "queued",
    position: null,
    started: at,
    prompt: null,
    lane: null,
    program: null,
    reading: null,
    drafting: undrafted,
    error: null,
    seconds: null,
    phases: {},
    cancelling: false,
    stream: "none",
    lastEventId: -1,
  };
}

/** A record opened from the list or after a reload: everything it holds is shown before its events are replayed. */
function takeRecord(state: State, action: Extract<Action, { type: "recordArrived" }>): State {
  const { record, good = null, at } = action;
  const job: Job = {
    ...emptyJob(isBusy(record.state) ? startOf(record, at) : at),
    id: record.id,
    conversation: record.conversation ?? null,
    parent: record.parent ?? null,
    values: record.origin === "parameters" ? record.parameters : null,
    state: record.state,
    prompt: record.prompt,
    lane: record.lane,
    program: record.program,
    reading: record.reading,
    drafting: ofRecord(record),
    error: record.error,
    seconds: record.seconds,
    phases: record.phases,
  };
  // The text of a version that built nothing is not the text of the part that stays.
  const program = (good ?? record).program;
  const asked = state.prompt.trim() === (state.job?.prompt ?? "") ? "" : state.prompt;
  return {
    ...state,
    job,
    part: partOf(record) ?? (good === null ? null : partOf(good)) ?? state.part,
    target: "change",
    tuning: tuning.untuned,
    writing: { state: "none" },
    prompt: record.state === "built" ? asked : (record.prompt ?? state.prompt),
    program: program === null ? state.program : setProgram(state.program, program),
    log: [],
    logDropped: 0,
    refusal: null,
    hiddenBodies: [],
  };
}

function startOf(record: JobRecord, now: number): number {
  const created = Date.parse(record.created);
  return Number.isNaN(created) ? now : Math.min(created, now);
}

function partOf(record: JobRecord): Part | null {
  if (record.measures === null) return null;
  return {
    job: record.id,
    conversation: record.conversation ?? null,
    program: record.program,
    parameters: record.declared,
    base: tuning.baseOf(record.declared, record.program, record.lane, null),
    label: jobTitle(record.prompt, record.program),
    kind: record.kind ?? kindOf(record.measures),
    lane: record.lane,
    measures: record.measures,
    warnings: record.warnings,
    checks: record.checks,
    sure: record.sure,
    artifacts: {
      ...record.artifacts,
      ...(record.program === null ? {} : { py: `/artifacts/${record.id}.py` }),
    },
    seconds: record.seconds,
    complete: !isBusy(record.state),
  };
}

function withJob(state: State, id: string, change: (job: Job) => Job): State {
  return state.job?.id === id ? { ...state, job: change(state.job) } : state;
}

function withExport(
  state: State,
  of: { job: string; format: string },
  next: State["exports"][string],
): State {
  return { ...state, exports: { ...state.exports, [exportKey(of.job, of.format)]: next } };
}

export interface Store {
  state(): State;
  dispatch(action: Action): void;
  subscribe(view: (state: State) => void): void;
}

/** Views hear of a burst of actions once: `later` decides when (a frame in the page, at once in a test). */
export function createStore(initial: State, later: (run: () => void) => void): Store {
  let state = initial;
  let waiting = false;
  const views: ((state: State) => void)[] = [];
  return {
    state: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      if (waiting) return;
      waiting = true;
      later(() => {
        waiting = false;
        for (const view of views) view(state);
      });
    },
    subscribe(view) {
      views.push(view);
      view(state);
    },
  };
}
