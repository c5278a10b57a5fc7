// The reducer: sequences of actions, assertions on the state. No document, no clock, no network.
import { describe, expect, it, vi } from "vitest";
import { LOG_LINE_CHARACTERS_MAX, LOG_LINES_MAX } from "../../../web/src/reduce-event.ts";
import { type Action, initialState, STARTER_PROGRAM, type State } from "../../../web/src/state.ts";
import { createStore, isWorking, reduce, showsEarlierPart } from "../../../web/src/store.ts";
import { say } from "../../../web/src/views/status.ts";
import type { JobEvent, JobRecord, Measures } from "../../../web/src/wire.ts";

const measures: Measures = {
  bounding_box: { min: [-30, -20, -5], max: [30, 20, 5], size: [60, 40, 10] },
  volume: 23000,
  area: 7142.5,
  centre_of_mass: [0, 0, 0],
  solids: 1,
  faces: 14,
  edges: 36,
  valid: true,
  manifold: true,
  holes: [],
  bodies: [],
  mass: null,
};

function after(actions: Action[], from: State = initialState): State {
  return actions.reduce(reduce, from);
}

function started(id: string, prompt = "plate"): Action[] {
  return [
    { type: "submitted", prompt, program: null, at: 1000 },
    { type: "accepted", id },
  ];
}

/** The events of a job, numbered from 0 as the appliance numbers them. */
function told(job: string, ...events: JobEvent[]): Action[] {
  return events.map((event, id) => ({ type: "eventArrived", job, id, event }));
}

const draft: JobEvent = { event: "draft", data: { lane: "template", program: "result = Box(1, 1, 1)\n" } };

function part(job: string): JobEvent {
  const data = {
    glb: `/artifacts/${job}.glb`,
    scene: `/artifacts/${job}.scene.json`,
    measures,
    warnings: [],
    parameters: [],
  };
  return { event: "part", data: { ...data, kind: "solid" } };
}

function success(job: string): JobEvent {
  return {
    event: "complete",
    data: {
      success: true,
      job,
      lane: "template",
      stlPath: `/artifacts/${job}.stl`,
      stepPath: `/artifacts/${job}.step`,
      glbPath: `/artifacts/${job}.glb`,
      scenePath: `/artifacts/${job}.scene.json`,
      programPath: `/artifacts/${job}.py`,
      measures,
      warnings: [],
      seconds: 0.1,
      phases: {},
    },
  };
}

function failure(job: string, status: "failed" | "cancelled" | "question" = "failed"): JobEvent {
  const detail = { code: "raised", type: "ValueError", message: "too large", hint: "Ask for less", line: 3 };
  return { event: "complete", data: { success: false, job, status, error: "too large", detail } };
}

const record: JobRecord = {
  id: "b",
  conversation: "b",
  parent: null,
  origin: "prompt",
  parameters: {},
  declared: [],
  changes: [],
  state: "running",
  created: "2026-11-22T14:51:41.123Z",
  finished: null,
  prompt: "a flange",
  lane: "template",
  program: "result = Cylinder(1, 1)\n",
  plan: null,
  reading: null,
  measures: null,
  checks: [],
  sure: false,
  warnings: [],
  artifacts: {},
  error: null,
  seconds: null,
  phases: {},
  usage: null,
  message: null,
};

describe("a job that succeeds", () => {
  const built = after([...started("a"), ...told("a", draft, part("a"), success("a"))]);

  it("shows the part as soon as it is measured, before its files are written", () => {
    const early = after([...started("a"), ...told("a", draft, part("a"))]);
    expect(early.part?.artifacts).toEqual({ glb: "/artifacts/a.glb", scene: "/artifacts/a.scene.json" });
    expect(early.part?.complete).toBe(false);
    expect(isWorking(early)).toBe(true);
  });

  it("offers the files at the end", () => {
    expect(built.part?.artifacts.step).toBe("/artifacts/a.step");
    expect(built.part).toMatchObject({ label: "plate", complete: true, seconds: 0.1 });
    expect(isWorking(built)).toBe(false);
    expect(showsEarlierPart(built)).toBe(false);
  });

  it("puts the draft into the editor", () => {
    expect(built.program.text).toBe("result = Box(1, 1, 1)\n");
    expect(built.program.revision).toBe(1);
    expect(built.program.displaced).toBeNull();
  });

  it("shows the part also when only the last event got through", () => {
    expect(after([...started("a"), ...told("a", success("a"))]).part?.measures).toBe(measures);
  });

  it("has the checks with its part", () => {
    const checks: JobEvent = {
      event: "checks",
      data: {
        checks: [{ what: "length", asked: "60 mm", got: "60 mm", status: "met", why: null }],
        sure: true,
      },
    };
    const state = after([...started("a"), ...told("a", part("a"), checks, success("a"))]);
    expect(state.part).toMatchObject({ sure: true, checks: [{ what: "length" }] });
  });
});

