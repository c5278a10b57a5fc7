// The place of the 3-D viewer: loads the part the state names, and surrounds it with its tools, its readout and the band
// that says when the part on the screen is not the one last asked for.
import { button, el, setText, show } from "../dom.ts";
import { size } from "../format.ts";
import type { CatalogStep, Scene } from "../wire.ts";
import type { State } from "../state.ts";
import { isWorking, showsEarlierPart } from "../store.ts";
import type { ViewName } from "../viewer/framing.ts";
import type { Readout, Viewer } from "../viewer/viewer.ts";

export interface PartSource {
  glb(path: string, signal: AbortSignal): Promise<ArrayBuffer>;
  scene(path: string, signal: AbortSignal): Promise<Scene>;
}

const VIEWS: [ViewName, string, string][] = [
  ["iso", "Iso", "0"],
  ["front", "Front", "1"],
  ["right", "Right", "2"],
  ["top", "Top", "3"],
];

export function viewerView(root: HTMLElement, source: PartSource): (state: State) => void {
  const canvas = el("canvas", { class: "stage", tabindex: "0", role: "img", "aria-label": "No part yet" });
  const gizmo = el("canvas", { class: "gizmo", "aria-hidden": "true" });
  const band = el("p", { class: "band", role: "status" });
  const problem = el("p", { class: "problem", role: "alert" });
  const hovered = el("p", { class: "readout-hover" });
  const chosen = el("p", { class: "readout-chosen", "aria-live": "polite" });
  const box = el("p", { class: "readout-size" });
  const step = el("p", { class: "readout-grid" });
  const readout = el("div", { class: "readout" }, chosen, hovered, box, step);

  let viewer: Viewer | null = null;
  let perspective = false;
  let gridOn = true;
  const toggle = (label: string, title: string, flip: () => boolean): HTMLButtonElement => {
    const made = button(label, { class: "tool", title, "aria-pressed": "false" }, () => {
      made.setAttribute("aria-pressed", String(flip()));
    });
    return made;
  };
  const perspectiveButton = toggle("Persp", "Perspective instead of parallel lines (P)", () => {
    perspective = !perspective;
    viewer?.setPerspective(perspective);
    return perspective;
  });
  const gridButton = toggle("Grid", "Grid under the part (G)", () => {
    gridOn = !gridOn;
    viewer?.setGrid(gridOn);
    return gridOn;
  });
  gridButton.setAttribute("aria-pressed", "true");
  const fitButton = button("Fit", { class: "tool", title: "Fit the part into the view (F)" }, () =>
    viewer?.fit(),
  );
  const tools = el(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "View" },
    fitButton,
    ...VIEWS.map(([name, label, key]) =>
      button(label, { class: "tool", title: `View: ${label} (${key})` }, () => viewer?.view(name)),
    ),
    perspectiveButton,
    gridButton,
  );
  const lesson = lessonView();
  root.append(canvas, gizmo, lesson.root, tools, band, problem, readout);

  document.addEventListener("keydown", (event) => {
    if (viewer === null || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const key = event.key.toLowerCase();
    const view = VIEWS.find(([, , shortcut]) => shortcut === key);
    if (key === "f") viewer.fit();
    else if (key === "p") perspectiveButton.click();
    else if (key === "g") gridButton.click();
    else if (view !== undefined) viewer.view(view[0]);
  });

  let wanted: string | null = null;
  let shownPath: string | null = null;
  let loading = new AbortController();
  let latest: State | null = null;

  function onReadout(read: Readout): void {
    setText(hovered, read.hovered ?? "");
    setText(chosen, read.chosen ?? "");
    show(hovered, read.hovered !== null && read.hovered !== read.chosen);
    show(chosen, read.chosen !== null);
  }

  async function load(glbPath: string, scenePath: string): Promise<void> {
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    try {
      const [module, glb, scene] = await Promise.all([
        import("../viewer/viewer.ts"),
        source.glb(glbPath, signal),
        source.scene(scenePath, signal),
      ]);
      if (signal.aborted) return;
      viewer ??= module.createViewer(canvas, gizmo, onReadout);
      viewer.setPart(glb, scene);
      shownPath = glbPath;
      const millimetres = viewer.gridStepMm();
      setText(step, millimetres === null ? "" : `grid ${millimetres} mm`);
      canvas.dataset["shown"] = glbPath;
    } catch (error) {
      if (signal.aborted) return;
      const webgl = error instanceof Error && /webgl/i.test(error.message);
      setText(
        problem,
        webgl
          ? "This browser cannot draw in 3-D (WebGL is off or missing). The measures and the files are complete all the same."
          : `The part could not be drawn: ${error instanceof Error ? error.message : String(error)}. Its files are complete all the same.`,
      );
    }
    if (latest !== null) update(latest);
  }

  function update(state: State): void {
    latest = state;
    const { part } = state;
    const { glb, scene } = part?.artifacts ?? {};
    if (glb !== undefined && scene !== undefined && glb !== wanted) {
      wanted = glb;
      void load(glb, scene);
    }
    const drawn = shownPath !== null;
    show(lesson.root, part === null);
    lesson.update(state);
    show(tools, drawn && glb !== undefined);
    show(readout, part !== null);
    show(gizmo, drawn);
    const meshless = part !== null && glb === undefined;
    if (meshless)
      setText(
        problem,
        "This job was made without a mesh, so there is nothing to draw. Its measures and files are complete.",
      );
    else if (wanted === shownPath) setText(problem, "");
    show(problem, problem.textContent !== "");
    root.dataset["empty"] = String(part === null || meshless);

    // While a slider moves, parts follow each other too quickly for a ghost between them.
    const tuned = state.job !== null && state.job.values !== null;
    const ghost = isWorking(state) && part !== null && state.job?.id !== part.job && !tuned;
    viewer?.setGhost(ghost);
    viewer?.setHidden(state.hiddenBodies);
    const earlier = showsEarlierPart(state) && part !== null;
    show(band, earlier || ghost);
    band.dataset["tone"] = earlier ? "warn" : "busy";
    setText(
      band,
      earlier ? earlierWords(state) : ghost ? "Building the next part. This is still the one before" : "",
    );
    if (part !== null) {
      setText(box, size(part.measures.bounding_box.size));
      canvas.setAttribute("aria-label", describe(part));
    }
  }

  let theme = "";
  return (state) => {
    update(state);
    const now = document.documentElement.dataset["theme"] ?? "";
    if (now !== theme) {
      theme = now;
      viewer?.repaint();
    }
  };
}

