// The sliders' queue of one and the reducer behind it: what is sent, what is remembered, what stays when a value does not work.
import { describe, expect, it } from "vitest";
import { sliderRange } from "../../../web/src/slider-range.ts";
import { type Action, initialState, type State } from "../../../web/src/state.ts";
import { isBlocked, isWorking, reduce } from "../../../web/src/store.ts";
import { literal, nextValues, shownValue, unwritten } from "../../../web/src/tuning.ts";
import type { JobEvent, JobRecord, Lane, Measures, Parameter, Values } from "../../../web/src/wire.ts";

const PROGRAM = "LENGTH = 60.0\nWALL = 2.0\nRIM = True\nresult = Box(LENGTH, 20, WALL)\n";

const measures: Measures = {
  bounding_box: { min: [0, 0, 0], max: [60, 20, 2], size: [60, 20, 2] },
  volume: 2400,
  area: 1,
  centre_of_mass: [0, 0, 0],
  solids: 1,
  faces: 6,
  edges: 12,
  valid: true,
  manifold: true,
  holes: [],
  bodies: [],
  mass: null,
};

function parameter(name: string, value: Parameter["value"], text: string): Parameter {
  const start = PROGRAM.indexOf(`${name} = `) + name.length + 3;
  const kind = typeof value === "boolean" ? "switch" : "number";
  const none = { min: null, max: null, step: null, unit: "mm", label: null, choices: [], line: 1 };
  return { name, value, kind, ...none, span: [start, start + text.length] };
}

function parametersWith(values: Values): Parameter[] {
  return [
    parameter("LENGTH", values["LENGTH"] ?? 60, "60.0"),
    parameter("WALL", values["WALL"] ?? 2, "2.0"),
    parameter("RIM", values["RIM"] ?? true, "True"),
  ];
}

function after(actions: Action[], from: State = initialState): State {
  return actions.reduce(reduce, from);
}

function told(job: string, ...events: JobEvent[]): Action[] {
  return events.map((event, id) => ({ type: "eventArrived", job, id, event }));
}

function draft(lane: Lane, program: string): JobEvent {
  return { event: "draft", data: { lane, program } };
}

function part(job: string, values: Values = {}): JobEvent {
  const paths = { glb: `/artifacts/${job}.glb`, scene: `/artifacts/${job}.scene.json` };
  return {
    event: "part",
    data: { ...paths, measures, kind: "solid", warnings: [], parameters: parametersWith(values) },
  };
}

function success(job: string, lane: Lane = "code"): JobEvent {
  const none = { stlPath: null, stepPath: null, glbPath: null, scenePath: null, programPath: null };
  const data = {
    success: true as const,
    job,
    lane,
    ...none,
    measures,
    warnings: [],
    seconds: 0.1,
    phases: {},
  };
  return { event: "complete", data };
}

function failure(
  job: string,
  error: string,
  status: "failed" | "cancelled" | "question" = "failed",
): JobEvent {
  const detail = { code: "raised", message: error, hint: null, line: 3 };
  return { event: "complete", data: { success: false, job, status, error, detail } };
}

const built = after([
  { type: "submitted", prompt: null, program: PROGRAM, at: 0 },
  { type: "accepted", id: "a", conversation: "a" },
  ...told("a", draft("code", PROGRAM), part("a"), success("a")),
]);

const move = (name: string, value: Parameter["value"]): Action => ({ type: "parameterMoved", name, value });

/** What the page would send now. */
const next = (state: State): Values | null => nextValues(state, isWorking(state));

function sent(state: State, id: string): State {
  const parameters = next(state);
  return after(
    [
      { type: "submitted", prompt: null, program: null, parameters, parent: state.part?.job ?? null, at: 0 },
      { type: "accepted", id, conversation: "a" },
    ],
    state,
  );
}

