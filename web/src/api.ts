// The only file that talks to the appliance. It knows the routes, and turns every way of failing into a `Failure`.
import { EVENT_NAMES, parseEvent, reading } from "./events.ts";
import type { Failure } from "./state.ts";
import type {
  CatalogStep,
  Conversation,
  Engine,
  ErrorBody,
  Health,
  JobEvent,
  JobList,
  JobRecord,
  Models,
  Scene,
  System,
  Values,
} from "./wire.ts";

export class ApiError extends Error {
  constructor(
    readonly failure: Failure,
    readonly status: number,
  ) {
    super(failure.message);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return { code: "page", message: error instanceof Error ? error.message : String(error), hint: null };
}

export function fetchHealth(): Promise<Health> {
  return request("/api/health");
}

export function fetchSystem(): Promise<System> {
  return request("/api/system");
}

export async function fetchCatalog(): Promise<CatalogStep[]> {
  return (await request<{ steps: CatalogStep[] }>("/api/catalog")).steps;
}

export async function fetchModels(): Promise<Models> {
  const models = await request<Models>("/api/models");
  return { ...models, models: models.models ?? [], remote: models.remote ?? null };
}

export async function loadModel(name: string): Promise<void> {
  await post("/api/models/load", { name });
}

export async function unloadModel(): Promise<void> {
  await post("/api/models/unload", {});
}

export async function fetchJobs(limit: number): Promise<JobRecord[]> {
  return (await request<JobList>(`/api/jobs?limit=${limit}`)).jobs.map(recordWithLists);
}

export async function fetchJob(id: string): Promise<JobRecord> {
  return recordWithLists(await request<JobRecord>(`/api/jobs/${encodeURIComponent(id)}`));
}

/** What is asked for: a prompt, a program, or the parent's part with other values. With a parent it goes on from that part. */
export interface Submission {
  prompt: string | null;
  program: string | null;
  parameters: Values | null;
  parent: string | null;
  /** Who is asked for the draft of a prompt; nothing else needs one. */
  engine?: Engine;
}

export interface Accepted {
  id: string;
  conversation: string | null;
}

export async function submitJob(submission: Submission): Promise<Accepted> {
  const { prompt, program, parameters, parent, engine = "auto" } = submission;
  // `auto` is what the appliance does when nothing is said.
  const drafted = engine === "auto" ? { prompt } : { prompt, engine };
  // Other values are run for their mesh alone, to be quick; the other files are made when they are asked for.
  const asked =
    parameters !== null ? { parameters, formats: ["glb"] } : prompt !== null ? drafted : { program };
  const body = parent === null ? asked : { ...asked, parent };
  const { id, conversation = null } = await post<{ id: string; conversation?: string | null }>(
    "/api/jobs",
    body,
  );
  return { id, conversation };
}

export function fetchConversation(id: string): Promise<Conversation> {
  return request(`/api/conversations/${encodeURIComponent(id)}`);
}

/** The job's program with these values in its text, if `text` is still that program. */
export async function writeParameters(id: string, text: string, parameters: Values): Promise<string> {
  const hash = await sha256(text);
  const path = `/api/jobs/${encodeURIComponent(id)}/parameters`;
  return (await post<{ program: string }>(path, { parameters, hash })).program;
}

export async function cancelJob(id: string): Promise<void> {
  await post(`/api/jobs/${encodeURIComponent(id)}/cancel`, {});
}

export async function exportJob(id: string, format: string): Promise<string> {
  return (await post<{ path: string }>(`/api/jobs/${encodeURIComponent(id)}/export`, { format })).path;
}

export async function fetchBytes(path: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await send(path, { signal })).arrayBuffer();
}

export async function fetchScene(path: string, signal: AbortSignal): Promise<Scene> {
  return (await (await send(path, { signal })).json()) as Scene;
}

export interface StreamListener {
  opened(): void;
  event(id: number, event: JobEvent): void;
  unread(name: string): void;
  /** The connection broke and the browser is taking it up again where it was. */
  lost(): void;
  /** The appliance refused the stream; it will not come back. */
  refused(): void;
}

/** Follows a job until its `complete` event. The browser resumes with Last-Event-ID by itself. Returns the way to stop. */
export function followJob(id: string, listener: StreamListener): () => void {
  const source = new EventSource(`/api/jobs/${encodeURIComponent(id)}/events`);
  // Without ids from the appliance, counting keeps the order; a replay then starts from an empty job anyway.
  let count = 0;
  source.addEventListener("open", () => listener.opened());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) listener.refused();
    else listener.lost();
  });
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      const given = Number.parseInt(message.lastEventId, 10);
      const number = Number.isNaN(given) ? count : given;
      count = number + 1;
      const event = parseEvent(name, message.data);
      if (event === null) listener.unread(name);
      else listener.event(number, event);
      if (name === "complete") source.close();
    });
  }
  return () => source.close();
}

function recordWithLists(record: JobRecord): JobRecord {
  return {
    ...record,
    conversation: record.conversation ?? null,
    parent: record.parent ?? null,
    origin: record.origin ?? "prompt",
    checks: record.checks ?? [],
    warnings: record.warnings ?? [],
    artifacts: record.artifacts ?? {},
    phases: record.phases ?? {},
    parameters: record.parameters ?? {},
    declared: record.declared ?? [],
    changes: record.changes ?? [],
    usage: record.usage ?? null,
    reading: record.reading === null ? null : reading({ ...record.reading }),
  };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function post<T>(path: string, body: unknown): Promise<T> {
  return request<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await send(path, init)).json()) as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: "no-cache", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(
      {
        code: "unreachable",
        message: "The appliance does not answer",
        hint: "Check that `naturalcad serve` still runs; this page goes on as soon as it does",
      },
      0,
    );
  }
  if (!response.ok) throw new ApiError(await readFailure(response), response.status);
  return response;
}

async function readFailure(response: Response): Promise<Failure> {
  try {
    const { error } = (await response.json()) as ErrorBody;
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  } catch {
    return {
      code: `http_${response.status}`,
      message: `The appliance answered ${response.status}`,
      hint: null,
    };
  }
}
