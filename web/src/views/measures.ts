// The exact measures of the part, and its holes.
import { el, show, whenChanged } from "../dom.ts";
import { area, groupHoles, holeText, length, mass, number, point, size, volume } from "../format.ts";
import type { State } from "../state.ts";
import type { Measures, PartKind } from "../wire.ts";

export function measuresView(root: HTMLElement): (state: State) => void {
  const list = el("dl", { class: "measures-list" });
  const holes = el("tbody", {});
  const holesTitle = el("h3", {}, "Holes");
  const holesTable = el(
    "table",
    { class: "holes-table" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, "Count"),
        el("th", { scope: "col" }, "Ø mm"),
        el("th", { scope: "col" }, "Kind"),
      ),
    ),
    holes,
  );
  root.append(el("h3", {}, "Measures"), list, holesTitle, holesTable);

  let kind: PartKind = "solid";
  const draw = whenChanged<Measures>((measures) => {
    list.replaceChildren(
      ...facts(measures, kind).flatMap(([term, text, tone]) => [
        el("dt", {}, term),
        el("dd", tone === undefined ? {} : { "data-tone": tone }, text),
      ]),
    );
    const groups = groupHoles(measures.holes);
    holes.replaceChildren(
      ...groups.map(({ count, hole, centres }) =>
        el(
          "tr",
          { title: `at ${centres.slice(0, 12).map(point).join("  ·  ")}${centres.length > 12 ? "  …" : ""}` },
          el("td", {}, `${count} ×`),
          el("td", {}, number(hole.diameter)),
          el("td", {}, holeText(hole)),
        ),
      ),
    );
    show(holesTitle, groups.length > 0);
    show(holesTable, groups.length > 0);
  });

  return (state) => {
    if (state.part === null) return;
    kind = state.part.kind;
    draw(state.part.measures);
  };
}

function facts(measures: Measures, kind: PartKind): [string, string, ("good" | "bad")?][] {
  const solid = kind === "solid";
  const found: [string, string, ("good" | "bad")?][] = [["Size", size(measures.bounding_box.size)]];
  if (solid) found.push(["Volume", volume(measures.volume)]);
  if (kind !== "curve") found.push([solid ? "Surface" : "Area", area(measures.area)]);
  if (typeof measures.length === "number") found.push(["Length", length(measures.length)]);
  if (measures.mass !== null) found.push(["Mass", mass(measures.mass)]);
  for (const { radius, count } of measures.rounds ?? [])
    found.push([`Rounded R${number(radius)}`, `${count} ×`]);
  found.push(["Centre of mass", point(measures.centre_of_mass)]);
  if (solid) found.push(["Solids", String(measures.solids)]);
  found.push(["Faces, edges", `${measures.faces}, ${measures.edges}`]);
  found.push(["Valid", measures.valid ? "yes" : "no", measures.valid ? "good" : "bad"]);
  if (solid) found.push(["Closed", measures.manifold ? "yes" : "no", measures.manifold ? "good" : "bad"]);
  return found;
}