describe("moving a slider", () => {
  const moved = after([move("LENGTH", 70)], built);
  const running = sent(moved, "b");

  it("asks for what differs from the part, and for nothing when it is moved back", () => {
    expect(next(built)).toBeNull();
    expect(next(moved)).toEqual({ LENGTH: 70 });
    expect(next(after([move("LENGTH", 60)], moved))).toBeNull();
  });

  it("sends one job at a time and remembers only the latest values for the next one", () => {
    const later = after(
      [71, 72, 75].map((value) => move("LENGTH", value)),
      running,
    );
    expect(next(later)).toBeNull();
    const first = after(told("b", draft("code", PROGRAM), part("b", { LENGTH: 70 }), success("b")), later);
    expect(first.part).toMatchObject({ job: "b", label: built.part?.label });
    expect(next(first)).toEqual({ LENGTH: 75 });
    const second = after(told("c", part("c", { LENGTH: 75 }), success("c")), sent(first, "c"));
    expect(next(second)).toBeNull();
    expect(second.tuning.wanted).toEqual({});
  });

  it("goes back to the old value even when the new one is on its way", () => {
    const back = after([move("LENGTH", 60)], running);
    const first = after(told("b", part("b", { LENGTH: 70 }), success("b")), back);
    expect(next(first)).toEqual({ LENGTH: 60 });
  });

  it("waits for another job and is sent after it", () => {
    const asked = after([{ type: "submitted", prompt: "longer", program: null, parent: "a", at: 0 }], built);
    const both = after([{ type: "accepted", id: "p", conversation: "a" }, move("WALL", 3)], asked);
    expect(next(both)).toBeNull();
    const failed = after(told("p", failure("p", "which one?", "question")), both);
    expect(next(failed)).toEqual({ WALL: 3 });
  });

  it("greys nothing out", () => {
    expect(isWorking(running)).toBe(true);
    expect(isBlocked(running)).toBe(false);
  });

  it("keeps the reading on the screen, but not that of a sentence that changed nothing", () => {
    const reading = {
      used: [],
      ignored: [],
      unread: [],
      assumed: [],
      notes: [],
      complete: true,
      changes: [],
      spans: [],
    };
    const read: JobEvent = { event: "reading", data: reading };
    const asked = (id: string): Action[] => [
      { type: "submitted", prompt: id, program: null, parent: "a", at: 0 },
      { type: "accepted", id, conversation: "a" },
    ];
    const good = after([...asked("p"), ...told("p", read, part("p"), success("p")), move("WALL", 3)], built);
    expect(sent(good, "q").job?.reading).toBe(reading);
    const bad = after(
      [...asked("p"), ...told("p", read, failure("p", "?", "question")), move("WALL", 3)],
      built,
    );
    expect(sent(bad, "q").job?.reading).toBeNull();
  });

  it("keeps the user's unsaved text in the editor", () => {
    const edited = after([{ type: "programEdited", text: "mine" }, move("LENGTH", 70)], built);
    const state = after(
      told("b", draft("code", PROGRAM), part("b", { LENGTH: 70 }), success("b")),
      sent(edited, "b"),
    );
    expect(state.program).toMatchObject({ text: "mine", displaced: null });
  });
});

