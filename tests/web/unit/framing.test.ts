// When the camera may move by itself, and the exact values that a click shows.
import { describe, expect, it } from "vitest";
import { gridStep, shouldRefit } from "../../../web/src/viewer/framing.ts";
import { edgeText, faceText } from "../../../web/src/viewer/readout.ts";
import type { BoundingBox, Vec3 } from "../../../web/src/wire.ts";

function box(size: Vec3, at: Vec3 = [0, 0, 0]): BoundingBox {
  return { min: at, max: at.map((low, axis) => low + size[axis]!) as Vec3, size };
}

describe("keeping the camera", () => {
  const plate = box([60, 40, 10]);

  it("fits the first part", () => expect(shouldRefit(null, plate)).toBe(true));

  it.each<[string, BoundingBox]>([
    ["the same part", plate],
    ["a slightly longer one", box([80, 40, 10])],
    ["a thicker one", box([60, 40, 60])],
    ["one moved a little", box([60, 40, 10], [20, 0, 0])],
  ])("stays for %s", (_name, next) => expect(shouldRefit(plate, next)).toBe(false));

  it.each<[string, BoundingBox]>([
    ["one ten times as large", box([600, 400, 100])],
    ["a screw after a plate", box([5, 5, 12])],
    ["one far away", box([60, 40, 10], [500, 0, 0])],
    ["one without any size", box([0, 0, 0])],
  ])("moves for %s", (_name, next) => expect(shouldRefit(plate, next)).toBe(true));
});

describe("the grid", () => {
  it.each([
    [60, 10],
    [100, 10],
    [101, 20],
    [480, 50],
    [7, 1],
    [0.9, 0.1],
    [0, 10],
  ])("has round steps for %s mm: %s mm", (extent, step) => expect(gridStep(extent)).toBeCloseTo(step, 9));
});

describe("exact values", () => {
  it("tells a face", () => {
    expect(faceText({ type: "plane", area: 2300, normal: [0, 0, 1] })).toBe(
      "Plane · area 2300 mm² · faces +Z",
    );
    expect(
      faceText({
        type: "cylinder",
        area: 157.079633,
        radius: 2.5,
        axis: { origin: [0, 0, 0], direction: [0, 0, -1] },
      }),
    ).toBe("Cylinder · radius 2.5 mm (Ø5) · area 157.08 mm² · axis −Z");
    expect(faceText({ type: "cone", area: 20, radius: 3, half_angle: Math.PI / 4 })).toBe(
      "Cone · angle 90° · area 20 mm²",
    );
    expect(faceText({ type: "torus", area: 20, radius: 30, minor_radius: 5 })).toBe(
      "Torus · ring 30 mm, tube 5 mm · area 20 mm²",
    );
    expect(faceText({ type: "bspline", area: 12 })).toBe("Spline · area 12 mm²");
  });

  it("tells an edge, and an arc from a circle", () => {
    expect(edgeText({ type: "line", length: 60 })).toBe("Line · length 60 mm");
    expect(edgeText({ type: "circle", length: 5 * Math.PI, radius: 2.5 })).toBe(
      "Circle · radius 2.5 mm (Ø5) · length 15.708 mm",
    );
    expect(edgeText({ type: "circle", length: 7.853982, radius: 5 })).toBe(
      "Arc · radius 5 mm (Ø10) · length 7.854 mm",
    );
  });
});
