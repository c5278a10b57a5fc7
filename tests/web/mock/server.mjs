// @ts-check
// A mock of the appliance for developing and testing the page: the contract's routes over scripted stories. It serves the
// built page with the same content-security policy as the real one, so that a page that needs more fails here already.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { createModels, modelStory } from "./models.mjs";
import { CATALOG, programStory, promptStory, sample } from "./stories.mjs";
import { conversationOf, editStory, hashOf, tuneStory, writeInto } from "./versions.mjs";

const DIST = new URL("../../../web/dist/", import.meta.url);
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".glb": "model/gltf-binary",
  ".json": "application/json",
  ".step": "model/step",
  ".stl": "model/stl",
  ".3mf": "model/3mf",
  ".py": "text/x-python; charset=utf-8",
};
const END_STATES = ["built", "question", "failed", "refused", "timed_out", "cancelled"];

/**
 * @typedef {import("node:http").ServerResponse} Response
 * @typedef {{ event: string, data: any }} Sent
 * @typedef {{ record: any, story: import("./stories.mjs").Story, sent: Sent[], listeners: Set<Response>, done: boolean }} Job
 * @typedef {{ warm: boolean, broken: string | null, beat: number, loading: number }} Settings
 */

/** A started mock: `settings` may be changed while it runs. @param {{ port?: number, settings?: Partial<Settings> }} options */
export async function startMock(options = {}) {
  /** @type {Settings} */
  const settings = { warm: true, broken: null, beat: 5, loading: 150, ...options.settings };
  /** @type {Map<string, Job>} */
  const jobs = new Map();
  /** What was asked for, as it came. @type {any[]} */
  const submissions = [];
  const models = createModels(settings.loading);
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set();

  function runner() {
    const state = settings.broken !== null ? "broken" : settings.warm ? "ready" : "warming";
    return { state, workers_ready: settings.warm ? 2 : 0, workers: 2, message: settings.broken };
  }

  /** @param {Job} job @param {Sent} sent */
  function send(job, sent) {
    job.sent.push(sent);
    apply(job, sent);
    for (const listener of job.listeners) write(listener, sent, job.sent.length - 1);
    if (sent.event !== "complete") return;
    job.done = true;
    for (const listener of job.listeners) listener.end();
    job.listeners.clear();
  }

  /** @param {Job} job @param {number} at */
  function play(job, at) {
    const step = job.story.steps[at];
    if (step === undefined || job.done) return;
    // Lines come in a burst, as from a program that prints in a loop.
    if (step.event === "log" && !step.wait) {
      send(job, { event: step.event, data: step.data });
      return play(job, at + 1);
    }
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        if (job.done) return;
        // A cold runner takes no job: it waits in the queue, as on the real appliance.
        if (!settings.warm && step.event !== "log" && step.data.state !== "queued") return play(job, at);
        send(job, { event: step.event, data: step.data });
        play(job, at + 1);
      },
      (step.wait ?? 0) + settings.beat,
    );
    timers.add(timer);
  }

  /** @param {any} body */
  function submit(body) {
    const id = randomUUID();
    const prompt = typeof body.prompt === "string" ? body.prompt : null;
    const program = typeof body.program === "string" ? body.program : null;
    const parent = jobs.get(body.parent)?.record ?? null;
    // A version that built nothing is passed over, as on the real appliance.
    let base = parent;
    while (base !== null && base.state !== "built") base = jobs.get(base.parent)?.record ?? null;
    const story =
      program !== null
        ? programStory(id, program)
        : base === null
          ? startStory(id, prompt ?? "", body.engine ?? "auto")
          : prompt === null
            ? tuneStory(id, base, body.parameters)
            : editStory(id, base, prompt);
    const conversation = parent?.conversation ?? id;
    const record = {
      id,
      conversation,
      parent: parent?.id ?? null,
      version: 1 + versionsOf(conversation).length,
      origin:
        program !== null ? "program" : prompt === null ? "parameters" : base === null ? "prompt" : "edit",
      parameters: story.parameters ?? {},
      declared: [],
      changes: story.changes ?? [],
      state: "queued",
      created: new Date().toISOString(),
      finished: null,
      prompt,
      lane: null,
      program,
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
    /** @type {Job} */
    const job = { record, story, sent: [], listeners: new Set(), done: false };
    jobs.set(id, job);
    play(job, 0);
    return { id, conversation, version: record.version };
  }

  /** A prompt that no template understands in full goes to the model, if there is one. @param {string} id @param {string} prompt @param {string} engine */
  function startStory(id, prompt, engine) {
    const odd = models.now.state === "ready" && prompt.includes("odd");
    const toModel = engine === "auto" ? odd : engine !== "template";
    return toModel ? modelStory(id, prompt, engine) : promptStory(id, prompt);
  }

  /** @param {string} conversation */
  function versionsOf(conversation) {
    return [...jobs.values()]
      .map((job) => job.record)
      .filter((record) => record.conversation === conversation);
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://mock");
    const parts = url.pathname.split("/").filter(Boolean);
    try {
      if (parts[0] === "api") await api(request, response, url, parts.slice(1));
      else if (parts[0] === "artifacts") artifact(response, url, parts[1] ?? "");
      else page(response, url.pathname);
    } catch (error) {
      fail(response, 500, "mock", String(error));
    }
  });

  /** @param {import("node:http").IncomingMessage} request @param {Response} response @param {URL} url @param {string[]} parts */
  async function api(request, response, url, parts) {
    const [head, id, verb] = parts;
    if (head === "health") {
      const status = settings.broken !== null ? "broken" : settings.warm ? "ok" : "warming";
      return json(response, 200, { status, runner: runner(), version: "0.1.0" });
    }
    if (head === "system") {
      const runtime = { python: "3.11.7", build123d: "0.13.0", ocp: "8.0.1.1.0" };
      return json(response, 200, {
        version: "0.1.0",
        runtime,
        runner: runner(),
        llama: { linked: true, features: [] },
        limits: { wall_seconds: 60 },
        models: [],
      });
    }
    if (head === "catalog") return json(response, 200, CATALOG);
    if (head === "models") {
      if (request.method !== "POST") return json(response, 200, models.now);
      const refused = id === "load" ? models.load(JSON.parse(await text(request)).name) : models.unload();
      if (refused) return fail(response, 409, "model", refused, "Copy the file again");
      return json(response, 202, { state: models.now.state });
    }
    if (head === "conversations") {
      const versions = versionsOf(id ?? "");
      if (versions.length === 0) return fail(response, 404, "not_found", "There is no such conversation");
      return json(response, 200, conversationOf(versions));
    }
    if (head !== "jobs") return fail(response, 404, "not_found", "There is no such route");
    if (id === undefined && request.method === "POST") {
      const body = JSON.parse(await text(request));
      if (typeof body.prompt === "string" && body.prompt.trim() === "") {
        return fail(
          response,
          400,
          "empty_prompt",
          "The prompt is empty",
          "Write what part you want, for example `60x40x10 plate`",
        );
      }
      submissions.push(body);
      return json(response, 202, submit(body));
    }
    if (id === undefined) {
      const newest = [...jobs.values()].reverse().map((job) => job.record);
      return json(response, 200, {
        jobs: newest.slice(0, Number(url.searchParams.get("limit") ?? 20)),
        next: null,
      });
    }
    const job = jobs.get(id);
    if (job === undefined) {
      return fail(
        response,
        404,
        "unknown_job",
        `There is no job \`${id}\``,
        "It may be from before the appliance was restarted",
      );
    }
    if (verb === undefined) return json(response, 200, job.record);
    if (verb === "events") return events(request, response, job);
    if (verb === "cancel") {
      if (!job.done) {
        send(job, { event: "state", data: { state: "cancelled" } });
        const detail = { code: "cancelled", message: "Cancelled", hint: null };
        send(job, {
          event: "complete",
          data: { success: false, job: id, status: "cancelled", error: "Cancelled", detail },
        });
      }
      return json(response, 200, { id, state: job.record.state });
    }
    if (verb === "parameters") {
      const { parameters, hash } = JSON.parse(await text(request));
      if (hash !== hashOf(job.record.program))
        return fail(response, 409, "changed", "The program is not the one that was seen");
      const program = writeInto(job.record.program, parameters);
      return json(response, 200, { program, hash: hashOf(program) });
    }
    if (verb === "export") {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { format } = JSON.parse(await text(request));
      if (!["3mf", "step", "stl"].includes(format))
        return fail(response, 400, "unknown_format", `Format \`${format}\` is not made here`);
      job.record.artifacts[format] = `/artifacts/${id}.${format}`;
      return json(response, 200, { path: `/artifacts/${id}.${format}` });
    }
    return fail(response, 404, "not_found", "There is no such route");
  }

  /** @param {import("node:http").IncomingMessage} request @param {Response} response @param {Job} job */
  function events(request, response, job) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
    const last = Number.parseInt(String(request.headers["last-event-id"] ?? "-1"), 10);
    job.sent.forEach((sent, index) => index > last && write(response, sent, index));
    if (job.done) return response.end();
    job.listeners.add(response);
    request.on("close", () => job.listeners.delete(response));
    return undefined;
  }

  /** @param {Response} response @param {URL} url @param {string} name */
  function artifact(response, url, name) {
    const [id = "", ...rest] = name.split(".");
    const job = jobs.get(id);
    const format = rest.join(".");
    if (job === undefined) return fail(response, 404, "unknown_job", "There is no such file");
    /** @type {Record<string, () => Buffer>} */
    const files = {
      glb: () => sample(`${job.story.files}.glb`),
      "scene.json": () => sample(`${job.story.files}.scene.json`),
      step: () => sample("plate.step"),
      py: () => Buffer.from(String(job.record.program)),
      // Only the page's handling is tested with these; their bytes mean nothing.
      stl: () => Buffer.from("solid mock\nendsolid mock\n"),
      "3mf": () => Buffer.from("PK mock"),
    };
    const read = files[format];
    if (read === undefined) return fail(response, 404, "no_artifact", "There is no such file");
    /** @type {Record<string, string>} */
    const headers = { "content-type": TYPES[extname(name)] ?? "application/octet-stream" };
    if (url.searchParams.get("download") === "1")
      headers["content-disposition"] = `attachment; filename="part.${format}"`;
    response.writeHead(200, headers).end(read());
    return undefined;
  }

  await new Promise((resolve) => server.listen(options.port ?? 0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    settings,
    submissions,
    models,
    /** Breaks every open event stream, as a network hiccup would. */
    dropStreams() {
      for (const job of jobs.values()) for (const listener of job.listeners) listener.destroy();
    },
    /** Sends one more event in a held story. @param {string} id @param {Sent} sent */
    push(id, sent) {
      const job = jobs.get(id);
      if (job !== undefined) send(job, sent);
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      models.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Keeps the record as the real appliance would have it after this event. @param {Job} job @param {Sent} sent */
function apply(job, { event, data }) {
  const { record } = job;
  if (event === "state") record.state = data.state;
  if (event === "reading") record.reading = data;
  if (event === "draft") Object.assign(record, { lane: data.lane, program: data.program, plan: data.plan });
  if (event === "part") {
    Object.assign(record, { measures: data.measures, warnings: data.warnings, declared: data.parameters });
    record.artifacts = { glb: data.glb, scene: data.scene };
  }
  if (event === "checks") Object.assign(record, { checks: data.checks, sure: data.sure });
  if (event !== "complete") return;
  Object.assign(record, { lane: data.lane ?? record.lane, usage: data.usage ?? null });
  record.finished = new Date().toISOString();
  if (END_STATES.includes(data.status)) record.state = data.status;
  if (!data.success) {
    Object.assign(record, { error: data.detail, message: data.error, measures: null, declared: [] });
  }
  if (data.success) {
    Object.assign(record, { seconds: data.seconds, phases: data.phases });
    Object.assign(record.artifacts, { step: data.stepPath, stl: data.stlPath, py: data.programPath });
  }
}

/** @param {Response} response @param {Sent} sent @param {number} id */
function write(response, sent, id) {
  response.write(`id: ${id}\nevent: ${sent.event}\ndata: ${JSON.stringify(sent.data)}\n\n`);
}

/** @param {Response} response @param {string} path */
function page(response, path) {
  const name = path === "/" ? "index.html" : path.slice(1);
  const file = new URL(name, DIST);
  if (!file.href.startsWith(DIST.href) || !existsSync(file))
    return fail(response, 404, "not_found", "There is no such page");
  const headers = {
    "content-type": TYPES[extname(name)] ?? "application/octet-stream",
    "content-security-policy": CSP,
  };
  response.writeHead(200, headers).end(readFileSync(file));
  return undefined;
}

/** @param {Response} response @param {number} status @param {unknown} body */
function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** @param {Response} response @param {number} status @param {string} code @param {string} message @param {string | null} hint */
function fail(response, status, code, message, hint = null) {
  json(response, status, { error: { code, message, hint } });
}

/** @param {import("node:http").IncomingMessage} request */
async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
