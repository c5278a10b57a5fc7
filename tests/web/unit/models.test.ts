// The model in words: how it stands, what its files are, who can be asked and why not.
import { describe, expect, it } from "vitest";
import { engineOf, obstacle } from "../../../web/src/lanes.ts";
import { fileFacts, memoryText, modelWords } from "../../../web/src/models.ts";
import { initialState, type State } from "../../../web/src/state.ts";
import { reduce } from "../../../web/src/store.ts";
import { versionLines } from "../../../web/src/versions.ts";
import type { Engine, ModelFile, Models } from "../../../web/src/wire.ts";

const file: ModelFile = {
  name: "micro",
  file: "micro.gguf",
  architecture: "llama",
  title: "NaturalCAD micro",
  parameters: 1_900_000,
  quantisation: "Q8_0",
  context: 2048,
  licence: "MIT",
  form: "naturalcad.plan",
  size_bytes: 2_000_000,
  ram_needed_bytes: 24_000_000,
  sha256: null,
  problem: null,
};
const chat: ModelFile = { ...file, name: "coder", file: "coder.gguf", form: "chat" };
const broken: ModelFile = { ...file, name: "broken", file: "broken.gguf", problem: "It is empty" };

function models(change: Partial<Models>): Models {
  return {
    folder: "/models",
    state: "idle",
    percent: null,
    model: null,
    message: null,
    hint: null,
    tier: null,
    ram_free_bytes: 5_100_000_000,
    remote: null,
    models: [file, chat],
    ...change,
  };
}

function words(change: Partial<Models>): ReturnType<typeof modelWords> {
  return modelWords({ models: models(change), modelsFailure: null });
}

describe("how the model stands", () => {
  it.each<[Partial<Models>, string, string]>([
    [{ state: "absent", models: [] }, "none", "No model: put a GGUF file into `/models`"],
    [{ state: "idle" }, "not loaded", "No model is loaded."],
    [{ state: "loading", model: "micro", percent: 34.4 }, "loading 34 %", "`micro` is being loaded."],
    [{ state: "loading", model: null, percent: null }, "loading", "The model is being loaded."],
    [{ state: "ready", model: "micro" }, "micro", "`micro` is ready."],
    [{ state: "failed", model: "micro", message: "Out of memory" }, "failed", "Out of memory."],
    [{ state: "failed", model: "micro" }, "failed", "`micro` could not be loaded."],
  ])("is %j in words", (change, short, text) => expect(words(change)).toMatchObject({ short, text }));

  it("says without a model that templates answer alone", () => {
    for (const state of ["absent", "idle", "loading", "failed"] as const)
      expect(words({ state }).meaning).toContain("Templates answer alone");
    expect(words({ state: "ready" }).meaning).not.toContain("alone");
  });

  it("hands the hint on, and why nothing is known", () => {
    expect(words({ state: "failed", hint: "Take a smaller one" }).hint).toBe("Take a smaller one");
    const modelsFailure = { code: "x", message: "No such route", hint: null };
    expect(modelWords({ models: null, modelsFailure })).toMatchObject({ short: "…", text: "No such route." });
  });
});

describe("a model file", () => {
  it("is told by what is known of it", () => {
    expect(fileFacts(file)).toBe(
      "llama · 1.9 M parameters · Q8_0 · 2 MB · context 2048 · writes plans only · MIT",
    );
    expect(fileFacts({ ...chat, parameters: 8_030_000_000, size_bytes: 4_920_000_000, licence: null })).toBe(
      "llama · 8 B parameters · Q8_0 · 4.9 GB · context 2048 · licence not stated",
    );
    const unknown = { architecture: null, parameters: null, quantisation: null, context: null, form: null };
    expect(fileFacts({ ...broken, ...unknown })).toBe("2 MB");
  });

  it("is weighed against the memory that is free", () => {
    const large = { ...chat, ram_needed_bytes: 6_300_000_000 };
    expect(memoryText(file, models({}))).toEqual({
      text: "Needs 24 MB of memory; 5.1 GB are free.",
      fits: true,
    });
    expect(memoryText(large, models({}))).toEqual({
      text: "Does not fit: needs 6.3 GB of memory, only 5.1 GB are free.",
      fits: false,
    });
    expect(memoryText(large, models({ state: "ready", model: "coder" }))?.fits).toBe(true);
    expect(memoryText(large, models({ ram_free_bytes: null }))?.text).toBe("Needs 6.3 GB of memory.");
    expect(memoryText(broken, models({}))).toBeNull();
  });
});

describe("who can be asked", () => {
  it.each<[Engine, Partial<Models>, string | null]>([
    ["auto", { state: "absent" }, null],
    ["template", { state: "failed" }, null],
    ["model-plan", { state: "absent" }, "There is no model in /models"],
    ["model-plan", { state: "failed", message: "Out of memory" }, "Out of memory"],
    ["model-plan", { models: [broken] }, "None of the model files can be used"],
    ["model-plan", {}, null],
    ["model-plan", { state: "loading", model: "micro" }, null],
    ["model-code", {}, null],
    ["model-code", { models: [file] }, "Every model here writes plans only"],
    ["model-code", { state: "ready", model: "micro" }, "micro writes plans only"],
    ["model-code", { state: "ready", model: "coder" }, null],
    ["remote", { state: "absent" }, "No server is configured"],
    ["remote", { state: "absent", remote: { url: "http://127.0.0.1:1/v1", model: "m" } }, null],
  ])("%s with %j", (engine, change, why) => expect(obstacle(engine, models(change))).toBe(why));

  it("is who was chosen, unless that cannot be", () => {
    const chosen = reduce(initialState, { type: "engineChosen", engine: "model-plan" });
    expect(engineOf(chosen)).toBe("model-plan");
    const absent = reduce(chosen, { type: "modelsArrived", models: models({ state: "absent" }) });
    expect(engineOf(absent)).toBe("auto");
    const there = reduce(absent, { type: "modelsArrived", models: models({}) });
    expect(engineOf(there)).toBe("model-plan");
  });
});

describe("a refused request about the models", () => {
  const failure = { code: "x", message: "No", hint: null };
  const after = (actions: Parameters<typeof reduce>[1][]): State => actions.reduce(reduce, initialState);

  it("stays told while they are asked for again, until the user does something", () => {
    const arrived = { type: "modelsArrived", models: models({}) } as const;
    const refused = after([arrived, { type: "modelsFailed", failure }, arrived]);
    expect(refused.modelsFailure).toBe(failure);
    expect(reduce(refused, { type: "modelsAsked" }).modelsFailure).toBeNull();
  });

  it("is over when they come for the first time", () => {
    const state = after([{ type: "modelsFailed", failure }, { type: "modelsArrived", models: models({}) }]);
    expect(state.modelsFailure).toBeNull();
  });
});

describe("the versions", () => {
  it("name the lane that each came by", () => {
    const built = { state: "built", sure: true } as const;
    const version = { parent: null, origin: "prompt", prompt: "p", ...built } as const;
    const versions = [
      { ...version, changes: [], job: "a", version: 1, lane: "model-plan" as const },
      { ...version, changes: [], job: "b", version: 2, lane: "template" as const },
    ];
    expect(versionLines({ id: "c", title: null, versions }).map(({ lane }) => lane)).toEqual([
      "model-plan",
      "template",
    ]);
  });
});
