// @ts-check
// What the mock appliance answers: for every prompt or program a list of events, as the real one would send them.
// A story is picked by a word in the text, so that a browser test says in its prompt what it is about.
import { readFileSync } from "node:fs";
import { declare } from "./versions.mjs";

const SAMPLES = new URL("../samples/", import.meta.url);

/** @param {string} name */
export function sample(name) {
  return readFileSync(new URL(name, SAMPLES));
}

/** @param {string} name */
function sceneOf(name) {
  return JSON.parse(sample(`${name}.scene.json`).toString("utf8"));
}

export const PLATE_PROGRAM = `from build123d import *

# 60x40x10 mm plate with four 5 mm holes
LENGTH = 60.0  # [10:0.5:200] mm | Length
WIDTH = 40.0  # [10:0.5:200] mm | Width
HEIGHT = 10.0  # [1:0.5:100] mm | Height
HOLE_DIAMETER = 5.0  # [1:0.1:20] mm | Hole diameter
INSET = 6.0  # [3:0.5:20] mm | Inset
CORNER_RADIUS = 5.0  # [0.5:0.5:20] mm | Corner radius

plate = Box(LENGTH, WIDTH, HEIGHT)
plate = fillet(plate.edges().filter_by(Axis.Z), CORNER_RADIUS)
for place in GridLocations(LENGTH - 2 * INSET, WIDTH - 2 * INSET, 2, 2):
    plate -= place * Cylinder(HOLE_DIAMETER / 2, HEIGHT)

result = plate
`;

const ASSUMED = [
  { what: "holes go through", why: "no depth given" },
  { what: "holes start on the top face", why: "no face named" },
];

/** The words of the plate's prompt, as the template engine would read them. @param {string} prompt */
export function reading(prompt) {
  /** @type {[string, string, "used" | "ignored" | "unread"][]} */
  const known = [
    ["60x40x10 mm", "length 60 mm, width 40 mm, height 10 mm", "used"],
    ["plate", "box", "used"],
    ["four", "4 holes", "used"],
    ["5 mm holes", "hole, diameter 5 mm", "used"],
    ["6 mm from the edges", "in the corners, inset 6 mm", "used"],
    ["5 mm corner radius", "fillet on the vertical edges, radius 5 mm", "used"],
    ["please", "", "ignored"],
    ["with", "", "ignored"],
    ["and", "", "ignored"],
    ["shiny", "", "unread"],
  ];
  const spans = [];
  const characters = Array.from(prompt).join("");
  for (const [text, , kind] of known) {
    const start = characters.indexOf(text);
    if (start >= 0) spans.push({ start, end: start + text.length, kind });
  }
  const found = known.filter(([text]) => prompt.includes(text));
  const unread = found.filter(([, , kind]) => kind === "unread").map(([text]) => text);
  return {
    used: found.filter(([, , kind]) => kind === "used").map(([text, as]) => ({ text, as })),
    ignored: found.filter(([, , kind]) => kind === "ignored").map(([text]) => text),
    unread,
    assumed: ASSUMED,
    notes: [],
    question: null,
    complete: unread.length === 0,
    changes: [],
    undo: false,
    spans,
  };
}

const CHECKS = [
  { what: "length", asked: "60 mm", got: "60 mm", status: "met", why: null },
  { what: "width", asked: "40 mm", got: "40 mm", status: "met", why: null },
  { what: "height", asked: "10 mm", got: "10 mm", status: "met", why: null },
  { what: "holes", asked: "4 × Ø5 mm", got: "4 × Ø5 mm", status: "met", why: null },
  { what: "inset", asked: "6 mm", got: "6 mm", status: "met", why: null },
  { what: "corner radius", asked: "5 mm", got: "5 mm", status: "met", why: null },
];

/**
 * @typedef {{ event: string, data: any, wait?: number }} Step
 * @typedef {{ steps: Step[], holds: boolean, files: string, changes?: any[], parameters?: Record<string, any> }} Story
 */

/** @param {string} event @param {any} data @param {number} [wait] milliseconds before it @returns {Step} */
export function step(event, data, wait = 0) {
  return { event, data, wait };
}

/** @param {string} id @param {string} files @param {any[]} warnings @param {string} lane @param {any} change @param {any[]} parameters */
export function built(id, files, warnings, lane, change, parameters) {
  const measures = { ...sceneOf(files).measures, ...change };
  const at = `/artifacts/${id}`;
  return [
    step("part", {
      glb: `${at}.glb`,
      scene: `${at}.scene.json`,
      measures,
      kind: "solid",
      warnings,
      parameters,
    }),
    step("state", { state: "exporting" }),
    ...(lane === "template" ? [step("checks", { checks: CHECKS, sure: true })] : []),
    step("state", { state: "built" }),
    step(
      "complete",
      {
        success: true,
        job: id,
        lane,
        stlPath: `${at}.stl`,
        stepPath: `${at}.step`,
        glbPath: `${at}.glb`,
        scenePath: `${at}.scene.json`,
        programPath: `${at}.py`,
        measures,
        warnings,
        seconds: 0.123,
        phases: { read_ms: 1, build_ms: 48, measure_ms: 9, mesh_ms: 11, step_ms: 22, stl_ms: 20 },
      },
      30,
    ),
  ];
}

/** @param {string} id @param {string} status @param {any} detail */
export function notBuilt(id, status, detail) {
  return [
    step("state", { state: status }),
    step("complete", { success: false, job: id, status, error: detail.message, detail }),
  ];
}

