// Every character of the prompt is shown once, whatever the spans say.
import { describe, expect, it } from "vitest";
import { markPrompt } from "../../../web/src/marking.ts";
import type { Span } from "../../../web/src/wire.ts";

const prompt = "60x40 plate, shiny please";

function kinds(text: string, spans: Span[]): string[] {
  return markPrompt(text, spans).map((stretch) => `${stretch.kind}:${stretch.text}`);
}

describe("marking the prompt", () => {
  it("keeps what lies between the spans", () => {
    const spans: Span[] = [
      { start: 0, end: 5, kind: "used" },
      { start: 6, end: 11, kind: "used" },
      { start: 13, end: 18, kind: "unread" },
      { start: 19, end: 25, kind: "ignored" },
    ];
    expect(kinds(prompt, spans)).toEqual([
      "used:60x40",
      "plain: ",
      "used:plate",
      "plain:, ",
      "unread:shiny",
      "plain: ",
      "ignored:please",
    ]);
  });

  it("shows the prompt unmarked without spans, and nothing for an empty prompt", () => {
    expect(kinds(prompt, [])).toEqual([`plain:${prompt}`]);
    expect(kinds("", [{ start: 0, end: 4, kind: "used" }])).toEqual([]);
  });

  it.each<[string, Span[]]>([
    [
      "unsorted",
      [
        { start: 13, end: 18, kind: "unread" },
        { start: 0, end: 5, kind: "used" },
      ],
    ],
    [
      "overlapping",
      [
        { start: 0, end: 8, kind: "used" },
        { start: 6, end: 11, kind: "ignored" },
      ],
    ],
    ["beyond the end", [{ start: 19, end: 999, kind: "ignored" }]],
    ["reversed", [{ start: 5, end: 2, kind: "used" }]],
    [
      "nested",
      [
        { start: 0, end: 25, kind: "used" },
        { start: 6, end: 11, kind: "unread" },
      ],
    ],
  ])("loses and repeats nothing when spans are %s", (_case, spans) => {
    const joined = markPrompt(prompt, spans)
      .map((stretch) => stretch.text)
      .join("");
    expect(joined).toBe(prompt);
  });

  it("counts characters, not UTF-16 units", () => {
    const text = "🔩 Ø5 hole";
    expect(kinds(text, [{ start: 2, end: 4, kind: "used" }])).toEqual([
      "plain:🔩 ",
      "used:Ø5",
      "plain: hole",
    ]);
  });
});
