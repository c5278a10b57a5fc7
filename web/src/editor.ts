// The program editor: CodeMirror in a shadow root, so that its style sheets are constructed and the policy `style-src 'self'`
// holds. Owns the text while it is being edited; loaded as a chunk of its own.
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface LineError {
  line: number;
  column: number | null;
  message: string;
}

export interface Editor {
  setText(text: string): void;
  setError(error: LineError | null): void;
  goTo(line: number): void;
  focus(): void;
  destroy(): void;
}

export interface EditorListener {
  changed(text: string): void;
  run(): void;
}

const markLine = StateEffect.define<number | null>();

const badLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(markLine)) continue;
      const line = effect.value;
      next =
        line === null
          ? Decoration.none
          : Decoration.set([
              Decoration.line({ class: "cm-bad-line" }).range(transaction.state.doc.line(line).from),
            ]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.className], color: "var(--code-call)" },
  { tag: [tags.definition(tags.variableName)], color: "var(--text)" },
]);

const looks = EditorView.theme({
  "&": {
    height: "100%",
    fontSize: "var(--size-code)",
    color: "var(--text)",
    backgroundColor: "var(--field)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)", padding: "6px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line-active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
  ".cm-bad-line": { backgroundColor: "var(--bad-soft)", boxShadow: "inset 3px 0 0 var(--bad)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    border: "1px solid var(--line-strong)",
    fontFamily: "var(--font)",
    fontSize: "var(--size)",
    maxWidth: "360px",
  },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
});

/**
 * Typing over a selection: left to itself, Chromium carries the old text's looks over in a style attribute, which the
 * policy then forbids with an error in the console.
 */
function replaceSelectionOurselves(event: InputEvent, view: EditorView): boolean {
  const plain = event.inputType === "insertText" && event.data !== null && !view.composing;
  if (!plain || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data ?? ""), {
    userEvent: "input.type",
    scrollIntoView: true,
  });
  return true;
}

export function createEditor(host: HTMLElement, text: string, listener: EditorListener): Editor {
  const root = host.attachShadow({ mode: "open" });
  let settingText = false;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("    "),
        bracketMatching(),
        python(),
        badLine,
        looks,
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({
          "aria-label": "Program. Control and Enter runs it; Escape, then Tab, leaves the editor",
          spellcheck: "false",
          autocorrect: "off",
        }),
        keymap.of([
          { key: "Mod-Enter", run: () => (listener.run(), true) },
          // No trap: after Escape, CodeMirror lets the next Tab leave the editor.
          { key: "Tab", run: indentMore, shift: indentLess },
          ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
          ...historyKeymap,
        ]),
        EditorView.domEventHandlers({ beforeinput: replaceSelectionOurselves }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !settingText) listener.changed(update.state.doc.toString());
        }),
      ],
    }),
  });

  function lineAt(line: number): { number: number; from: number; to: number } {
    return view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  }

  return {
    setText(next) {
      settingText = true;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: next },
        effects: markLine.of(null),
      });
      view.dispatch(setDiagnostics(view.state, []));
      settingText = false;
    },
    setError(error) {
      if (error === null) {
        view.dispatch({ effects: markLine.of(null) });
        view.dispatch(setDiagnostics(view.state, []));
        return;
      }
      const line = lineAt(error.line);
      const from = Math.min(line.to, line.from + Math.max(0, (error.column ?? 1) - 1));
      const diagnostic: Diagnostic = {
        from: error.column === null ? line.from : from,
        to: line.to,
        severity: "error",
        message: error.message,
      };
      view.dispatch({
        effects: [markLine.of(line.number), EditorView.scrollIntoView(line.from, { y: "center" })],
      });
      view.dispatch(setDiagnostics(view.state, [diagnostic]));
    },
    goTo(line) {
      const { from } = lineAt(line);
      view.dispatch({
        selection: { anchor: from },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
