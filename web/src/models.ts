// How the model stands, and what a model file is, in words. Pure.
import { bytes, count, stop } from "./format.ts";
import type { State } from "./state.ts";
import type { ModelFile, Models } from "./wire.ts";

export interface ModelWords {
  tone: "idle" | "wait" | "good" | "bad";
  /** For the button in the header. */
  short: string;
  text: string;
  /** What it means for the next prompt. */
  meaning: string;
  hint: string | null;
}

const ALONE = "Templates answer alone; they need no model.";

export function modelWords({ models, modelsFailure }: Pick<State, "models" | "modelsFailure">): ModelWords {
  if (models === null) {
    const text = modelsFailure === null ? "The appliance is being asked." : stop(modelsFailure.message);
    return { tone: "idle", short: "…", text, meaning: "", hint: modelsFailure?.hint ?? null };
  }
  const { state, model, folder, message, hint } = models;
  const name = model === null ? "The model" : `\`${model}\``;
  switch (state) {
    case "absent": {
      const text = `No model: put a GGUF file into \`${folder}\``;
      return { tone: "idle", short: "none", text, meaning: ALONE, hint };
    }
    case "idle": {
      const meaning = "Templates answer alone until a model is loaded, here or by a prompt that needs one.";
      return { tone: "idle", short: "not loaded", text: "No model is loaded.", meaning, hint };
    }
    case "loading": {
      const percent = models.percent === null ? "" : ` ${Math.round(models.percent)} %`;
      const meaning = "Templates answer alone until it is ready.";
      return {
        tone: "wait",
        short: `loading${percent}`,
        text: `${name} is being loaded.`,
        meaning,
        hint,
      };
    }
    case "ready": {
      const meaning = "Templates answer what they understand; the model is asked for the rest.";
      return { tone: "good", short: model ?? "ready", text: `${name} is ready.`, meaning, hint };
    }
    case "failed": {
      const text = stop(message ?? `${name} could not be loaded`);
      return { tone: "bad", short: "failed", text, meaning: ALONE, hint };
    }
  }
}

/** What is known of the file, without what is not. */
export function fileFacts(file: ModelFile): string {
  const { architecture, parameters, quantisation, context } = file;
  const facts = [
    architecture,
    parameters === null ? null : `${count(parameters)} parameters`,
    quantisation,
    bytes(file.size_bytes),
    context === null ? null : `context ${context}`,
    file.form === "naturalcad.plan" ? "writes plans only" : null,
    file.problem !== null ? null : (file.licence ?? "licence not stated"),
  ];
  return facts.filter((fact) => fact !== null && fact !== "").join(" · ");
}

/** Memory that it needs against what is free; null when there is nothing to weigh. */
export function memoryText(file: ModelFile, models: Models): { text: string; fits: boolean } | null {
  const { ram_needed_bytes: needed } = file;
  const free = models.ram_free_bytes;
  if (needed === null || file.problem !== null) return null;
  // What is loaded has its memory already.
  if (models.state === "ready" && models.model === file.name)
    return { text: `Loaded; needs ${bytes(needed)} of memory.`, fits: true };
  if (free === null) return { text: `Needs ${bytes(needed)} of memory.`, fits: true };
  return needed <= free
    ? { text: `Needs ${bytes(needed)} of memory; ${bytes(free)} are free.`, fits: true }
    : { text: `Does not fit: needs ${bytes(needed)} of memory, only ${bytes(free)} are free.`, fits: false };
}
