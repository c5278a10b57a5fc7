// Turns the text of one server-sent event into a typed event, once, at the edge. Text that does not parse becomes
// null and the caller says so in the log; a half-understood event never reaches the store.
import { isLane } from "./lanes.ts";
import type { JobEvent, JobEventName, JobState, LogLevel, Reading } from "./wire.ts";

export const EVENT_NAMES: readonly JobEventName[] = [
  "log",
  "state",
  "reading",
  "asked",
  "progress",
  "text",
  "repair",
  "draft",
  "part",
  "checks",
  "complete",
];

const BUSY: readonly string[] = ["queued", "reading", "writing", "running", "exporting"];
const ENDED: readonly string[] = [
  "built",
  "question",
  "failed",
  "refused",
  "timed_out",
  "cancelled",
  "interrupted",
];

export function isBusy(state: JobState): boolean {
  return BUSY.includes(state);
}

export function parseEvent(name: string, text: string): JobEvent | null {
  const data = parseObject(text);
  if (data === null) return null;
  switch (name) {
    case "log":
      if (typeof data["message"] !== "string") return null;
      return { event: "log", data: { message: data["message"], level: level(data["level"]) } };
    case "state": {
      const state = data["state"];
      if (typeof state !== "string" || !(BUSY.includes(state) || ENDED.includes(state))) return null;
      const position = typeof data["position"] === "number" ? data["position"] : null;
      return { event: "state", data: { state: state as JobState, position } };
    }
    case "reading":
      return { event: "reading", data: reading(data) };
    case "asked": {
      const { lane, model, round } = data;
      if (!isLane(lane) || typeof model !== "string" || typeof round !== "number") return null;
      return { event: "asked", data: { lane, model, round } };
    }
    case "progress": {
      const { what, done, total } = data;
      if (typeof what !== "string" || typeof done !== "number" || typeof total !== "number") return null;
      return { event: "progress", data: { what, done, total } };
    }
    case "text":
      return typeof data["text"] === "string" ? { event: "text", data: { text: data["text"] } } : null;
    case "repair": {
      const { why, how } = data;
      if (typeof why !== "string" || typeof how !== "string") return null;
      return { event: "repair", data: { why, how } };
    }
    case "draft":
      return typeof data["lane"] === "string" ? ({ event: "draft", data } as unknown as JobEvent) : null;
    case "part":
      if (!isObject(data["measures"])) return null;
      return { event: "part", data: { warnings: [], parameters: [], ...data } } as unknown as JobEvent;
    case "checks":
      if (!Array.isArray(data["checks"])) return null;
      return { event: "checks", data: { sure: false, ...data } } as unknown as JobEvent;
    case "complete":
      if (typeof data["success"] !== "boolean") return null;
      return { event: "complete", data: { warnings: [], phases: {}, ...data } } as unknown as JobEvent;
    default:
      return null;
  }
}

/** The reading with every list present and every word a text, so that the views need no guards. */
export function reading(data: Record<string, unknown>): Reading {
  const empty: Reading = {
    used: [],
    ignored: [],
    unread: [],
    assumed: [],
    notes: [],
    complete: false,
    changes: [],
    spans: [],
  };
  const given = Object.fromEntries(
    Object.entries(data).filter(([name, value]) => name in empty && value !== null),
  );
  const lists = { ...empty, ...given } as Reading;
  return { ...lists, ignored: lists.ignored.map(word), unread: lists.unread.map(word) };
}

/** A word comes as its text, or as an object that also says where it stands. */
function word(value: unknown): string {
  return isObject(value) ? String(value["text"]) : String(value);
}

function level(value: unknown): LogLevel {
  return value === "error" || value === "warning" ? value : "info";
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
