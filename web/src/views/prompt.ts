// The prompt box with its examples. Enter submits, Shift and Enter makes a new line.
import { button, el, keyed, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { examplesOf } from "../examples.ts";
import type { State } from "../state.ts";
import { isWorking } from "../store.ts";

export function promptView(root: HTMLElement, intents: Intents): (state: State) => void {
  const box = el("textarea", {
    id: "prompt",
    rows: "2",
    maxlength: "5000",
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "60x40x10 mm plate with four 5 mm holes…",
    "aria-describedby": "prompt-keys",
  });
  const build = el("button", { type: "submit", class: "primary" }, "Build");
  const form = el(
    "form",
    { class: "prompt-form" },
    el("label", { for: "prompt" }, "What part do you want?"),
    box,
    el(
      "div",
      { class: "prompt-row" },
      el("p", { class: "hint", id: "prompt-keys" }, "Enter builds, Shift+Enter starts a new line"),
      build,
    ),
  );
  const chips = el("ul", { class: "chips", "aria-label": "Examples" });
  root.append(form, chips);

  box.addEventListener("input", () => intents.editPrompt(box.value));
  box.addEventListener("keydown", (event) => {
    // While an input method composes, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void intents.submitPrompt(box.value);
  });

  function makeChip(text: string): HTMLElement {
    return el(
      "li",
      {},
      button(text, { class: "chip", title: text }, () => {
        box.focus();
        void intents.submitPrompt(text);
      }),
    );
  }

  return (state) => {
    if (box.value !== state.prompt) box.value = state.prompt;
    build.disabled = isWorking(state);
    // Once something was asked, the space belongs to the answer.
    show(chips, state.job === null && state.part === null);
    keyed(chips, examplesOf(state.catalog), (text) => text, makeChip);
  };
}