describe("a job that fails", () => {
  const good = after([...started("a"), ...told("a", part("a"), success("a"))]);
  const failed = after([...started("b", "too much"), ...told("b", draft, failure("b"))], good);

  it("keeps the last good part and says that it is one", () => {
    expect(failed.part?.job).toBe("a");
    expect(failed.part?.label).toBe("plate");
    expect(showsEarlierPart(failed)).toBe(true);
  });

  it("tells the error with its line", () => {
    expect(failed.job).toMatchObject({ state: "failed", error: { line: 3, hint: "Ask for less" } });
    expect(say(failed)).toMatchObject({
      tone: "bad",
      text: "ValueError: too large.",
      hint: "Ask for less",
      line: 3,
    });
  });

  it("does not name the kind of error twice", () => {
    const event = failure("b");
    if (event.event === "complete" && !event.data.success)
      event.data.detail!.message = "ValueError in line 3: too large";
    expect(say(after([...started("b"), ...told("b", event)])).text).toBe("ValueError in line 3: too large.");
  });

  it("forgets the error with the next job", () => {
    const next = after(started("c"), failed);
    expect(next.job?.error).toBeNull();
    expect(showsEarlierPart(next)).toBe(false);
  });

  it("makes do without a detail", () => {
    const event: JobEvent = {
      event: "complete",
      data: { success: false, job: "b", status: "timed_out", error: "No result after 60 s", detail: null },
    };
    const state = after([...started("b"), ...told("b", event)]);
    expect(say(state)).toMatchObject({ title: "It took too long.", text: "No result after 60 s." });
  });
});

describe("events", () => {
  it("of another job change nothing", () => {
    const before = after(started("a"));
    expect(after(told("other", part("other")), before)).toBe(before);
  });

  it("that are replayed are taken once", () => {
    const log: JobEvent = { event: "log", data: { message: "hello", level: "info" } };
    const once = after([...started("a"), ...told("a", log, log)]);
    expect(after(told("a", log, log), once)).toBe(once);
    expect(once.log).toHaveLength(2);
  });

  it("that were not understood are told in the log", () => {
    const state = after([...started("a"), { type: "eventUnread", job: "a", name: "part" }]);
    expect(state.log[0]).toMatchObject({ level: "warning" });
  });
});

describe("the log", () => {
  const lines = (count: number): Action[] =>
    told(
      "a",
      ...Array.from({ length: count }, (_, index): JobEvent => ({
        event: "log",
        data: { message: `${index}`, level: "info" },
      })),
    );

  it("is bounded, keeps the end and says how much is gone", () => {
    const state = after([...started("a"), ...lines(LOG_LINES_MAX + 5)]);
    expect(state.log).toHaveLength(LOG_LINES_MAX);
    expect(state.log[0]?.text).toBe("5");
    expect(state.logDropped).toBe(5);
  });

  it("cuts endless lines and splits long messages", () => {
    const long: JobEvent = {
      event: "log",
      data: { message: `x\n${"y".repeat(LOG_LINE_CHARACTERS_MAX + 7)}`, level: "error" },
    };
    const state = after([...started("a"), ...told("a", long)]);
    expect(state.log.map((line) => line.level)).toEqual(["error", "error"]);
    expect(state.log[1]?.text).toMatch(/… \(7 more characters\)$/);
  });

  it("starts empty with a new job but never uses a key twice", () => {
    const first = after([...started("a"), ...lines(3)]);
    const second = after(
      [...started("b"), ...told("b", { event: "log", data: { message: "new", level: "info" } })],
      first,
    );
    expect(second.log.map((line) => line.key)).toEqual([3]);
  });
});

describe("the program in the editor", () => {
  it("is kept aside when a draft replaces an edited one, and comes back when asked for", () => {
    const edited = after([{ type: "programEdited", text: "mine" }, ...started("a"), ...told("a", draft)]);
    expect(edited.program).toMatchObject({ text: "result = Box(1, 1, 1)\n", displaced: "mine" });
    const back = after([{ type: "programRestored" }], edited);
    expect(back.program).toMatchObject({ text: "mine", displaced: null, revision: 2 });
  });

  it("is not touched by the draft of its own run", () => {
    const text = "result = Sphere(3)\n";
    const state = after([
      { type: "programEdited", text },
      { type: "submitted", prompt: null, program: text, at: 0 },
      { type: "accepted", id: "a" },
      ...told("a", { event: "draft", data: { lane: "code", program: text } }),
    ]);
    expect(state.program).toMatchObject({ text, displaced: null, revision: 0 });
  });

  it("starts with one that runs as it stands", () => {
    expect(initialState.program.text).toBe(STARTER_PROGRAM);
    expect(STARTER_PROGRAM).toMatch(/^result = /m);
  });
});

