// How the prompt was read: cuts the prompt into stretches that were used, ignored, not understood, or only joined them.
import type { Span, SpanKind } from "./wire.ts";

export interface Stretch {
  text: string;
  kind: SpanKind | "plain";
}

/**
 * The prompt as stretches in order, every character in exactly one of them. Offsets count Unicode characters, not
 * UTF-16 units. Spans may come unsorted; an overlap goes to the span that starts first, and what lies outside the prompt is cut off.
 */
export function markPrompt(prompt: string, spans: Span[]): Stretch[] {
  const characters = Array.from(prompt);
  const stretches: Stretch[] = [];
  let at = 0;
  const sorted = [...spans].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const span of sorted) {
    const start = Math.max(at, span.start);
    const end = Math.min(characters.length, span.end);
    if (end <= start) continue;
    if (start > at) stretches.push({ text: characters.slice(at, start).join(""), kind: "plain" });
    stretches.push({ text: characters.slice(start, end).join(""), kind: span.kind });
    at = end;
  }
  if (at < characters.length) stretches.push({ text: characters.slice(at).join(""), kind: "plain" });
  return stretches;
}
