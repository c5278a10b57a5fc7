// How the prompt was read: the words marked, what they became, what was assumed. Nothing is hidden.
import { el, show, whenChanged } from "../dom.ts";
import { markPrompt } from "../marking.ts";
import type { State } from "../state.ts";
import type { Reading } from "../wire.ts";

export function readingView(root: HTMLElement): (state: State) => void {
  const marked = el("p", { class: "marked" });
  const facts = el("dl", { class: "facts" });
  root.append(el("h2", {}, "How it was read"), marked, facts);

  const draw = whenChanged<Reading | null>((reading) => {
    if (reading === null) return;
    facts.replaceChildren();
    // What the user may want to correct comes first.
    if (reading.unread.length > 0) fact("unread", "Not understood", reading.unread.join(", "));
    for (const { what, why } of reading.assumed) fact("assumed", "Assumed", `${what} (${why})`);
    for (const note of reading.notes) fact("note", "Note", note);
    for (const { text, as } of reading.used) fact("used", text, as);
    if (reading.ignored.length > 0) fact("ignored", "Ignored", reading.ignored.join(", "));
  });

  function fact(kind: string, term: string, text: string): void {
    facts.append(el("dt", { class: `mark-${kind}` }, term), el("dd", {}, text));
  }

  let drawnPrompt: string | null = null;
  const drawMarks = whenChanged<Reading | null>((reading) => {
    const stretches = reading === null || drawnPrompt === null ? [] : markPrompt(drawnPrompt, reading.spans);
    marked.replaceChildren(
      ...stretches.map(({ text, kind }) =>
        kind === "plain" ? text : el("span", { class: `mark-${kind}`, title: TITLES[kind] }, text),
      ),
    );
  });

  return (state) => {
    const reading = state.job?.reading ?? null;
    show(root, reading !== null);
    drawnPrompt = state.job?.prompt ?? null;
    draw(reading);
    drawMarks(reading);
  };
}

const TITLES = { used: "Used", ignored: "Ignored", unread: "Not understood" };
