// The top bar: name, how the runner is, recent jobs, theme.
import { button, el, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import type { State, ThemeChoice } from "../state.ts";
import { jobsView } from "./jobs.ts";

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

  const panel = el("div", { class: "jobs-panel", id: "jobs-panel", hidden: true });
  const jobsButton = button(
    "Jobs",
    { class: "quiet", "aria-expanded": "false", "aria-controls": "jobs-panel" },
    () => setOpen(panel.hidden !== false),
  );
  const updateJobs = jobsView(panel, intents, () => {
    setOpen(false);
    jobsButton.focus();
  });

  function setOpen(open: boolean): void {
    show(panel, open);
    jobsButton.setAttribute("aria-expanded", String(open));
    if (open) void intents.refreshJobs();
  }
  document.addEventListener("pointerdown", (event) => {
    if (!panel.hidden && event.target instanceof Node && !menu.contains(event.target)) setOpen(false);
  });
  const menu = el("div", { class: "jobs-menu" }, jobsButton, panel);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    setOpen(false);
    jobsButton.focus();
  });

  const version = el("span", { class: "version" });
  root.append(
    el("h1", {}, el("span", { class: "mark", "aria-hidden": "true" }), "NaturalCAD"),
    version,
    runner,
    el("div", { class: "header-tools" }, menu, themeButton),
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
