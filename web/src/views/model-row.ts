// One model file: what it is, whether its memory is there, and the button that loads or unloads it.
import { button, el, setProse, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { fileFacts, memoryText } from "../models.ts";
import type { ModelFile, Models } from "../wire.ts";

export interface ModelRow {
  root: HTMLElement;
  update(file: ModelFile, models: Models): void;
}

export function modelRow(name: string, intents: Intents): ModelRow {
  const title = el("span", { class: "model-title" });
  const fileName = el("span", { class: "hint" });
  const facts = el("p", { class: "hint model-facts" });
  const memory = el("p", { class: "hint model-memory" });
  const problem = el("p", { class: "model-problem" });
  let held = false;
  const press = button("Load", {}, () => void (held ? intents.unloadModel() : intents.loadModel(name)));
  const head = el("div", { class: "model-head" }, el("p", {}, title, " ", fileName), press);
  const root = el("li", {}, head, facts, memory, problem);

  return {
    root,
    update(file, models) {
      held = models.model === name && (models.state === "ready" || models.state === "loading");
      root.setAttribute("aria-current", String(held));
      setText(title, file.title ?? file.name);
      setText(fileName, file.title === null || file.title === file.name ? "" : file.file);
      setText(facts, fileFacts(file));
      facts.title = file.sha256 === null ? "" : `SHA-256 ${file.sha256}`;
      const weighed = memoryText(file, models);
      setText(memory, weighed?.text ?? "");
      memory.dataset["tone"] = weighed?.fits === false ? "warn" : "";
      show(memory, weighed !== null);
      setProse(problem, file.problem ?? "");
      show(problem, file.problem !== null);
      setText(press, held ? "Unload" : "Load");
      press.setAttribute("aria-label", `${held ? "Unload" : "Load"} ${name}`);
      show(press, file.problem === null || held);
    },
  };
}
