// Puts the page together: one store, one set of intents, one view per region. Nothing below this file makes its own partners.
import "./styles/index.css";
import { fetchBytes, fetchScene } from "./api.ts";
import { el } from "./dom.ts";
import { storedEngine } from "./engine-choice.ts";
import { createIntents } from "./intents.ts";
import { initialState } from "./state.ts";
import { createStore } from "./store.ts";
import { applyTheme, onSystemTheme, storedTheme } from "./theme.ts";
import { draftingView } from "./views/drafting.ts";
import { headerView } from "./views/header.ts";
import { logView } from "./views/log.ts";
import { partView } from "./views/part.ts";
import { programView } from "./views/program.ts";
import { promptView } from "./views/prompt.ts";
import { readingView } from "./views/reading.ts";
import { statusView } from "./views/status.ts";
import { viewerView } from "./views/viewer.ts";

/** Once a frame is enough for the eye; a hidden page gets no frames but still has to keep its title right. */
function later(run: () => void): void {
  if (document.hidden) setTimeout(run, 100);
  else requestAnimationFrame(run);
}

const store = createStore({ ...initialState, theme: storedTheme(), engine: storedEngine() }, later);
const intents = createIntents(store);

const region = (tag: "header" | "section" | "aside", name: string, label: string): HTMLElement =>
  el(tag, { class: name, "aria-label": label });
const header = region("header", "header", "NaturalCAD");
const prompt = region("section", "prompt", "Prompt");
const status = region("section", "status", "Status");
const drafting = region("section", "drafting", "How it was drafted");
const reading = region("section", "reading", "How the prompt was read");
const viewer = region("section", "viewer", "Viewer");
const part = region("aside", "part", "Part");
const program = region("section", "program", "Program");
const log = region("section", "log", "Log");

const ask = el("div", { class: "ask" }, prompt, status, drafting);
const main = el("main", { class: "page" }, ask, viewer, reading, part, program, log);
document.querySelector("#app")?.replaceChildren(header, main);

const programPanel = programView(program, intents);
const views = [
  headerView(header, intents),
  promptView(prompt, intents),
  statusView(status, intents, programPanel.goTo),
  draftingView(drafting),
  readingView(reading),
  viewerView(viewer, { glb: fetchBytes, scene: fetchScene }),
  partView(part, intents),
  programPanel.update,
  logView(log),
];

store.subscribe((state) => applyTheme(state.theme));
for (const view of views) store.subscribe(view);
onSystemTheme(() => {
  applyTheme(store.state().theme);
  for (const view of views) view(store.state());
});
intents.start();
