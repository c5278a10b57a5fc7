// The versions of the part: a click looks at an earlier one, and what is asked next goes on from there.
import { button, el, keyed, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { LANE_WORD } from "../lanes.ts";
import type { State } from "../state.ts";
import { isBlocked } from "../store.ts";
import { versionBefore, versionLines, type VersionLine } from "../versions.ts";

export function versionsView(root: HTMLElement, intents: Intents): (state: State) => void {
  let before: VersionLine | null = null;
  const undo = button("Undo", { class: "quiet", title: "Back to the version before this one" }, () => {
    if (before !== null) void intents.openJob(before.job);
  });
  const list = el("ol", { class: "versions-list" });
  root.append(el("div", { class: "section-head" }, el("h3", {}, "Versions"), undo), list);
  let shown = "";

  function make(line: VersionLine): HTMLElement {
    const open = button(
      "",
      { class: "version-line", title: line.title },
      () => void intents.openJob(line.job),
    );
    open.append(
      el("span", { class: "version-number" }, `v${line.version}`),
      el("span", { class: "version-title" }, line.title),
    );
    if (line.from !== null) open.append(el("span", { class: "version-from" }, `from v${line.from}`));
    if (line.lane !== null) open.append(el("span", { class: "version-lane" }, LANE_WORD[line.lane]));
    return el("li", {}, open);
  }

  return (state) => {
    const { part, conversation } = state;
    const known = part !== null && conversation !== null && conversation.id === part.conversation;
    const lines = known ? versionLines(conversation) : [];
    show(root, lines.length > 1);
    if (part === null || conversation === null || lines.length < 2) return;
    before = versionBefore(conversation, part.job);
    const working = isBlocked(state);
    undo.disabled = before === null || working;
    keyed(list, lines, (line) => `${line.jobs[0]} ${line.version} ${line.title}`, make);
    lines.forEach((line, index) => {
      const open = list.children[index]?.querySelector("button");
      if (!open) return;
      const current = line.jobs.includes(part.job);
      open.setAttribute("aria-current", String(current));
      // Leaving a job that is under way would lose sight of it.
      open.disabled = working;
      if (!current || shown === part.job) return;
      shown = part.job;
      // Within the list only: the column stays where the user scrolled it.
      const top = (open.parentElement?.offsetTop ?? 0) - list.offsetTop;
      list.scrollTop = Math.max(0, top - list.clientHeight / 2);
    });
  };
}
