// How the prompt was read: the words marked, what they became, what was assumed; and what the last change changed. Nothing is hidden.
import { el, setText, show, whenChanged } from "../dom.ts";
import { markPrompt } from "../marking.ts";
import { isBusy } from "../events.ts";
import type { State } from "../state.ts";
import { lineOf, versionLines } from "../versions.ts";
import type { Change, Reading } from "../wire.ts";

export function readingView(root: HTMLElement): (state: State) => void {
  const marked = el("p", { class: "marked" });
  const facts = el("dl", { class: "facts" });
  const changesTitle = el("h2", {});
  const changes = el("ul", { class: "changes", "aria-label": "Changes" });
  const changed = el("div", { class: "changed", role: "status" }, changesTitle, changes);
  const read = el("div", { class: "read" }, el("h2", {}, "How it was read"), marked, facts);
  root.append(changed, read);

  const drawChanges = whenChanged<string>((key) => {
    changes.replaceChildren(...(JSON.parse(key) as Change[]).map(changeRow));
  });

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
    const { title, list } = changesOf(state);
    show(changed, list.length > 0);
    show(read, reading !== null);
    show(root, reading !== null || list.length > 0);
    setText(changesTitle, title);
    drawChanges(JSON.stringify(list));
    drawnPrompt = state.job?.prompt ?? null;
    draw(reading);
    drawMarks(reading);
  };
}

const TITLES = { used: "Used", ignored: "Ignored", unread: "Not understood" };

/** What the last job changed: read from its sentence, or what its sliders moved, from the first of them on. */
function changesOf(state: State): { title: string; list: Change[] } {
  const { job, part, conversation } = state;
  if (job === null) return { title: "", list: [] };
  if (job.values === null && job.reading !== null && job.reading.changes.length > 0) {
    const happens = job.state === "built" || isBusy(job.state);
    return { title: happens ? "What changed" : "What was to change", list: job.reading.changes };
  }
  // After a sentence that changed nothing, older changes would be taken for its own.
  const told = part !== null && (job.values !== null || part.job === job.id);
  const known = conversation !== null && told && conversation.id === part.conversation;
  const line = known ? lineOf(versionLines(conversation), part.job) : null;
  return { title: "What changed", list: line?.changes ?? [] };
}

function changeRow({ what, from, to }: Change): HTMLElement {
  const row = el("li", {}, el("span", { class: "change-what" }, what), " ");
  if (from === null) row.append(el("span", { class: "change-kind" }, "added"), " ", el("ins", {}, to ?? ""));
  else if (to === null) row.append(el("span", { class: "change-kind" }, "removed"), " ", el("del", {}, from));
  else row.append(el("del", {}, from), el("span", { "aria-label": "becomes" }, " → "), el("ins", {}, to));
  return row;
}
