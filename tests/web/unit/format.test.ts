// Numbers as people read them.
import { describe, expect, it } from "vitest";
import {
  area,
  bytes,
  count,
  groupHoles,
  holeText,
  length,
  mass,
  number,
  plural,
  seconds,
  size,
  volume,
} from "../../../web/src/format.ts";
import type { Hole } from "../../../web/src/wire.ts";

const plain: Hole = {
  diameter: 5,
  depth: 10,
  through: true,
  kind: "plain",
  axis: [0, 0, 1],
  centre: [24, 14, 5],
  head_diameter: null,
  head_depth: null,
  angle: null,
};

describe("numbers", () => {
  it.each([
    [60, "60"],
    [5.5, "5.5"],
    [0.1 + 0.2, "0.3"],
    [-0.0000001, "0"],
    [1e-4, "0"],
    [1234.5678, "1234.568"],
    [22999.999963, "23\u202f000"],
    [-1234567.25, "-1\u202f234\u202f567.25"],
    [100, "100"],
    [Number.NaN, "?"],
  ])("writes %s as %s", (value, text) => expect(number(value)).toBe(text));

  it("keeps the zeros of whole numbers when no decimals are wanted", () => {
    expect(number(1200, 0)).toBe("1200");
  });

  it("gives units", () => {
    expect(length(12.5)).toBe("12.5 mm");
    expect(size([60, 40, 10])).toBe("60 × 40 × 10 mm");
    expect(size([60, 40, 0])).toBe("60 × 40 mm");
    expect(area(157.0796)).toBe("157.08 mm²");
    expect(volume(23000.04)).toBe("23\u202f000 mm³");
    expect(mass(62.1)).toBe("62.1 g");
    expect(mass(1500)).toBe("1.5 kg");
    expect(seconds(0.1234)).toBe("123 ms");
    expect(seconds(2.345)).toBe("2.35 s");
    expect(seconds(59.96)).toBe("60.0 s");
  });
});

describe("sizes and counts", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1500, "2 kB"],
    [397_807_936, "398 MB"],
    [999_700_000, "1 GB"],
    [5_100_000_000, "5.1 GB"],
    [137_400_000_000, "137 GB"],
  ])("writes %s bytes as %s", (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [870, "870"],
    [1_900_000, "1.9 M"],
    [494_032_768, "494 M"],
    [8_030_000_000, "8 B"],
    [70_600_000_000, "71 B"],
  ])("counts %s as %s", (value, text) => expect(count(value)).toBe(text));

  it("knows one from many", () => {
    expect([plural(1, "token"), plural(0, "token"), plural(12345, "token")]).toEqual([
      "1 token",
      "0 tokens",
      "12\u202f345 tokens",
    ]);
  });
});

describe("holes", () => {
  it("counts equal holes together and keeps different ones apart", () => {
    const groups = groupHoles([
      plain,
      { ...plain, centre: [0, 0, 5] },
      { ...plain, through: false, depth: 4 },
    ]);
    expect(groups.map((group) => [group.count, group.hole.through])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect(groups[0]?.centres).toEqual([
      [24, 14, 5],
      [0, 0, 5],
    ]);
  });

  it.each<[Partial<Hole>, string]>([
    [{}, "through"],
    [{ through: false, depth: 4 }, "4 deep"],
    [{ kind: "counterbore", head_diameter: 10, head_depth: 5.4 }, "through, counterbore Ø10 × 5.4"],
    [{ kind: "countersink", head_diameter: 11, angle: 90 }, "through, countersink Ø11 90°"],
    [{ kind: "countersink" }, "through, countersink"],
  ])("tells the kind of hole %#", (change, text) => expect(holeText({ ...plain, ...change })).toBe(text));
});
