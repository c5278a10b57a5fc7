// The text of a server-sent event becomes a typed event, or null; never a half.
import { describe, expect, it } from "vitest";
import { isBusy, parseEvent } from "../../../web/src/events.ts";

describe("parsing events", () => {
  it("reads a log line with and without a level", () => {
    expect(parseEvent("log", '{"message":"hello"}')).toEqual({
      event: "log",
      data: { message: "hello", level: "info" },
    });
    expect(parseEvent("log", '{"message":"no","level":"error"}')).toEqual({
      event: "log",
      data: { message: "no", level: "error" },
    });
    expect(parseEvent("log", '{"message":"odd","level":"shout"}')?.data).toMatchObject({ level: "info" });
  });

  it("reads states with their place in the queue", () => {
    expect(parseEvent("state", '{"state":"queued","position":3}')).toEqual({
      event: "state",
      data: { state: "queued", position: 3 },
    });
    expect(parseEvent("state", '{"state":"timed_out"}')?.data).toEqual({
      state: "timed_out",
      position: null,
    });
  });

  it("fills in the lists a reading leaves out", () => {
    const event = parseEvent(
      "reading",
      '{"used":[{"text":"60 mm","as":"length 60 mm"}],"assumed":null,"complete":true}',
    );
    expect(event?.data).toEqual({
      used: [{ text: "60 mm", as: "length 60 mm" }],
      ignored: [],
      unread: [],
      assumed: [],
      notes: [],
      changes: [],
      complete: true,
      spans: [],
    });
  });

  it("takes words with and without their places", () => {
    const event = parseEvent(
      "reading",
      '{"ignored":["with"],"unread":[{"text":"shiny","span":{"start":4,"end":9}}]}',
    );
    expect(event?.data).toMatchObject({ ignored: ["with"], unread: ["shiny"] });
  });

  it("takes a part that was made without a mesh", () => {
    expect(parseEvent("part", '{"glb":null,"scene":null,"kind":"solid","measures":{}}')?.data).toMatchObject({
      glb: null,
    });
  });

  it("reads what a model is asked, does and writes", () => {
    const asked = '{"lane":"model-plan","model":"micro","round":2}';
    expect(parseEvent("asked", asked)?.data).toEqual({ lane: "model-plan", model: "micro", round: 2 });
    const progress = '{"what":"Loading the model","done":34,"total":100}';
    expect(parseEvent("progress", progress)?.data).toEqual({
      what: "Loading the model",
      done: 34,
      total: 100,
    });
    expect(parseEvent("text", '{"text":""}')).toEqual({ event: "text", data: { text: "" } });
    expect(parseEvent("repair", '{"why":"too large","how":"shrink it"}')?.data).toEqual({
      why: "too large",
      how: "shrink it",
    });
  });

  it.each([
    ["asked", '{"lane":"oracle","model":"micro","round":1}'],
    ["asked", '{"lane":"model-plan","round":1}'],
    ["progress", '{"what":"w","done":"1","total":2}'],
    ["text", '{"text":null}'],
    ["repair", '{"why":"w"}'],
    ["log", "not json"],
    ["log", "[]"],
    ["log", '{"message":5}'],
    ["state", '{"state":"flying"}'],
    ["part", '{"glb":"/artifacts/a.glb"}'],
    ["checks", '{"checks":{}}'],
    ["complete", "{}"],
    ["complete", "null"],
    ["unheard", "{}"],
  ])("refuses a %s event of %s", (name, text) => expect(parseEvent(name, text)).toBeNull());

  it("knows which states are still under way", () => {
    expect(
      ["queued", "reading", "writing", "running", "exporting"].every((state) => isBusy(state as "queued")),
    ).toBe(true);
    expect(
      ["built", "question", "failed", "refused", "timed_out", "cancelled", "interrupted"].some((state) =>
        isBusy(state as "built"),
      ),
    ).toBe(false);
  });
});
