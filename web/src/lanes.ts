// The lanes in words, and which engine can be asked now. Pure.
import type { State } from "./state.ts";
import type { Engine, Lane, Models } from "./wire.ts";

export const LANE_WORD: Record<Lane, string> = {
  template: "Template",
  "model-plan": "Model plan",
  "model-code": "Model code",
  remote: "Remote",
  code: "Code",
};

export const ENGINE_LABEL: Record<Engine, string> = {
  auto: "Auto",
  template: "Templates",
  "model-plan": "Model (plan)",
  "model-code": "Model (code)",
  remote: "Remote",
};

export const ENGINES = Object.keys(ENGINE_LABEL) as Engine[];

export function isLane(value: unknown): value is Lane {
  return typeof value === "string" && Object.hasOwn(LANE_WORD, value);
}

export function isEngine(value: unknown): value is Engine {
  return typeof value === "string" && Object.hasOwn(ENGINE_LABEL, value);
}

/** Why this engine cannot be asked now; null when it can. */
export function obstacle(engine: Engine, models: Models | null): string | null {
  if (engine === "auto" || engine === "template") return null;
  if (models === null) return "The appliance has not said yet which models it has";
  if (engine === "remote") return models.remote === null ? "No server is configured" : null;
  if (models.state === "absent") return `There is no model in ${models.folder}`;
  if (models.state === "failed") return models.message ?? "The model could not be loaded";
  const usable = models.models.filter(({ problem }) => problem === null);
  if (usable.length === 0) return "None of the model files can be used";
  const current = usable.filter(({ name }) => name === models.model);
  const asked = current.length > 0 ? current : usable;
  if (engine === "model-code" && asked.every(({ form }) => form === "naturalcad.plan"))
    return `${current[0]?.name ?? "Every model here"} writes plans only`;
  return null;
}

/** Who the next prompt really goes to: a choice that cannot be asked now waits, and the page says so. */
export function engineOf({ engine, models }: Pick<State, "engine" | "models">): Engine {
  return models === null || obstacle(engine, models) === null ? engine : "auto";
}
