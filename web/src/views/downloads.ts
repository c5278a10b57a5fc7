// The part's files. A part that is not a sound solid is never offered silently: it says why, and wants a second click.
import { button, el, keyed, setProse, setText, show } from "../dom.ts";
import type { Intents } from "../intents.ts";
import type { Part, State } from "../state.ts";
import { exportKey } from "../store.ts";
import type { ArtifactName } from "../wire.ts";

interface Offer {
  format: ArtifactName;
  title: string;
  what: string;
  path: string | null;
  /** Made by the appliance when it is asked for, not with every job. */
  onRequest: boolean;
  state: "ready" | "making" | "waiting" | "askable";
}

const DOUBTS = ["not_valid", "not_closed", "no_volume"];
/** The page's own mesh and the source say nothing about being manufacturable. */
const NEVER_DOUBTED: ArtifactName[] = ["py", "glb"];

export function downloadsView(root: HTMLElement, intents: Intents): (state: State) => void {
  const list = el("ul", { class: "files" });
  const warnings = el("ul", { class: "warnings" });
  const failure = el("p", { class: "files-failure", role: "alert" });
  const why = el("p", {});
  const anyway = el("a", { class: "button" });
  const confirm = el(
    "div",
    { class: "confirm", role: "alertdialog", "aria-label": "This part is not sound" },
    why,
    el(
      "div",
      { class: "confirm-row" },
      anyway,
      button("Leave it", { class: "quiet" }, () => ask(null)),
    ),
  );
  root.append(el("h3", {}, "Files"), warnings, list, confirm, failure);
  anyway.addEventListener("click", () => ask(null));

  let part: Part | null = null;

  function ask(offer: Offer | null): void {
    show(confirm, offer !== null);
    if (offer === null || offer.path === null || part === null) return;
    const doubts = part.warnings.filter((warning) => DOUBTS.includes(warning.code));
    setText(
      why,
      `${doubts.map((doubt) => doubt.message).join(" ")} Other programs may refuse this file or repair it into something else.`,
    );
    anyway.href = downloadPath(offer.path);
    anyway.setAttribute("download", "");
    setText(anyway, `Download ${offer.title} anyway`);
    anyway.focus();
  }

  function make(offer: Offer): HTMLElement {
    const doubtful = !NEVER_DOUBTED.includes(offer.format) && isDoubtful(part);
    if (offer.state === "ready" && offer.path !== null && !doubtful) {
      return el(
        "li",
        {},
        el(
          "a",
          { class: "button", href: downloadPath(offer.path), download: "", title: offer.what },
          offer.title,
        ),
      );
    }
    const press = button(
      offer.state === "making" ? `${offer.title}…` : offer.title,
      { title: offer.what },
      () => {
        if (offer.path !== null) ask(offer);
        else void intents.exportPart(offer.format);
      },
    );
    press.disabled = offer.state === "making" || offer.state === "waiting";
    if (doubtful) press.classList.add("doubtful");
    if (offer.onRequest && offer.path === null) press.classList.add("on-request");
    return el("li", {}, press);
  }

  return (state) => {
    if (state.part?.job !== part?.job) ask(null);
    part = state.part;
    if (part === null) return;
    const offers = offersOf(state, part);
    keyed(
      list,
      offers,
      (offer) => `${part?.job} ${offer.format} ${offer.state} ${offer.path ?? ""} ${isDoubtful(part)}`,
      make,
    );
    keyed(
      warnings,
      part.warnings,
      (warning) => `${warning.code} ${warning.message}`,
      (warning) => el("li", {}, warning.message),
    );
    show(warnings, part.warnings.length > 0);
    const failed = offers
      .map((offer) => state.exports[exportKey(part!.job, offer.format)])
      .find((one) => one?.state === "failed");
    const told = failed?.state === "failed" ? failed.failure : null;
    setProse(failure, told === null ? "" : [told.message, told.hint].filter(Boolean).join(". "));
    show(failure, told !== null);
  };
}

function isDoubtful(part: Part | null): boolean {
  return part?.kind === "solid" && part.warnings.some((warning) => DOUBTS.includes(warning.code));
}

function offersOf(state: State, part: Part): Offer[] {
  const flat = part.kind !== "solid";
  const rows: [ArtifactName, string, string, boolean][] = [
    ["step", "STEP", "Exact solid for CAD programs", false],
    ["stl", "STL", "Mesh for slicers and older programs", false],
    ["3mf", "3MF", "Mesh with names and units; made when asked for", true],
    ["dxf", "DXF", "Outline for laser and plotter; made when asked for", true],
    ["svg", "SVG", "Outline as a drawing; made when asked for", true],
    ["glb", "GLB", "The mesh that this page shows", false],
    ["py", "Program", "The build123d source", false],
  ];
  return rows
    .filter(([format]) => {
      const has = part.artifacts[format] !== undefined;
      if (format === "dxf" || format === "svg") return flat;
      if (format === "3mf") return !flat;
      // A flat result has no STEP or STL unless the appliance says so.
      return has || !part.complete || !flat || format === "py";
    })
    .map(([format, title, what, onRequest]) => {
      const path = part.artifacts[format] ?? null;
      const making = state.exports[exportKey(part.job, format)]?.state === "making";
      // After a slider only the mesh is there; every other file is made when it is asked for.
      const askable = part.complete && format !== "glb" && format !== "py";
      const offered: Offer["state"] =
        path !== null ? "ready" : making ? "making" : askable ? "askable" : "waiting";
      return { format, title, what, path, onRequest: onRequest || askable, state: offered };
    });
}

function downloadPath(path: string): string {
  return `${path}?download=1`;
}
