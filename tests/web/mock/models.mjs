// @ts-check
// What the mock appliance knows of models: files in a folder, one that is loaded bit by bit, and a model that writes.
import { built, notBuilt, PLATE_PROGRAM, reading, step } from "./stories.mjs";
import { declare } from "./versions.mjs";

/**
 * @typedef {import("./stories.mjs").Story} Story
 * @typedef {import("./stories.mjs").Step} Step
 * @typedef {import("../../../web/src/wire.ts").Models} Models
 * @typedef {import("../../../web/src/wire.ts").ModelFile} ModelFile
 */

const FOLDER = "/opt/naturalcad/models";

/** @type {ModelFile} */
const MICRO = {
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
  sha256: "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
  problem: null,
};

/** @type {ModelFile[]} */
export const MODEL_FILES = [
  MICRO,
  {
    ...MICRO,
    name: "coder-0.5b-q4_k_m",
    file: "coder-0.5b-q4_k_m.gguf",
    architecture: "qwen2",
    title: "Coder 0.5B Instruct",
    parameters: 494_032_768,
    quantisation: "Q4_K_M",
    context: 32768,
    licence: "apache-2.0",
    form: "chat",
    size_bytes: 397_807_936,
    ram_needed_bytes: 620_000_000,
    sha256: null,
  },
  {
    ...MICRO,
    name: "large-8b-q4_k_m",
    file: "large-8b-q4_k_m.gguf",
    title: null,
    parameters: 8_030_000_000,
    quantisation: "Q4_K_M",
    context: 8192,
    licence: null,
    form: "chat",
    size_bytes: 4_920_000_000,
    ram_needed_bytes: 6_300_000_000,
    sha256: null,
  },
  {
    ...MICRO,
    name: "broken",
    file: "broken.gguf",
    architecture: null,
    title: null,
    parameters: null,
    quantisation: null,
    context: null,
    licence: null,
    form: null,
    size_bytes: 1_048_576,
    ram_needed_bytes: null,
    sha256: null,
    problem: "The file ends inside the tensor `blk.3.attn_q.weight`: it was not copied as a whole",
  },
];

/** @param {Partial<Models>} change @returns {Models} */
function modelsOf(change) {
  return {
    folder: FOLDER,
    state: "absent",
    percent: null,
    model: null,
    message: null,
    hint: null,
    tier: "avx512",
    ram_free_bytes: 5_100_000_000,
    remote: null,
    models: [],
    ...change,
  };
}

/** The models of one mock. `now` may be changed by a test at any time. @param {number} beat milliseconds of a step of loading */
export function createModels(beat) {
  let now = modelsOf({});
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  function advance() {
    const percent = (now.percent ?? 0) + 20;
    if (percent >= 100) return set({ state: "ready", percent: null });
    set({ percent });
    timer = setTimeout(advance, beat);
    return undefined;
  }

  /** @param {Partial<Models>} change */
  function set(change) {
    clearTimeout(timer);
    now = { ...now, ...change };
  }

  return {
    get now() {
      return now;
    },
    set,
    /** @param {Partial<Models>} [change] */
    fill(change = {}) {
      set({ ...modelsOf({ state: "idle", models: MODEL_FILES }), ...change });
    },
    /** Why it is refused, or null. @param {string} name */
    load(name) {
      const file = now.models.find((one) => one.name === name);
      if (file === undefined) return `There is no model \`${name}\``;
      if (file.problem !== null) return file.problem;
      set({ state: "loading", percent: 0, model: name, message: null, hint: null });
      if ((file.ram_needed_bytes ?? 0) > (now.ram_free_bytes ?? Infinity)) {
        set({
          state: "failed",
          percent: null,
          message: `\`${name}\` needs more memory than is free`,
          hint: "Close other programs, or take a smaller model",
        });
      } else {
        timer = setTimeout(advance, beat);
      }
      return null;
    },
    unload() {
      set({ state: "idle", percent: null, model: null });
    },
    stop: () => clearTimeout(timer),
  };
}

const PLAN =
  '{"plan":1,"bodies":[{"name":"plate","steps":[{"do":"box","length":60,"width":40,"height":10},' +
  '{"do":"hole","diameter":5,"on":"top","at":{"corners":{"inset":6}}},' +
  '{"do":"fillet","edges":"vertical","radius":5}]}]}';

export const USAGE = {
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

/** In pieces as small as a model writes them. @param {string} written @returns {Step[]} */
function pieces(written) {
  return (written.match(/[\s\S]{1,4}/g) ?? []).map((text) => step("text", { text }));
}

/** What a model does with a prompt, in two rounds. "hold" stops in the middle of the text. @param {string} id @param {string} prompt @param {string} engine @returns {Story} */
export function modelStory(id, prompt, engine) {
  const code = engine === "model-code";
  const lane = engine === "remote" ? "remote" : code ? "model-code" : "model-plan";
  const text = code ? PLATE_PROGRAM : PLAN;
  const asked = { lane, model: engine === "remote" ? "big-coder" : "micro" };
  const start = [
    step("log", { message: `Job ${id}` }),
    step("state", { state: "queued", position: 0 }),
    step("state", { state: "reading" }),
    step("reading", reading(prompt)),
    step("state", { state: "writing" }),
  ];
  const loading = [0, 34, 71, 100].map((done) =>
    step("progress", { what: "Loading the model", done, total: 100 }),
  );
  const first = [step("asked", { ...asked, round: 1 })];
  const usage = { ...USAGE, model: asked.model };
  if (prompt.includes("hold loading")) return held([...start, ...loading.slice(0, 2)]);
  if (prompt.includes("hold")) return held([...start, ...loading, ...first, ...pieces(text.slice(0, 120))]);
  const draft = step("draft", { lane, program: PLATE_PROGRAM, plan: code ? null : JSON.parse(PLAN) });
  const repair = step("repair", {
    why: "The fillet of 25 mm does not fit",
    how: "ask again with the error and the measures",
  });
  if (prompt.includes("fails")) {
    const detail = {
      code: "no_draft",
      message: "No draft of the model can be built",
      hint: "Say it in other words",
    };
    const steps = [...start, ...first, ...pieces(text), repair, ...notBuilt(id, "failed", detail)];
    return { holds: false, files: "plate", steps: costing(steps, usage, lane) };
  }
  // At last the closest template draft, labelled as such.
  const last = prompt.includes("falls back") ? "template" : lane;
  const steps = [
    ...start,
    ...loading,
    ...first,
    ...pieces(text.replace('"radius":5', '"radius":25')),
    draft,
    step("state", { state: "running" }),
    repair,
    step("asked", { ...asked, round: 2 }),
    ...pieces(text),
    { ...draft, data: { ...draft.data, lane: last } },
    ...built(id, "plate", [], last, {}, declare(PLATE_PROGRAM)),
  ];
  return { holds: false, files: "plate", steps: costing(steps, usage, null) };
}

/** @param {Step[]} steps @returns {Story} */
function held(steps) {
  return { holds: true, files: "plate", steps };
}

/** @param {Step[]} steps @param {any} usage @param {string | null} lane */
function costing(steps, usage, lane) {
  return steps.map((one) => {
    if (one.event !== "complete") return one;
    return { ...one, data: { ...one.data, ...(lane === null ? {} : { lane }), usage } };
  });
}
