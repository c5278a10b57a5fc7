// One parameter: its label, the controls of its kind, the way back, and why its value could not be built.
import { button, el, setProse, setText, show } from "../dom.ts";
import { number } from "../format.ts";
import type { Intents } from "../intents.ts";
import type { Parameter, ParameterValue } from "../wire.ts";
import { sliderRange } from "../slider-range.ts";

export interface DimensionRow {
  root: HTMLElement;
  update(now: RowState): void;
}

export interface RowState {
  parameter: Parameter;
  value: ParameterValue;
  /** What "reset" goes back to. */
  base: ParameterValue;
  isMoved: boolean;
  failed: string | null;
  /** What a model was not sure about, in words. */
  doubt: string | null;
  visible: boolean;
}

interface Control {
  elements: HTMLElement[];
  show(value: ParameterValue, parameter: Parameter, base: ParameterValue): void;
}

export function dimensionRow(made: Parameter, intents: Intents): DimensionRow {
  const { name } = made;
  const id = `dimension-${name}`;
  const tell = (value: ParameterValue): void => intents.moveParameter(name, value);
  const control = controlOf(made, id, tell);
  const text = labelOf(made);
  const label = el("label", { for: id, class: "dimension-label", title: name }, text);
  const reset = button("↺", { class: "link dimension-reset" }, () => {
    intents.resetParameters([name]);
    root.querySelector<HTMLElement>(`#${CSS.escape(id)}`)?.focus();
  });
  const problem = el("p", { class: "dimension-problem", id: `${id}-problem`, role: "alert" });
  const doubtful = el("p", { class: "dimension-doubt" });
  const root = el(
    "li",
    { class: "dimension", "data-kind": made.kind },
    label,
    ...control.elements,
    reset,
    doubtful,
    problem,
  );
  const main = control.elements.at(-1) ?? root;

  return {
    root,
    update({ parameter, value, base, isMoved, failed, doubt, visible }) {
      show(root, visible);
      if (!visible) return;
      control.show(value, parameter, base);
      root.dataset["moved"] = String(isMoved);
      const back = `Reset ${text} to ${valueText(base, parameter.unit)}`;
      if (reset.title !== back) {
        reset.title = back;
        reset.setAttribute("aria-label", back);
      }
      setText(doubtful, doubt ?? "");
      show(doubtful, doubt !== null);
      root.dataset["doubtful"] = String(doubt !== null);
      setProse(problem, failed ?? "");
      show(problem, failed !== null);
      for (const element of control.elements.filter((one) => one.matches("input, select"))) {
        element.setAttribute("aria-invalid", String(failed !== null));
        if (failed === null) element.removeAttribute("aria-describedby");
        else element.setAttribute("aria-describedby", problem.id);
      }
      if (main.title !== limitsText(parameter)) main.title = limitsText(parameter);
    },
  };
}

/** As a person calls it: `HOLE_DIAMETER` is "Hole diameter". */
export function labelOf({ label, name }: Parameter): string {
  if (label !== null && label.trim() !== "") return label;
  const words = name.replaceAll("_", " ").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueText(value: ParameterValue, unit: string | null): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  const text = typeof value === "number" ? number(value) : value;
  return unit === null ? text : `${text} ${unit}`;
}

function limitsText({ min, max, unit }: Parameter): string {
  if (min === null && max === null) return "";
  if (max === null) return `At least ${valueText(min ?? 0, unit)}`;
  return min === null ? `At most ${valueText(max, unit)}` : `${number(min)} to ${valueText(max, unit)}`;
}

function controlOf(parameter: Parameter, id: string, tell: (value: ParameterValue) => void): Control {
  switch (parameter.kind) {
    case "switch":
      return switchControl(id, tell);
    case "choice":
      return choiceControl(parameter, id, tell);
    case "text":
      return textControl(id, tell);
    default:
      return numberControl(parameter, id, tell);
  }
}

function numberControl(made: Parameter, id: string, tell: (value: ParameterValue) => void): Control {
  const whole = made.kind === "count";
  const slider = el("input", {
    type: "range",
    class: "dimension-slider",
    "aria-label": `${labelOf(made)}, slider`,
  });
  const field = el("input", { type: "number", id, class: "dimension-field" });
  const unit = el("span", { class: "dimension-unit" }, made.unit ?? "");
  let typing = false;
  let current = 0;
  slider.addEventListener("input", () => tell(slider.valueAsNumber));
  field.addEventListener("input", () => {
    typing = true;
  });
  // On `change`, not while typing: a half-written number is no wish.
  field.addEventListener("change", () => {
    typing = false;
    const value = field.valueAsNumber;
    if (Number.isFinite(value)) tell(whole ? Math.round(value) : value);
    else field.value = String(current);
  });
  field.addEventListener("blur", () => {
    typing = false;
  });
  return {
    elements: [slider, el("span", { class: "dimension-number" }, field, unit)],
    show(value, parameter, base) {
      current = typeof value === "number" ? value : 0;
      const { min, max, step } = sliderRange(parameter, typeof base === "number" ? base : 0);
      set(slider, "min", String(min));
      set(slider, "max", String(max));
      set(slider, "step", String(step));
      // For the arrow keys; any value may be typed, and the appliance says what is wrong with it.
      set(field, "step", String(step));
      if (slider.valueAsNumber !== current) slider.value = String(current);
      if (!typing && field.value !== String(current)) field.value = String(current);
    },
  };
}

function switchControl(id: string, tell: (value: ParameterValue) => void): Control {
  const box = el("input", { type: "checkbox", id });
  box.addEventListener("change", () => tell(box.checked));
  return {
    elements: [box],
    show(value) {
      box.checked = value === true;
    },
  };
}

function choiceControl(made: Parameter, id: string, tell: (value: ParameterValue) => void): Control {
  const select = el(
    "select",
    { id },
    ...made.choices.map((choice, index) =>
      el("option", { value: String(index) }, valueText(choice, made.unit)),
    ),
  );
  select.addEventListener("change", () => {
    const choice = made.choices[select.selectedIndex];
    if (choice !== undefined) tell(choice);
  });
  return {
    elements: [select],
    show(value) {
      const index = made.choices.findIndex((choice) => choice === value);
      if (select.selectedIndex !== index) select.selectedIndex = index;
    },
  };
}

function textControl(id: string, tell: (value: ParameterValue) => void): Control {
  const field = el("input", { type: "text", id, autocomplete: "off", spellcheck: "false" });
  let typing = false;
  field.addEventListener("input", () => {
    typing = true;
  });
  field.addEventListener("change", () => {
    typing = false;
    tell(field.value);
  });
  return {
    elements: [field],
    show(value) {
      if (!typing && field.value !== value) field.value = String(value);
    },
  };
}

function set(input: HTMLInputElement, name: "min" | "max" | "step", value: string): void {
  if (input[name] !== value) input[name] = value;
}
