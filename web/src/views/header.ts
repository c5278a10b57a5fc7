// The top bar: name, how the runner is, the model, recent jobs, theme.
import { button, el, setText } from "../dom.ts";
import type { Intents } from "../intents.ts";
import { modelWords } from "../models.ts";
import type { State, ThemeChoice } from "../state.ts";
import { jobsView } from "./jobs.ts";
import { menu } from "./menu.ts";
import { modelsView } from "./models.ts";

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { auto: "light", light: "dark", dark: "auto" };
const THEME_TEXT: Record<ThemeChoice, string> = { auto: "auto", light: "light", dark: "dark" };

export function headerView(root: HTMLElement, intents: Intents): (state: State) => void {
  const runner = el("p", { class: "runner", role: "status" });
  const dot = el("span", { class: "runner-dot", "aria-hidden": "true" });
  const runnerText = el("span", {});
  runner.append(dot, runnerText);

  let theme: ThemeChoice = "auto";
  const themeText = el("span", {});
  const themeButton = button("", { class: "quiet", title: "Colours: as the system, light, or dark" }, () =>
    intents.chooseTheme(NEXT_THEME[theme]),
  );
  themeButton.append(el("span", { class: "theme-label" }, "Colours:\u00a0"), themeText);

  const modelMenu = menu("models", "Model", () => {
    intents.forgetModelsFailure();
    void intents.refreshModels();
  });
  const modelDot = el("span", { class: "model-dot", "aria-hidden": "true" });
  const modelName = el("span", { class: "model-name" });
  modelMenu.button.prepend(modelDot);
  modelMenu.button.append(modelName);
  const updateModels = modelsView(modelMenu.panel, intents);

  const jobsMenu = menu("jobs", "Jobs", () => void intents.refreshJobs());
  const updateJobs = jobsView(jobsMenu.panel, intents, () => jobsMenu.close());

  const version = el("span", { class: "version" });
  root.append(
    el("h1", {}, el("span", { class: "mark", "aria-hidden": "true" }), "NaturalCAD"),
    version,
    runner,
    el("div", { class: "header-tools" }, modelMenu.root, jobsMenu.root, themeButton),
  );

  return (state) => {
    const { tone, text, title } = runnerWords(state);
    runner.dataset["tone"] = tone;
    runner.title = title;
    setText(runnerText, text);
    const runtime = state.system?.runtime;
    setText(version, state.system === null ? "" : state.system.version);
    version.title = runtime
      ? `build123d ${runtime.build123d}, OCP ${runtime.ocp}, Python ${runtime.python}`
      : "";
    theme = state.theme;
    setText(themeText, THEME_TEXT[theme]);
    themeButton.setAttribute("aria-label", `Colours: ${THEME_TEXT[theme]}`);
    const model = modelWords(state);
    modelMenu.button.dataset["tone"] = model.tone;
    setText(modelName, `:\u00a0${model.short}`);
    modelMenu.button.setAttribute("aria-label", `Model: ${model.short}`);
    updateModels(state);
    updateJobs(state);
  };
}

function runnerWords(state: State): { tone: string; text: string; title: string } {
  if (state.unreachable) {
    return {
      tone: "bad",
      text: "Not reachable",
      title: "The appliance does not answer; the page keeps trying",
    };
  }
  const runner = state.health?.runner;
  if (runner === undefined) return { tone: "wait", text: "Connecting", title: "" };
  switch (runner.state) {
    case "ready":
      return {
        tone: "good",
        text: "Ready",
        title: `${runner.workers_ready} of ${runner.workers} workers are warm`,
      };
    case "starting":
    case "warming":
      return {
        tone: "wait",
        text: "Warming up",
        title: "The CAD kernel is being loaded once; after that every part takes a fraction of a second",
      };
    case "broken":
      return { tone: "bad", text: "Runner broken", title: runner.message ?? "" };
  }
}
