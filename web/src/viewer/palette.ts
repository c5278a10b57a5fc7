// The viewer's colours, read from the same tokens as the rest of the page, so that a theme is one list of values.
import { Color } from "three";

export interface Palette {
  part: Color;
  edge: Color;
  gridMinor: Color;
  gridMajor: Color;
  axisX: Color;
  axisY: Color;
  accent: Color;
  sky: Color;
  ground: Color;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (token: string): Color => new Color(style.getPropertyValue(token).trim());
  return {
    part: read("--viewer-part"),
    edge: read("--viewer-edge"),
    gridMinor: read("--viewer-grid"),
    gridMajor: read("--viewer-grid-strong"),
    axisX: read("--axis-x"),
    axisY: read("--axis-y"),
    accent: read("--viewer-accent"),
    sky: read("--viewer-sky"),
    ground: read("--viewer-ground"),
  };
}
