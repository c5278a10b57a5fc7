// Which example prompts to offer: a few that show what a sentence can hold, then one for each base of the catalog.
import type { CatalogStep } from "./wire.ts";

const CHIPS_MAX = 5;

const SHOWPIECES = [
  "60x40x10 mm plate with four 5 mm holes 6 mm from the edges and 5 mm corner radius",
  "Disc Ø80 mm, 12 mm thick, with 6 M6 holes on a 60 mm bolt circle",
];

export function examplesOf(catalog: CatalogStep[]): string[] {
  const known = new Set(catalog.map((step) => step.name));
  const shown = catalog.length === 0 || known.has("hole") ? SHOWPIECES : [];
  const fromCatalog = catalog
    .filter((step) => step.kind === "base")
    .flatMap((step) => step.examples.slice(0, 1));
  return [...new Set([...shown, ...fromCatalog])].slice(0, CHIPS_MAX);
}