describe("a value that does not work", () => {
  const running = sent(after([move("WALL", 40)], built), "b");
  const message = "ValueError in line 3: WALL must stay below a quarter of LENGTH, 15 mm";
  const failed = after(told("b", failure("b", message)), running);

  it("is told at the row that the message names, and the part stays", () => {
    expect(failed.tuning.failure).toEqual({
      name: "WALL",
      message: "WALL must stay below a quarter of LENGTH, 15 mm",
    });
    expect(failed.part?.job).toBe("a");
    expect(shownValue(failed.tuning, failed.part!.parameters[1]!)).toBe(40);
  });

  it("is not tried again by itself, but together with another value", () => {
    expect(next(failed)).toBeNull();
    const other = after([move("LENGTH", 200)], failed);
    expect(other.tuning.failure).toBeNull();
    expect(next(other)).toEqual({ WALL: 40, LENGTH: 200 });
  });

  it("is told at the row moved last when it names none", () => {
    const state = after(told("b", failure("b", "The kernel found no solid")), running);
    expect(state.tuning.failure?.name).toBe("WALL");
  });

  it("is passed over in silence when the slider has moved on", () => {
    const state = after([move("WALL", 3), ...told("b", failure("b", message))], running);
    expect(state.tuning.failure).toBeNull();
    expect(next(state)).toEqual({ WALL: 3 });
  });

  it("is forgotten by a reset", () => {
    const state = after([{ type: "parametersReset", names: ["WALL"] }], failed);
    expect(state.tuning).toMatchObject({ wanted: {}, failure: null });
    expect(next(state)).toBeNull();
  });

  it("goes when the user cancels, and when another version is opened", () => {
    expect(after(told("b", failure("b", "Cancelled", "cancelled")), running).tuning.wanted).toEqual({});
    const record = { id: "z", state: "built", declared: [], parameters: {}, warnings: [], checks: [] };
    const opened = { ...record, program: null, prompt: "x", measures } as unknown as JobRecord;
    expect(after([{ type: "recordArrived", record: opened, at: 0 }], failed).tuning.wanted).toEqual({});
  });

  it("can be moved again after its job was lost", () => {
    const lost = { code: "unknown_job", message: "There is no such job", hint: null };
    const state = after([{ type: "streamEnded", job: "b", failure: lost }], running);
    expect(next(state)).toBeNull();
    expect(next(after([move("WALL", 3)], state))).toEqual({ WALL: 3 });
  });

  it("is not sent for ever to an appliance that refuses it", () => {
    const refused = { code: "unreachable", message: "The appliance does not answer", hint: null };
    const sending = sent(after([move("WALL", 40)], built), "b");
    const unaccepted = { ...sending, job: { ...sending.job!, id: null } };
    const state = after([{ type: "refused", failure: refused }], unaccepted);
    expect(isWorking(state)).toBe(false);
    expect(next(state)).toBeNull();
  });
});

describe("reset", () => {
  it("of a planned part goes back to before the first move, of a text to what it says", () => {
    for (const lane of ["template", "code"] as const) {
      const first = after([
        { type: "submitted", prompt: "a plate", program: null, at: 0 },
        { type: "accepted", id: "a", conversation: "a" },
        ...told("a", draft(lane, PROGRAM), part("a"), success("a", lane)),
      ]);
      const events = [draft(lane, PROGRAM), part("b", { LENGTH: 70 }), success("b", lane)];
      const second = after(told("b", ...events), sent(after([move("LENGTH", 70)], first), "b"));
      expect(second.part?.base["LENGTH"], lane).toBe(60);
      expect(next(after([{ type: "parametersReset", names: ["LENGTH"] }], second))).toEqual({ LENGTH: 60 });
    }
  });
});

describe("the text of a planned part", () => {
  it("is shown with its values unless the user is writing in it", () => {
    const shown = after([{ type: "programShown", text: "LENGTH = 70.0" }], built);
    expect(shown.program).toMatchObject({ text: "LENGTH = 70.0", displaced: null });
    const edited = after([{ type: "programEdited", text: "mine" }], built);
    expect(after([{ type: "programShown", text: "LENGTH = 70.0" }], edited)).toBe(edited);
    // The next move comes with the old text again, and must not bring it back.
    const moved = after(
      told("b", draft("template", PROGRAM), part("b", { LENGTH: 71 })),
      sent(after([move("LENGTH", 71)], shown), "b"),
    );
    expect(moved.program.text).toBe("LENGTH = 70.0");
  });
});

