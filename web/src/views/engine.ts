// The choice of who answers, beside the prompt. What cannot be asked now is greyed out and says why.
import { el, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { ENGINE_LABEL, engineOf, ENGINES, obstacle } from "../lanes.ts";
import type { State } from "../state.ts";
import type { Engine } from "../wire.ts";

export interface EngineChoice {
  choice: HTMLElement;
  /** Said when the choice has to wait. */
  note: HTMLElement;
  update(state: State): void;
}

export function engineChoice(intents: Intents): EngineChoice {
  const options = ENGINES.map((engine): [Engine, HTMLOptionElement] => [
    engine,
    el("option", { value: engine }, ENGINE_LABEL[engine]),
  ]);
  const select = el(
    "select",
    { class: "engine", "aria-label": "Who answers", "aria-describedby": "engine-note" },
    ...options.map(([, option]) => option),
  );
  select.addEventListener("change", () => {
    const chosen = options[select.selectedIndex]?.[0];
    if (chosen !== undefined) intents.chooseEngine(chosen);
  });
  const note = el("p", { class: "hint engine-note", id: "engine-note" });

  return {
    choice: select,
    note,
    update(state) {
      const reasons: string[] = [];
      for (const [engine, option] of options) {
        const why = obstacle(engine, state.models);
        option.disabled = why !== null;
        option.title = why ?? "";
        if (why !== null) reasons.push(`${ENGINE_LABEL[engine]}: ${why}`);
      }
      select.title = ["Who answers", ...reasons].join("\n");
      const engine = engineOf(state);
      if (select.value !== engine) select.value = engine;
      const waits = engine !== state.engine;
      setText(note, waits ? waitText(state.engine, obstacle(state.engine, state.models)) : "");
      show(note, waits);
    },
  };
}

function waitText(engine: Engine, why: string | null): string {
  return `${ENGINE_LABEL[engine]} cannot be asked now, so Auto is. ${why ?? ""}.`;
}
