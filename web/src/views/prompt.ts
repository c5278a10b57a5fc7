// The prompt box with its examples, who answers, and whether it speaks of the part on the screen or of a new one. Enter submits, Shift and
// Enter makes a new line, Escape changes what is spoken of, the up arrow in an empty box brings the last prompt back.
import { button, el, keyed, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { examplesOf } from "../examples.ts";
import type { State, Target } from "../state.ts";
import { isBlocked } from "../store.ts";
import { engineChoice } from "./engine.ts";

const WORDS: Record<Target, { label: string; placeholder: string; press: string; keys: string }> = {
  new: {
    label: "What part do you want?",
    placeholder: "60x40x10 mm plate with four 5 mm holes…",
    press: "Build",
    keys: "Enter builds, Shift+Enter starts a new line",
  },
  change: {
    label: "What should change?",
    placeholder: "make it 80 long, M6 instead, add a 20 mm bore, round the edges…",
    press: "Change",
    keys: "Enter changes this part, Escape starts a new one",
  },
};

export function promptView(root: HTMLElement, intents: Intents): (state: State) => void {
  const box = el("textarea", {
    id: "prompt",
    rows: "2",
    maxlength: "5000",
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": "prompt-keys",
  });
  const build = el("button", { type: "submit", class: "primary" }, "Build");
  const label = el("label", { for: "prompt" });
  const keys = el("p", { class: "hint", id: "prompt-keys" });
  const choices: [Target, HTMLInputElement][] = [];
  const choice = (target: Target, text: string): HTMLElement => {
    const radio = el("input", { type: "radio", name: "target" });
    radio.addEventListener("change", () => {
      intents.chooseTarget(target);
      // A pointer wants to write next; the arrow keys are still choosing.
      if (!radio.matches(":focus-visible")) box.focus();
    });
    choices.push([target, radio]);
    return el("label", {}, radio, el("span", {}, text));
  };
  const target = el(
    "fieldset",
    { class: "target" },
    el("legend", { class: "unseen" }, "What the prompt is about"),
    choice("change", "Change this part"),
    choice("new", "New part"),
  );
  const engine = engineChoice(intents);
  const form = el(
    "form",
    { class: "prompt-form" },
    el("div", { class: "prompt-head" }, label, target),
    box,
    el("div", { class: "prompt-row" }, keys, build, engine.choice),
    engine.note,
  );
  const chips = el("ul", { class: "chips", "aria-label": "Examples" });
  root.append(form, chips);

  box.addEventListener("input", () => intents.editPrompt(box.value));
  let latest: State | null = null;
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && latest !== null && latest.part !== null) {
      intents.chooseTarget(latest.target === "change" ? "new" : "change");
      return;
    }
    if (event.key === "ArrowUp" && box.value === "" && latest?.job?.prompt) {
      event.preventDefault();
      intents.editPrompt(latest.job.prompt);
      return;
    }
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
    latest = state;
    if (box.value !== state.prompt) box.value = state.prompt;
    const about = state.part === null ? "new" : state.target;
    const words = WORDS[about];
    setText(label, words.label);
    setText(keys, words.keys);
    setText(build, words.press);
    if (box.placeholder !== words.placeholder) box.placeholder = words.placeholder;
    show(target, state.part !== null);
    for (const [one, radio] of choices) radio.checked = one === about;
    build.disabled = isBlocked(state);
    engine.update(state);
    // Once something was asked, the space belongs to the answer.
    show(chips, about === "new" && !isBlocked(state) && (state.job === null || state.part !== null));
    keyed(chips, examplesOf(state.catalog), (text) => text, makeChip);
  };
}
