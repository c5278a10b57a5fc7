// Measures the contrast of every visible text on the page against what lies behind it, as WCAG 2 defines it.
import type { Page } from "playwright-core";

const RATIO_MIN = 4.5;

/** The texts below 4.5:1, with their ratio: an empty list is the wish. Text that is switched off is exempt, as in WCAG. */
export function lowContrasts(page: Page): Promise<string[]> {
  return page.evaluate((ratioMin) => {
    type Colour = [number, number, number];
    const parse = (text: string): Colour | null => {
      const parts = /rgba?\(([^)]+)\)/.exec(text)?.[1]?.split(",").map(Number);
      if (parts === undefined || (parts[3] ?? 1) < 1) return null;
      return [parts[0]!, parts[1]!, parts[2]!];
    };
    const luminance = (colour: Colour): number => {
      const [red, green, blue] = colour.map((value) => {
        const channel = value / 255;
        return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
      }) as Colour;
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (a: Colour, b: Colour): number => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
      return (high + 0.05) / (low + 0.05);
    };
    /** The colours behind an element: its nearest opaque background, or every stop of a gradient. */
    const behind = (element: Element): Colour[] => {
      for (let at: Element | null = element; at !== null; at = parentOf(at)) {
        const style = getComputedStyle(at);
        const stops = [...style.backgroundImage.matchAll(/rgba?\([^)]+\)/g)].map((match) => parse(match[0]));
        const found = stops.length > 0 ? stops : [parse(style.backgroundColor)];
        const opaque = found.filter((colour) => colour !== null);
        if (opaque.length > 0) return opaque;
      }
      return [];
    };
    const parentOf = (element: Element): Element | null => {
      const root = element.getRootNode();
      return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    };
    const low: string[] = [];
    const visit = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot !== null) visit(element.shadowRoot);
        const text = [...element.childNodes]
          .filter((node) => node.nodeType === Node.TEXT_NODE)
          .map((node) => node.textContent?.trim())
          .join("");
        if (
          text === "" ||
          !element.checkVisibility({ visibilityProperty: true }) ||
          element.matches(":disabled, style, .unseen")
        )
          continue;
        const colour = parse(getComputedStyle(element).color);
        if (colour === null) continue;
        const worst = Math.min(...behind(element).map((back) => ratio(colour, back)));
        if (worst < ratioMin)
          low.push(
            `${worst.toFixed(2)} ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 40)}`,
          );
      }
    };
    visit(document);
    return low;
  }, RATIO_MIN);
}
