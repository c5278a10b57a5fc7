// The program panel: the editor (loaded behind the page), Run & Stream, and the way back to a text that a draft replaced.
import { button, el, show, whenChanged } from "../dom.ts";
import type { Editor } from "../editor.ts";
import type { Intents } from "../intents.ts";
import type { Job, State } from "../state.ts";
import { isInEditor } from "../state.ts";
import { isBlocked } from "../store.ts";

export interface ProgramView {
  update(state: State): void;
  goTo(line: number): void;
}

export function programView(root: HTMLElement, intents: Intents): ProgramView {
  const run = button(
    "Run & Stream",
    { class: "primary", title: "Ctrl+Enter" },
    () => void intents.runProgram(),
  );
  const host = el("div", { class: "editor" });
  const restore = el(
    "p",
    { class: "restore", hidden: true },
    "The new draft replaced the program you had edited. ",
    button("Bring mine back", { class: "link" }, () => intents.restoreProgram()),
  );
  root.append(
    el(
      "div",
      { class: "panel-head" },
      el("h2", {}, "Program"),
      el("span", { class: "hint" }, "build123d, millimetres, ends in ", el("code", {}, "result")),
      run,
    ),
    restore,
    host,
  );

  let editor: Editor | null = null;
  let latest: State | null = null;
  let revision = -1;
  const markError = whenChanged<Job["error"] | null>((error) => {
    const line = error?.line ?? null;
    if (error === null || line === null) editor?.setError(null);
    else editor?.setError({ line, column: error.column ?? null, message: error.message });
  });

  function update(state: State): void {
    latest = state;
    run.disabled = isBlocked(state);
    show(restore, state.program.displaced !== null);
    if (editor === null) return;
    if (state.program.revision !== revision) {
      revision = state.program.revision;
      editor.setText(state.program.text);
    }
    const shown = state.job !== null && isInEditor(state.job, state.program);
    markError(shown ? (state.job?.error ?? null) : null);
  }

  void import("../editor.ts").then(({ createEditor }) => {
    const text = latest?.program.text ?? "";
    revision = latest?.program.revision ?? -1;
    editor = createEditor(host, text, {
      changed: (next) => intents.editProgram(next),
      run: () => void intents.runProgram(),
    });
    if (latest !== null) update(latest);
  });

  return { update, goTo: (line) => editor?.goTo(line) };
}
