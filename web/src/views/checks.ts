// Every number the prompt stated beside what the solid really has.
import { el, setText, show, whenChanged } from "../dom.ts";
import type { Part, State } from "../state.ts";
import type { Check } from "../wire.ts";

const SIGN: Record<Check["status"], string> = { met: "✓", missed: "✗", not_checked: "–" };
const SAID: Record<Check["status"], string> = { met: "met", missed: "missed", not_checked: "not checked" };

export function checksView(root: HTMLElement): (state: State) => void {
  const verdict = el("span", { class: "verdict" });
  const rows = el("tbody", {});
  const table = el(
    "table",
    { class: "checks-table" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, "What"),
        el("th", { scope: "col" }, "Asked"),
        el("th", { scope: "col" }, "Got"),
        el("th", { scope: "col" }, el("span", { class: "unseen" }, "Result")),
      ),
    ),
    rows,
  );
  root.append(el("div", { class: "section-head" }, el("h3", {}, "Checks"), verdict), table);

  const draw = whenChanged<Check[]>((checks) => {
    rows.replaceChildren(...checks.flatMap(row));
  });

  return (state) => {
    const part = state.part;
    show(root, part !== null && part.checks.length > 0);
    if (part === null) return;
    draw(part.checks);
    const { tone, text } = judge(part);
    verdict.dataset["tone"] = tone;
    setText(verdict, text);
  };
}

function judge(part: Part): { tone: string; text: string } {
  const missed = part.checks.filter((check) => check.status === "missed").length;
  if (missed > 0) return { tone: "bad", text: `${missed} missed` };
  if (part.sure === true) return { tone: "good", text: "All met" };
  const open = part.checks.filter((check) => check.status === "not_checked").length;
  if (open > 0) return { tone: "warn", text: `${open} not checked` };
  return { tone: "warn", text: "Met, but not sure: see how it was read" };
}

function row(check: Check): HTMLElement[] {
  const cells = el(
    "tr",
    { "data-status": check.status },
    el("th", { scope: "row" }, check.what),
    el("td", {}, check.asked),
    el("td", {}, check.got ?? "—"),
    el(
      "td",
      { class: "check-sign" },
      el("span", { "aria-hidden": "true" }, SIGN[check.status]),
      el("span", { class: "unseen" }, SAID[check.status]),
    ),
  );
  if (check.why === null || check.why === undefined || check.why === "") return [cells];
  return [cells, el("tr", { class: "check-why" }, el("td", { colspan: "4" }, check.why))];
}
