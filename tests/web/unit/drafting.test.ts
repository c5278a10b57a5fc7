// What a model writes, through the reducer: rounds, bounds, repairs, replays, and the line that is left of it.
import { describe, expect, it } from "vitest";
import {
  costText,
  isTold,
  REPAIR_CHARACTERS_MAX,
  REPAIRS_MAX,
  share,
  summary,
  TEXT_CHARACTERS_MAX,
  undrafted,
} from "../../../web/src/drafting.ts";
import { type Action, initialState, type Job, type State } from "../../../web/src/state.ts";
import { isWorking, reduce } from "../../../web/src/store.ts";
import { say } from "../../../web/src/views/status.ts";
import type { JobEvent, JobRecord, JobState, Lane, Usage } from "../../../web/src/wire.ts";

const usage: Usage = {
  model: "micro",
  prompt_tokens: 412,
  cached_tokens: 380,
  tokens: 84,
  copied_tokens: 12,
  prompt_seconds: 0.8,
  seconds: 0.4,
  rounds: 2,
  candidates: 3,
};

/** The state after a job that was told these events, numbered as the appliance numbers them. */
function told(...events: JobEvent[]): State {
  const actions: Action[] = [
    { type: "submitted", prompt: "plate", program: null, at: 1000 },
    { type: "accepted", id: "a" },
    ...events.map((event, id): Action => ({ type: "eventArrived", job: "a", id, event })),
  ];
  return actions.reduce(reduce, initialState);
}

function drafting(state: State): Job["drafting"] {
  return state.job?.drafting ?? undrafted;
}

const state = (name: JobState): JobEvent => ({ event: "state", data: { state: name, position: null } });
const asked = (round: number, lane: Lane = "model-plan"): JobEvent => ({
  event: "asked",
  data: { lane, model: "micro", round },
});
const text = (written: string): JobEvent => ({ event: "text", data: { text: written } });
const progress = (done: number, total = 100): JobEvent => ({
  event: "progress",
  data: { what: "Loading the model", done, total },
});
const repair = (why: string, how = "ask again"): JobEvent => ({ event: "repair", data: { why, how } });
const draft: JobEvent = { event: "draft", data: { lane: "model-plan", program: "result = 1\n" } };
const failure = (more: Partial<{ lane: Lane; usage: Usage }> = {}): JobEvent => ({
  event: "complete",
  data: { success: false, job: "a", status: "failed", error: "no", detail: null, ...more },
});

describe("a model that writes", () => {
  it("is told in the status with what it writes and in which round", () => {
    expect(say(told(state("writing"))).text).toBe("A model writes a draft.");
    expect(say(told(state("writing"), asked(1)))).toMatchObject({
      tone: "busy",
      title: "Writing…",
      text: "micro writes a plan (round 1).",
    });
    expect(say(told(state("writing"), asked(2, "model-code"))).text).toBe(
      "micro writes a program (round 2).",
    );
    expect(say(told(state("writing"), asked(1, "remote"))).text).toBe("micro writes a draft (round 1).");
  });

  it("is told again when it is asked again, though the job runs already", () => {
    const running = told(state("writing"), asked(1), draft, state("running"));
    expect(say(running).title).toBe("Running…");
    const again = told(state("writing"), asked(1), draft, state("running"), repair("too large"), asked(2));
    expect(again.job?.state).toBe("running");
    expect(say(again)).toMatchObject({ title: "Writing…", text: "micro writes a plan (round 2)." });
  });

  it("keeps the job under way, so that it can be cancelled", () => {
    expect(isWorking(told(state("writing"), asked(1), text("{")))).toBe(true);
  });

  it("adds up its pieces and begins afresh with each question", () => {
    expect(drafting(told(asked(1), text('{"pl'), text('an":'))).text).toBe('{"plan":');
    expect(drafting(told(asked(1), text("old"), asked(2), text("new"))).text).toBe("new");
  });

  it("takes a replayed piece once", () => {
    const before = told(asked(1), text("x"));
    const replayed = reduce(before, { type: "eventArrived", job: "a", id: 1, event: text("x") });
    expect(replayed).toBe(before);
  });

  it("keeps the end of what it wrote, whole characters only, and counts the rest", () => {
    const full = told(asked(1), text("x".repeat(TEXT_CHARACTERS_MAX)), text("end"));
    expect(drafting(full).text).toHaveLength(TEXT_CHARACTERS_MAX);
    expect(drafting(full).text.endsWith("xend")).toBe(true);
    expect(drafting(full).dropped).toBe(3);
    const split = drafting(told(asked(1), text(`😀${"x".repeat(TEXT_CHARACTERS_MAX - 1)}`)));
    expect(split.text).toBe("x".repeat(TEXT_CHARACTERS_MAX - 1));
    expect(split.dropped).toBe(2);
  });
});

