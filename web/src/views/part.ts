// The right-hand panel: what the part is, measured; what was asked of it; its files. Made of one small view per question.
import { el, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import type { State } from "../state.ts";
import { showsEarlierPart } from "../store.ts";
import { bodiesView } from "./bodies.ts";
import { checksView } from "./checks.ts";
import { dimensionsView } from "./dimensions.ts";
import { downloadsView } from "./downloads.ts";
import { measuresView } from "./measures.ts";
import { versionsView } from "./versions.ts";

export function partView(root: HTMLElement, intents: Intents): (state: State) => void {
  const empty = el("div", { class: "part-empty" });
  empty.append(
    el("h2", {}, "Part"),
    el(
      "p",
      { class: "hint" },
      "Once a part is built, this column holds its files, its checks against your numbers, and its exact measures.",
    ),
  );
  const filled = el("div", { class: "part-filled" });
  const label = el("p", { class: "part-label" });
  const earlier = el("p", { class: "part-earlier" }, "From the job before, not from the last run.");
  const section = (name: string): HTMLElement => {
    const made = el("section", { class: name });
    filled.append(made);
    return made;
  };
  filled.append(el("h2", {}, "Part"), label, earlier);
  const updates = [
    downloadsView(section("downloads"), intents),
    versionsView(section("versions"), intents),
    dimensionsView(section("dimensions"), intents),
    checksView(section("checks")),
    measuresView(section("measures")),
    bodiesView(section("bodies"), intents),
  ];
  root.append(empty, filled);

  return (state) => {
    show(empty, state.part === null);
    show(filled, state.part !== null);
    if (state.part === null) return;
    const { conversation } = state;
    const title = conversation?.id === state.part.conversation ? conversation?.title : null;
    setText(label, title ?? state.part.label);
    label.title = title ?? state.part.label;
    // A change that did not work left this part as it was: the viewer says so.
    show(earlier, showsEarlierPart(state) && state.job?.parent === null);
    for (const update of updates) update(state);
  };
}
