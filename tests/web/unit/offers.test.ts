// Small decisions: which examples are offered, and which addresses name a job.
import { describe, expect, it } from "vitest";
import { examplesOf } from "../../../web/src/examples.ts";
import { hashOfJob, jobFromHash } from "../../../web/src/route.ts";
import { jobTitle } from "../../../web/src/state.ts";
import type { CatalogStep } from "../../../web/src/wire.ts";

function step(name: string, kind: CatalogStep["kind"], examples: string[]): CatalogStep {
  return { name, kind, title: name, words: [name], examples };
}

describe("examples", () => {
  it("offer what the catalog can build, bases only, and not too many", () => {
    const bases = ["box", "tube", "cone", "torus", "sphere"].map((name) =>
      step(name, "base", [`10 mm ${name}`]),
    );
    const offered = examplesOf([...bases, step("hole", "feature", ["5 mm hole"])]);
    expect(offered).toHaveLength(5);
    expect(offered).toContain("10 mm box");
    expect(offered).not.toContain("5 mm hole");
  });

  it("do not promise holes to a catalog without them", () => {
    expect(examplesOf([step("box", "base", ["10 mm box"])])).toEqual(["10 mm box"]);
  });

  it("are there before the catalog is", () => expect(examplesOf([]).length).toBeGreaterThan(0));
});

describe("the title of a job", () => {
  it.each<[string | null, string | null, string]>([
    ["a plate", "# ignored\nresult = 1", "a plate"],
    [null, "from build123d import *\n\n#!\n## A flange\nresult = 1", "A flange"],
    [null, "from build123d import *\nx = 1\nresult = Box(1, 1, 1)", "result = Box(1, 1, 1)"],
    [null, "show(Box(1, 1, 1))", "A program"],
    [null, null, "A program"],
  ])("of %j, %j is %j", (prompt, program, title) => expect(jobTitle(prompt, program)).toBe(title));
});

describe("the address of a job", () => {
  it("survives the way there and back", () => {
    const id = "9c8b7a65-4d3e-4f21-8a0b-1c2d3e4f5a6b";
    expect(jobFromHash(hashOfJob(id))).toBe(id);
  });

  it.each(["", "#", "#/jobs/", "#/jobs/../../api", "#/jobs/a/b", "#/parts/a", `#/jobs/${"a".repeat(65)}`])(
    "is not seen in %s",
    (hash) => expect(jobFromHash(hash)).toBeNull(),
  );
});