describe("refusals", () => {
  const refusal = { code: "empty_prompt", message: "The prompt is empty", hint: "Write what part you want" };

  it("tell what to do, and leave no job behind", () => {
    const state = after([
      { type: "submitted", prompt: "", program: null, at: 0 },
      { type: "refused", failure: refusal },
    ]);
    expect(state.job).toBeNull();
    expect(say(state)).toMatchObject({
      tone: "bad",
      title: "The prompt is empty.",
      hint: "Write what part you want",
    });
  });

  it("go away as soon as the user writes on", () => {
    const state = after([
      { type: "refused", failure: refusal },
      { type: "promptEdited", text: "p" },
    ]);
    expect(state.refusal).toBeNull();
  });
});

describe("a record", () => {
  it("of a running job restores what was asked and goes on", () => {
    const state = after([{ type: "recordArrived", record, at: Date.parse("2026-11-22T14:52:00Z") }]);
    expect(isWorking(state)).toBe(true);
    expect(state.prompt).toBe("a flange");
    expect(state.program.text).toBe(record.program);
    expect(state.job?.started).toBe(Date.parse(record.created));
    expect(after(told("b", part("b"), success("b")), state).part?.complete).toBe(true);
  });

  it("of a finished job brings its part at once", () => {
    const artifacts = {
      glb: "/artifacts/b.glb",
      scene: "/artifacts/b.scene.json",
      step: "/artifacts/b.step",
    };
    const done: JobRecord = { ...record, state: "built", measures, artifacts, sure: true };
    const state = after([{ type: "recordArrived", record: done, at: 0 }]);
    expect(state.part).toMatchObject({
      job: "b",
      label: "a flange",
      complete: true,
      sure: true,
      kind: "solid",
    });
  });

  it("that the appliance lost ends the job plainly", () => {
    const lost = { code: "unknown_job", message: "There is no such job", hint: null };
    const state = after([
      { type: "recordArrived", record, at: 0 },
      { type: "streamEnded", job: "b", failure: lost },
    ]);
    expect(state.job?.state).toBe("interrupted");
    expect(say(state).text).toBe("There is no such job.");
  });
});

describe("exports on request", () => {
  const built = after([...started("a"), ...told("a", part("a"), success("a"))]);

  it("are under way, then a file of the part", () => {
    const making = after([{ type: "exportStarted", job: "a", format: "3mf" }], built);
    expect(making.exports["a.3mf"]).toEqual({ state: "making" });
    const made = after([{ type: "exportMade", job: "a", format: "3mf", path: "/artifacts/a.3mf" }], making);
    expect(made.exports).toEqual({});
    expect(made.part?.artifacts["3mf"]).toBe("/artifacts/a.3mf");
  });

  it("of another part do not end up at this one", () => {
    const made = after([{ type: "exportMade", job: "z", format: "3mf", path: "/artifacts/z.3mf" }], built);
    expect(made.part?.artifacts["3mf"]).toBeUndefined();
  });
});

describe("the status strip", () => {
  const warming = {
    status: "warming",
    version: "0.1.0",
    runner: { state: "warming", workers_ready: 0, workers: 2, message: null },
  } as const;

  it("says what warming up means, and that a waiting job is waiting for it", () => {
    const cold = after([{ type: "healthArrived", health: warming }]);
    expect(say(cold).title).toBe("Warming up.");
    expect(say(after(started("a"), cold)).text).toContain("still warming up");
  });

  it("puts an appliance that is away above everything else", () => {
    const away = after([...started("a"), { type: "healthLost" }]);
    expect(say(away)).toMatchObject({ tone: "bad", title: "The appliance does not answer." });
  });

  it("says how many jobs come first", () => {
    const queued = (position: number): State =>
      after([...started("a"), ...told("a", { event: "state", data: { state: "queued", position } })]);
    expect(say(queued(1)).text).toBe("1 job before it.");
    expect(say(queued(3)).text).toBe("3 jobs before it.");
  });

  it("counts the warnings of a built part", () => {
    const doubtful = part("a");
    if (doubtful.event === "part") doubtful.data.warnings = [{ code: "not_closed", message: "Not closed" }];
    const state = after([...started("a"), ...told("a", doubtful, success("a"))]);
    expect(say(state)).toMatchObject({ tone: "warn" });
    expect(say(state).text).toContain("a warning");
  });
});

describe("the store", () => {
  it("tells its views once for a burst, and at once of the first state", () => {
    let run = (): void => {};
    const store = createStore(initialState, (next) => {
      run = next;
    });
    const view = vi.fn();
    store.subscribe(view);
    expect(view).toHaveBeenCalledTimes(1);
    store.dispatch({ type: "promptEdited", text: "a" });
    store.dispatch({ type: "promptEdited", text: "ab" });
    expect(view).toHaveBeenCalledTimes(1);
    run();
    expect(view).toHaveBeenCalledTimes(2);
    expect(view.mock.lastCall?.[0]).toMatchObject({ prompt: "ab" });
  });
});
