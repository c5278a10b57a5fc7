// @ts-check
// What the mock appliance knows of versions: the parameters of a program, other values of them, and a few edits in words.
import { createHash } from "node:crypto";
import { built, notBuilt, PLATE_PROGRAM, promptStory, step } from "./stories.mjs";

/**
 * @typedef {import("./stories.mjs").Story} Story
 * @typedef {{ what: string, from: string | null, to: string | null }} Change
 */

const LINE = /^([A-Z][A-Z0-9_]*) = ([^#\n]*?)(?:  # (?:\[([^\]]*)\])? ?([^|\n]*?)(?: ?\| ?(.*))?)?$/;

/** The parameters of a program, with other values where `values` has some. @param {string} program @param {Record<string, any>} values */
export function declare(program, values = {}) {
  const found = [];
  let at = 0;
  for (const [index, line] of program.split("\n").entries()) {
    const match = LINE.exec(line);
    if (match !== null) {
      const [, name = "", text = "", range, unit, label] = match;
      const start = at + name.length + 3;
      const literal =
        text === "True" || text === "False" ? text === "True" : JSON.parse(text.replaceAll("'", '"'));
      const bounds = (range ?? "").split(":").map(Number);
      const choices = range?.includes(",") ? JSON.parse(`[${range.replaceAll("'", '"')}]`) : [];
      const ranged = typeof literal === "number" && bounds.length === 3;
      const kind =
        choices.length > 0
          ? "choice"
          : typeof literal === "boolean"
            ? "switch"
            : typeof literal === "string"
              ? "text"
              : text.includes(".")
                ? "number"
                : "count";
      found.push({
        name,
        value: values[name] ?? literal,
        kind,
        min: ranged ? bounds[0] : null,
        max: ranged ? bounds[2] : null,
        step: ranged ? bounds[1] : null,
        unit: unit || null,
        label: label || null,
        choices,
        line: index + 1,
        span: [start, start + text.length],
      });
    }
    at += Array.from(line).length + 1;
  }
  return found;
}

/** @param {string} program @param {Record<string, any>} values */
export function writeInto(program, values) {
  const characters = Array.from(program);
  for (const { name, kind, span } of declare(program).reverse()) {
    if (!(name in values)) continue;
    const value = values[name];
    const text =
      typeof value === "boolean"
        ? value
          ? "True"
          : "False"
        : typeof value === "string"
          ? `"${value}"`
          : kind === "number" && Number.isInteger(value)
            ? value.toFixed(1)
            : String(value);
    characters.splice(Number(span[0]), Number(span[1]) - Number(span[0]), text);
  }
  return characters.join("");
}

/** @param {string} text */
export function hashOf(text) {
  return createHash("sha256").update(text).digest("hex");
}

/** The parent's part with other values. @param {string} id @param {any} parent @param {Record<string, any>} moved @returns {Story} */
export function tuneStory(id, parent, moved) {
  const before = declare(parent.program, parent.parameters);
  const parameters = { ...parent.parameters, ...moved };
  const { program } = parent;
  const start = [
    step("log", { message: `Job ${id}` }),
    step("state", { state: "queued", position: 0 }),
    step("draft", { lane: parent.lane, program, plan: null }),
    step("state", { state: "running" }),
  ];
  const declared = declare(program, parameters);
  const wrong = problem(declared);
  /** @type {Change[]} */
  const changes = before
    .filter(({ name, value }) => name in moved && moved[name] !== value)
    .map(({ name, label, value, unit }) => ({
      what: (label ?? name).toLowerCase(),
      from: `${value} ${unit ?? ""}`.trim(),
      to: `${moved[name]} ${unit ?? ""}`.trim(),
    }));
  const told = { parameters, changes, files: "plate", holds: false };
  if (wrong !== null) {
    const message = `ValueError in line 9: ${wrong}`;
    const detail = {
      code: "raised",
      type: "ValueError",
      message,
      hint: null,
      line: 9,
      column: null,
      excerpt: [],
    };
    return { ...told, steps: [...start, ...notBuilt(id, "failed", detail)] };
  }
  const steps = built(id, "plate", [], parent.lane, { bounding_box: boxOf(declared) }, declared).map((one) =>
    // Only the mesh was asked for.
    one.event === "complete" ? { ...one, data: { ...one.data, stepPath: null, stlPath: null } } : one,
  );
  return { ...told, steps: [...start, ...steps] };
}

/** A sentence about the parent's part. @param {string} id @param {any} parent @param {string} prompt @returns {Story} */
export function editStory(id, parent, prompt) {
  const long = /(\d+) long/.exec(prompt);
  if (prompt.includes("instead of what")) {
    const story = promptStory(id, `question ${prompt}`);
    return { ...story, parameters: parent.parameters };
  }
  if (long === null && !prompt.includes("bore")) return promptStory(id, prompt);
  const before = declare(parent.program, parent.parameters);
  const values = Object.fromEntries(before.map(({ name, value }) => [name, value]));
  /** @type {Change[]} */
  const changes = [];
  if (long !== null) {
    changes.push({ what: "length", from: `${values["LENGTH"]} mm`, to: `${long[1]} mm` });
    values["LENGTH"] = Number(long[1]);
  }
  if (prompt.includes("bore")) changes.push({ what: "hole", from: null, to: "diameter 20 mm, through" });
  if (prompt.includes("without the corner holes"))
    changes.push({ what: "corner holes", from: "4 × 5 mm", to: null });
  const program = writeInto(parent.program ?? PLATE_PROGRAM, values);
  const declared = declare(program);
  const reading = {
    used: changes.map(({ what, to }) => ({ text: what, as: to ?? "removed" })),
    ignored: [],
    unread: [],
    assumed: [],
    notes: [],
    question: null,
    complete: true,
    changes,
    undo: false,
    spans: [{ start: 0, end: prompt.length, kind: "used" }],
  };
  return {
    holds: false,
    files: "plate",
    changes,
    steps: [
      step("log", { message: `Job ${id}` }),
      step("state", { state: "queued", position: 0 }),
      step("state", { state: "reading" }, 20),
      step("reading", reading),
      step("draft", { lane: "template", program, plan: { plan: 1, bodies: [] } }),
      step("state", { state: "running" }),
      ...built(id, "plate", [], "template", { bounding_box: boxOf(declared) }, declared),
    ],
  };
}

/** @param {any[]} records of one conversation, oldest first */
export function conversationOf(records) {
  return {
    id: records[0].conversation,
    title: records[0].prompt,
    created: records[0].created,
    count: records.length,
    versions: records.map((record) => ({
      job: record.id,
      version: record.version,
      parent: record.parent,
      origin: record.origin,
      prompt: record.prompt,
      changes: record.changes,
      state: record.state,
      sure: record.sure,
      lane: record.lane,
      created: record.created,
      message: record.message,
    })),
  };
}

/** What forbids these values, as the program or the runner would say it. @param {ReturnType<typeof declare>} declared */
function problem(declared) {
  const values = Object.fromEntries(declared.map(({ name, value }) => [name, value]));
  for (const { name, value, min, max, unit } of declared) {
    if (typeof value !== "number") continue;
    if (max !== null && value > Number(max))
      return `Parameter \`${name}\` is at most ${max} ${unit}, not ${value}`;
    if (min !== null && value < Number(min))
      return `Parameter \`${name}\` is at least ${min} ${unit}, not ${value}`;
  }
  const limit = Math.min(values["LENGTH"] ?? Infinity, values["WIDTH"] ?? Infinity) / 2;
  return (values["CORNER_RADIUS"] ?? 0) >= limit
    ? `CORNER_RADIUS must stay below ${limit} mm, half of the shorter side`
    : null;
}

/** @param {ReturnType<typeof declare>} declared */
function boxOf(declared) {
  const values = Object.fromEntries(declared.map(({ name, value }) => [name, value]));
  const size = [values["LENGTH"] ?? 60, values["WIDTH"] ?? 40, values["HEIGHT"] ?? 10];
  return { min: size.map((side) => -side / 2), max: size.map((side) => side / 2), size };
}