/** @param {string} id @param {string} program @returns {Story} */
export function programStory(id, program) {
  const start = [
    step("log", { message: `Job ${id}` }),
    step("state", { state: "queued", position: 0 }),
    step("draft", { lane: "code", program, plan: null }),
    step("state", { state: "running" }),
  ];
  const lines = program.split("\n");
  const bad = lines.findIndex((line) => line.includes("raise") || line.includes("undefined_name"));
  if (bad >= 0) {
    const line = bad + 1;
    const excerpt = [line - 1, line, line + 1]
      .filter((number) => number >= 1 && number <= lines.length)
      .map((number) => ({ line: number, text: lines[number - 1] ?? "" }));
    return {
      holds: false,
      files: "plate",
      steps: [
        ...start,
        step("log", { message: "NameError: name 'undefined_name' is not defined", level: "error" }, 60),
        ...notBuilt(id, "failed", {
          code: "raised",
          type: "NameError",
          message: "name 'undefined_name' is not defined",
          hint: "Define it above this line, or check its spelling",
          line,
          column: null,
          excerpt,
        }),
      ],
    };
  }
  const prints = [];
  const many = /print_lines\((\d+)\)/.exec(program);
  for (let index = 0; index < Number(many?.[1] ?? 0); index += 1) {
    prints.push(step("log", { message: `line ${index + 1}`, level: "info" }));
  }
  const files = program.includes("post") ? "post" : "plate";
  return {
    holds: false,
    files,
    steps: [...start, ...prints, ...built(id, files, [], "code", {}, declare(program))],
  };
}

/** @param {string} id @param {string} prompt @returns {Story} */
export function promptStory(id, prompt) {
  const start = [
    step("log", { message: `Job ${id}` }),
    step("state", { state: "queued", position: 0 }),
    step("state", { state: "reading" }, 20),
  ];
  if (prompt.includes("question")) {
    return {
      holds: false,
      files: "plate",
      steps: [
        ...start,
        step("reading", { ...reading(prompt), unread: ["question"], complete: false }),
        ...notBuilt(id, "question", {
          code: "no_body",
          message: "What is the body? The prompt names no box, cylinder or other base",
          hint: "Say for example `60x40x10 mm plate with …`",
        }),
      ],
    };
  }
  const draft = [
    step("reading", reading(prompt)),
    step("draft", { lane: "template", program: PLATE_PROGRAM, plan: { plan: 1, bodies: [] } }),
    step("state", { state: "running" }),
  ];
  if (prompt.includes("too large")) {
    const line = PLATE_PROGRAM.split("\n").findIndex((text) => text.includes("fillet")) + 1;
    return {
      holds: false,
      files: "plate",
      steps: [
        ...start,
        ...draft,
        ...notBuilt(id, "failed", {
          code: "raised",
          type: "ValueError",
          message: "CORNER_RADIUS is 25 mm; the plate is 40 mm wide, so it may be at most 19.99 mm",
          hint: "Ask for a smaller corner radius",
          line,
          column: null,
          excerpt: [{ line, text: PLATE_PROGRAM.split("\n")[line - 1] ?? "" }],
        }),
      ],
    };
  }
  if (prompt.includes("slow")) {
    return {
      holds: true,
      files: "plate",
      steps: [...start, ...draft, step("log", { message: "still turning" }, 50)],
    };
  }
  if (prompt.includes("open shell")) {
    const warnings = [
      { code: "not_closed", message: "The solid is not closed: 4 edges belong to one face only." },
    ];
    return {
      holds: false,
      files: "plate",
      steps: [
        ...start,
        ...draft,
        ...built(
          id,
          "plate",
          warnings,
          "template",
          { manifold: false, valid: false },
          declare(PLATE_PROGRAM),
        ),
      ],
    };
  }
  const files = prompt.includes("post") ? "post" : "plate";
  return {
    holds: false,
    files,
    steps: [...start, ...draft, ...built(id, files, [], "template", {}, declare(PLATE_PROGRAM))],
  };
}

export const CATALOG = {
  steps: [
    ["box", "base", "Box", ["60x40x10 mm box"]],
    ["cylinder", "base", "Cylinder", ["Cylinder Ø30 mm, 50 mm tall"]],
    ["cone", "base", "Cone", ["Cone 40 mm to 20 mm, 30 mm tall"]],
    ["sphere", "base", "Sphere", ["Ball of 25 mm diameter"]],
    ["torus", "base", "Torus", ["Ring of 40 mm, 6 mm thick"]],
    ["tube", "base", "Tube", ["Tube 30 mm outside, 24 mm inside, 100 mm long"]],
    ["hole", "feature", "Hole", ["5 mm hole through"]],
    ["counterbore", "feature", "Counterbore", ["M5 counterbored hole"]],
    ["slot", "feature", "Slot", ["20x6 mm slot"]],
    ["pocket", "feature", "Pocket", ["30x20 mm pocket 5 mm deep"]],
    ["boss", "feature", "Boss", ["10 mm boss, 8 mm tall"]],
    ["fillet", "feature", "Fillet", ["3 mm fillet on the top edges"]],
    ["chamfer", "feature", "Chamfer", ["1 mm chamfer"]],
    ["centre", "placement", "Centre", []],
    ["corners", "placement", "Corners", []],
    ["circle", "pattern", "Circle", []],
    ["grid", "pattern", "Grid", []],
    ["line", "pattern", "Line", []],
  ].map(([name, kind, title, examples]) => ({ name, kind, title, words: [name], examples, arguments: [] })),
};
