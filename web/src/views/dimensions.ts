// The panel of the parameters: one row for each, a filter when there are many, and the way of the values into the text.
import { button, el, keyed, setProse, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import type { State } from "../state.ts";
import { isBlocked } from "../store.ts";
import { isText, sameValue, shownValue, unwritten } from "../tuning.ts";
import type { Parameter } from "../wire.ts";
import { dimensionRow, type DimensionRow, labelOf } from "./dimension-row.ts";

/** Up to here they can be taken in at a glance. */
const UNFILTERED_MAX = 12;

export function dimensionsView(root: HTMLElement, intents: Intents): (state: State) => void {
  const resetAll = button("Reset all", { class: "quiet" }, () => intents.resetParameters(moved));
  const filter = el("input", {
    type: "search",
    class: "dimensions-filter",
    "aria-label": "Filter the dimensions",
    autocomplete: "off",
    spellcheck: "false",
  });
  const list = el("ul", { class: "dimensions-list" });
  const none = el("p", { class: "hint" }, "No dimension has this in its name.");
  const write = button(
    "Write into the program",
    { title: "Puts these values into the text of the program" },
    () => void intents.writeParameters(),
  );
  const failure = el("p", { class: "dimensions-failure", role: "alert" });
  root.append(
    el("div", { class: "section-head" }, el("h3", {}, "Dimensions"), resetAll),
    filter,
    list,
    none,
    el("div", { class: "dimensions-write" }, write, failure),
  );

  const rows = new Map<string, DimensionRow>();
  let moved: string[] = [];
  let latest: State | null = null;
  filter.addEventListener("input", () => latest !== null && update(latest));

  function make(parameter: Parameter): HTMLElement {
    const row = dimensionRow(parameter, intents);
    rows.set(keyOf(parameter), row);
    return row.root;
  }

  function update(state: State): void {
    latest = state;
    const parameters = state.part?.parameters ?? [];
    show(root, parameters.length > 0);
    const { part, tuning } = state;
    if (part === null || parameters.length === 0) return;
    const named = withOwnLabels(parameters);
    keyed(list, named, keyOf, make);
    const known = new Set(named.map(keyOf));
    for (const key of rows.keys()) if (!known.has(key)) rows.delete(key);

    const many = parameters.length > UNFILTERED_MAX;
    show(filter, many);
    filter.placeholder = `Filter ${parameters.length} dimensions`;
    const wanted = many ? filter.value.trim().toLowerCase() : "";
    const doubts = state.job?.id === part.job ? (state.job.reading?.doubtful ?? []) : [];
    moved = [];
    let visible = 0;
    for (const parameter of named) {
      const { name } = parameter;
      const row = rows.get(keyOf(parameter));
      const value = shownValue(tuning, parameter);
      const base = part.base[name];
      const isMoved = base !== undefined && !sameValue(base, value);
      if (isMoved) moved.push(name);
      const failed = tuning.failure?.name === name ? tuning.failure.message : null;
      const fits = `${labelOf(parameter)} ${name}`.toLowerCase().includes(wanted) || failed !== null;
      if (fits) visible += 1;
      // Who has moved it has decided.
      const doubt = isMoved ? null : doubtText(doubts.find((one) => one.parameter === name)?.others);
      row?.update({ parameter, value, base: base ?? parameter.value, isMoved, failed, doubt, visible: fits });
    }
    show(none, visible === 0);
    show(resetAll, moved.length > 1);
    // A planned part has its values in the plan; written into the text they would part from it.
    show(write, isText(part.lane) && Object.keys(unwritten(part)).length > 0);
    write.disabled = isBlocked(state) || state.writing.state === "busy";
    setText(write, state.writing.state === "busy" ? "Writing…" : "Write into the program");
    const { writing } = state;
    const told = writing.state === "failed" ? [writing.failure.message, writing.failure.hint] : [];
    setProse(failure, told.filter(Boolean).join(". "));
    show(failure, told.length > 0);
  }

  return update;
}

function doubtText(others: number[] | undefined): string | null {
  if (others === undefined) return null;
  return others.length === 0 ? "Please check: not sure that this is meant" : `Please check: or ${others.join(" or ")}?`;
}

/** Two holes have two "Hole diameter": those are told apart by their names in the program. */
function withOwnLabels(parameters: Parameter[]): Parameter[] {
  const count = new Map<string, number>();
  for (const parameter of parameters) {
    const label = labelOf(parameter);
    count.set(label, (count.get(label) ?? 0) + 1);
  }
  return parameters.map((parameter) =>
    (count.get(labelOf(parameter)) ?? 0) > 1 ? { ...parameter, label: null } : parameter,
  );
}

/** Another kind or list of choices is another control. */
function keyOf({ name, kind, choices, unit, label }: Parameter): string {
  return JSON.stringify([name, kind, choices, unit, label]);
}
