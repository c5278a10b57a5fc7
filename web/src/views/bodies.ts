// The bodies of a part that has more than one, each with its switch for being seen.
import { el, keyed, show } from "../dom.ts";
import { volume } from "../format.ts";
import type { Intents } from "../intents.ts";
import type { State } from "../state.ts";
import type { BodyMeasures } from "../wire.ts";

export function bodiesView(root: HTMLElement, intents: Intents): (state: State) => void {
  const list = el("ul", { class: "bodies-list" });
  root.append(el("h3", {}, "Bodies"), list);

  function make(body: BodyMeasures): HTMLElement {
    const box = el("input", { type: "checkbox" });
    box.addEventListener("change", () => intents.toggleBody(body.name));
    const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
    // Set through the object model: the policy forbids style attributes in markup.
    if (body.colour !== null) swatch.style.backgroundColor = body.colour;
    return el(
      "li",
      {},
      el(
        "label",
        {},
        box,
        swatch,
        el("span", { class: "body-name" }, body.name),
        el("span", { class: "body-volume" }, volume(body.volume)),
      ),
    );
  }

  return (state) => {
    const part = state.part;
    const bodies = part?.measures.bodies ?? [];
    show(root, bodies.length > 1);
    if (part === null || bodies.length < 2) return;
    keyed(list, bodies, (body) => `${part.job} ${body.name}`, make);
    bodies.forEach((body, index) => {
      const box = list.children[index]?.querySelector("input");
      if (box) box.checked = !state.hiddenBodies.includes(body.name);
    });
  };
}