describe("what the text does not say yet", () => {
  it("is what was moved, and nothing else", () => {
    const moved = after(
      told("b", draft("code", PROGRAM), part("b", { LENGTH: 70, RIM: false }), success("b")),
      sent(after([move("LENGTH", 70), move("RIM", false)], built), "b"),
    );
    expect(unwritten(built.part!)).toEqual({});
    expect(unwritten(moved.part!)).toEqual({ LENGTH: 70, RIM: false });
  });

  it.each([
    ["60.0", 60],
    ["-1_000", -1000],
    ["1e-3", 0.001],
    ["False", false],
    ["'M5'", "M5"],
    ['"a"', "a"],
    ["f(2)", null],
    ["", null],
  ])("reads %s as %j", (text, value) => expect(literal(text)).toBe(value));
});

describe("a follow-up sentence", () => {
  const asked: Action[] = [
    { type: "promptEdited", text: "make it longer" },
    { type: "submitted", prompt: "make it longer", program: null, parent: "a", at: 0 },
    { type: "accepted", id: "e", conversation: "a" },
  ];
  const draftOfIt = draft("template", "result = Box(80, 1, 1)\n");

  it("leaves the last good program in the editor until its part is there", () => {
    const drafted = after([...asked, ...told("e", draftOfIt)], built);
    expect(drafted.program.text).toBe(PROGRAM);
    const question = after(told("e", draftOfIt, failure("e", "Longer by how much?", "question")), drafted);
    expect(question).toMatchObject({ prompt: "make it longer", part: { job: "a" } });
    expect(question.program.text).toBe(PROGRAM);
    const done = after([...asked, ...told("e", draftOfIt, part("e"), success("e", "template"))], built);
    expect(done.program.text).toBe("result = Box(80, 1, 1)\n");
    expect(done).toMatchObject({ prompt: "", target: "change" });
  });

  it("keeps what the user has begun to write meanwhile", () => {
    const writing = after([...asked, { type: "promptEdited", text: "and then" }], built);
    expect(after(told("e", part("e"), success("e")), writing).prompt).toBe("and then");
  });

  it("that failed still shows the good part after a reload", () => {
    const none = { declared: [], parameters: {}, changes: [], warnings: [], checks: [], artifacts: {} };
    const record = (id: string, more: Partial<JobRecord>): JobRecord =>
      ({
        id,
        conversation: "a",
        parent: null,
        prompt: id,
        reading: null,
        error: null,
        ...none,
        ...more,
      }) as JobRecord;
    const good = record("good", { state: "built", measures, program: PROGRAM, lane: "code" });
    const bad = record("bad", { state: "failed", measures: null, program: "result = 1\n", parent: "good" });
    const state = after([{ type: "recordArrived", record: bad, good, at: 0 }]);
    expect(state).toMatchObject({ job: { id: "bad" }, part: { job: "good" }, prompt: "bad" });
    expect(state.program.text).toBe(PROGRAM);
  });
});

describe("the range of a slider", () => {
  const bare = parameter("LENGTH", 60, "60.0");

  it("is the declared one", () => {
    const declared: Parameter = { ...bare, min: 10, max: 200, step: 0.5 };
    expect(sliderRange(declared, 60)).toEqual({ min: 10, max: 200, step: 0.5 });
  });

  it.each<[Partial<Parameter>, number, object]>([
    [{}, 60, { min: 0, max: 120, step: 0.5 }],
    [{}, 0, { min: 0, max: 10, step: 0.05 }],
    [{}, -5, { min: -10, max: 0, step: 0.05 }],
    [{ kind: "count" }, 4, { min: 0, max: 8, step: 1 }],
    [{ min: 50 }, 4, { min: 50, max: 58, step: 0.02 }],
    [{ max: -3 }, 4, { min: -3, max: -3, step: 1 }],
  ])("of %j at %d is made up so that it stays put", (change, base, range) =>
    expect(sliderRange({ ...bare, ...change }, base)).toEqual(range),
  );
});