describe("what takes long", () => {
  it("has a share when its end is known", () => {
    expect(share({ what: "w", done: 34, total: 100 })).toBe(0.34);
    expect(share({ what: "w", done: 120, total: 100 })).toBe(1);
    expect(share({ what: "w", done: 3, total: 0 })).toBeNull();
  });

  it("is told until something follows it", () => {
    expect(say(told(state("writing"), progress(34))).text).toBe("Loading the model.");
    expect(drafting(told(progress(34))).progress).toMatchObject({ done: 34 });
    const followed = [asked(1), text("x"), draft, state("running"), repair("w"), failure()];
    for (const event of followed) expect(drafting(told(progress(34), event)).progress).toBeNull();
  });
});

describe("repairs", () => {
  it("are listed in order, also those without a model", () => {
    const state = told(draft, repair("fillet of 25 mm does not fit", "shrink it to 19.9 mm"), repair("b"));
    expect(drafting(state).repairs.map(({ why }) => why)).toEqual(["fillet of 25 mm does not fit", "b"]);
    expect(isTold(drafting(state))).toBe(true);
    expect(drafting(state).writing).toBe(false);
  });

  it("are bounded in number and length", () => {
    const many = Array.from({ length: REPAIRS_MAX + 5 }, (_, index) => repair(`${index}`));
    expect(drafting(told(...many)).repairs.map(({ why }) => why).at(0)).toBe("5");
    const [one] = drafting(told(repair("y".repeat(REPAIR_CHARACTERS_MAX + 1)))).repairs;
    expect(one?.why).toBe(`${"y".repeat(REPAIR_CHARACTERS_MAX)}…`);
  });
});

describe("the line that is left", () => {
  it("tells lane, model, seconds, tokens, candidates and repairs", () => {
    const ended = told(asked(1), repair("w"), asked(2), text("{}"), failure({ lane: "model-plan", usage }));
    expect(summary(drafting(ended))).toBe(
      "Model plan · micro · 1.20 s · 84 tokens (210/s), 3 candidates, 1 repair",
    );
    expect(drafting(ended)).toMatchObject({ writing: false, text: "{}" });
  });

  it.each<[Partial<Job["drafting"]>, string]>([
    [{ lane: "template", repairs: [{ why: "w", how: "h" }] }, "Template · 1 repair"],
    [
      { lane: "model-code", asked: { lane: "model-code", model: "micro", round: 1 } },
      "Model code · micro",
    ],
    [
      { lane: "remote", usage: { ...usage, tokens: 1, seconds: 0, rounds: 3, candidates: 1 } },
      "Remote · micro · 800 ms · 1 token, 2 repairs",
    ],
    [
      { lane: "template", usage: { ...usage, tokens: 0, candidates: 0, rounds: 1 } },
      "Template · micro · 1.20 s · 0 tokens",
    ],
  ])("leaves out what is not known %#", (change, line) =>
    expect(summary({ ...undrafted, ...change })).toBe(line),
  );

  it("names what the prompt cost beside it", () => {
    expect(costText(usage)).toBe(
      "Prompt of 412 tokens, read in 800 ms, 380 of them from the cache; 12 tokens copied from the draft before.",
    );
    expect(costText({ ...usage, cached_tokens: 0, copied_tokens: 0 })).toBe(
      "Prompt of 412 tokens, read in 800 ms.",
    );
  });

  it("is not there when a template answered and nothing had to be repaired", () => {
    expect(isTold(drafting(told(state("running"), draft)))).toBe(false);
  });

  it("comes back with a record, without the text", () => {
    const record = { id: "b", state: "built", lane: "model-plan", usage, origin: "prompt" };
    const opened = reduce(initialState, {
      type: "recordArrived",
      record: { ...record, measures: null, program: null, prompt: "p" } as unknown as JobRecord,
      at: 0,
    });
    expect(summary(drafting(opened))).toContain("84 tokens (210/s)");
  });

  it("stays while the sliders move the part that it told of", () => {
    const before = told(asked(1), text("{}"), failure({ usage }));
    const state = { ...before, part: { job: "a", parameters: [] as unknown } as State["part"] };
    const moved = [
      { type: "submitted", prompt: null, program: null, parameters: { LENGTH: 1 }, parent: "a", at: 0 },
      { type: "accepted", id: "s" },
      { type: "eventArrived", job: "s", id: 0, event: draft },
      { type: "eventArrived", job: "s", id: 1, event: failure() },
    ].reduce((next, action) => reduce(next, action as Action), state);
    expect(summary(drafting(moved))).toBe(summary(drafting(before)));
    const next = reduce(moved, { type: "submitted", prompt: "p", program: null, at: 0 });
    expect(isTold(drafting(next))).toBe(false);
  });

  it("does not let a template pass for an answer of the model, nor the other way round", () => {
    const complete = (used: Usage | null): JobEvent => ({
      event: "complete",
      data: {
        success: true,
        job: "a",
        lane: "template",
        stlPath: null,
        stepPath: null,
        glbPath: null,
        scenePath: null,
        programPath: null,
        measures: null,
        warnings: [],
        seconds: 1,
        phases: {},
        usage: used,
      },
    });
    expect(say(told(complete(null))).text).toBe("by template, without a model.");
    expect(say(told(asked(1), complete(usage))).text).toBe(
      "by template; what the model wrote was left aside.",
    );
    expect(summary(drafting(told(asked(1), complete(usage))))).toMatch(/^Template · micro/);
  });
});