/** Why the part on the screen is not the last job's. */
function earlierWords({ job, part }: State): string {
  if (job?.values != null) return "No part with these values. This is the last one that could be built";
  if (job?.state === "question" && job.parent !== null)
    return "Nothing was changed yet: there is a question first";
  if (job?.parent != null && job.prompt !== null) return "Nothing was changed. This is the part as it was";
  return `The last run left no part. This is the one before: ${part?.label ?? ""}`;
}

function describe(part: NonNullable<State["part"]>): string {
  const { solids, holes } = part.measures;
  const words = [
    `Part: ${part.label}`,
    size(part.measures.bounding_box.size),
    `${solids} ${solids === 1 ? "solid" : "solids"}`,
  ];
  if (holes.length > 0) words.push(`${holes.length} holes`);
  return `${words.join(", ")}. Arrow keys turn it, plus and minus zoom, F fits it`;
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

const ALL_HERE = "Everything runs on this machine. Nothing is sent anywhere.";
const MOSTLY_HERE =
  "Everything runs on this machine, but for the remote lane: it asks the server that was set up for it.";

/** What an empty page teaches: the three ways in, and the words it knows. */
function lessonView(): { root: HTMLElement; update(state: State): void } {
  const where = el("p", { class: "hint" });
  const words = el("dl", { class: "lesson-words" });
  const root = el(
    "div",
    { class: "lesson" },
    el("h2", {}, "From a sentence to a measured solid"),
    el(
      "ol",
      {},
      el(
        "li",
        {},
        el("strong", {}, "Write"),
        " what the part is, with its numbers. Millimetres are meant when no unit is given.",
      ),
      el(
        "li",
        {},
        el("strong", {}, "Compare."),
        " Every number you stated is measured on the solid and shown as met, missed or not checked.",
      ),
      el(
        "li",
        {},
        el("strong", {}, "Change"),
        " the build123d program and run it again, or take the STEP file.",
      ),
    ),
    words,
    where,
  );
  let drawn: CatalogStep[] | null = null;
  const titles: [CatalogStep["kind"], string][] = [
    ["base", "Bodies"],
    ["feature", "Features"],
    ["placement", "Places"],
    ["pattern", "Patterns"],
  ];
  return {
    root,
    update({ catalog, models }) {
      setText(where, models?.remote == null ? ALL_HERE : MOSTLY_HERE);
      if (catalog === drawn) return;
      drawn = catalog;
      words.replaceChildren();
      for (const [kind, title] of titles) {
        const known = catalog.filter((step) => step.kind === kind).map((step) => step.title.toLowerCase());
        if (known.length > 0) words.append(el("dt", {}, title), el("dd", {}, known.join(", ")));
      }
    },
  };
}
