// The list of versions: what is a line of it, what undo goes back to, what stays when a job built nothing.
import { describe, expect, it } from "vitest";
import { changeText, goodBefore, versionBefore, versionLines } from "../../../web/src/versions.ts";
import type { Conversation, JobState, Origin, Version } from "../../../web/src/wire.ts";

function version(
  number: number,
  parent: number | null,
  origin: Origin,
  more: Partial<Version> = {},
): Version {
  const job = `j${number}`;
  const base = {
    job,
    version: number,
    origin,
    prompt: null,
    changes: [],
    state: "built" as JobState,
    sure: true,
    lane: null,
  };
  return { ...base, parent: parent === null ? null : `j${parent}`, ...more };
}

const length = (from: string, to: string): Pick<Version, "changes"> => ({
  changes: [{ what: "length", from, to }],
});

const plate: Conversation = {
  id: "c",
  title: "plate",
  versions: [
    version(1, null, "prompt", { prompt: "plate" }),
    version(2, 1, "parameters", length("60 mm", "61 mm")),
    version(3, 2, "parameters", { ...length("61 mm", "900 mm"), state: "failed" }),
    version(4, 2, "parameters", length("61 mm", "80 mm")),
    version(5, 4, "edit", { prompt: "add a bore", state: "question" }),
    version(6, 5, "edit", { prompt: "add a 20 mm bore" }),
    version(7, 1, "edit", { prompt: "make it 10 thick" }),
  ],
};

describe("the versions", () => {
  it("are those that were built, the moves of sliders as one with what they came to", () => {
    expect(versionLines(plate).map(({ version: number, title }) => [number, title])).toEqual([
      [1, "plate"],
      [4, "length 60 mm → 80 mm"],
      [6, "add a 20 mm bore"],
      [7, "make it 10 thick"],
    ]);
  });

  it("say which one they were made from, when it is not the one above", () => {
    expect(versionLines(plate).map(({ from }) => from)).toEqual([null, null, null, 1]);
  });

  it("go back one by one, along what each was made from", () => {
    const before = (job: string): number | undefined => versionBefore(plate, job)?.version;
    expect(["j1", "j2", "j4", "j6", "j7", "other"].map(before)).toEqual([undefined, 1, 1, 4, 1, undefined]);
  });

  it("name the part that stays when one built nothing", () => {
    expect(["j5", "j3", "j1", "other"].map((job) => goodBefore(plate, job))).toEqual([
      "j4",
      "j2",
      "j1",
      null,
    ]);
  });

  it("end on a conversation that runs in a circle", () => {
    const circle = { ...plate, versions: [1, 2].map((n) => version(n, 3 - n, "edit", { state: "failed" })) };
    expect(goodBefore(circle, "j1")).toBeNull();
    expect(versionBefore(circle, "j1")).toBeNull();
  });
});

describe("a change", () => {
  it.each([
    [{ what: "plate length", from: "60 mm", to: "80 mm" }, "plate length 60 mm → 80 mm"],
    [{ what: "hole", from: null, to: "20 mm" }, "hole added: 20 mm"],
    [{ what: "fillet", from: "3 mm", to: null }, "fillet removed"],
    [{ what: "body", from: null, to: null }, "body"],
  ])("%j reads %s", (change, text) => expect(changeText(change)).toBe(text));
});
