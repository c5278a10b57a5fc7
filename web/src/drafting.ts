// What is done for a draft: what a model was asked, what it writes, what was repaired and what it cost. Pure and bounded.
import { number, plural, seconds } from "./format.ts";
import { LANE_WORD } from "./lanes.ts";
import type { JobEvent, Lane, Usage } from "./wire.ts";

export const TEXT_CHARACTERS_MAX = 20_000;
export const REPAIRS_MAX = 50;
export const REPAIR_CHARACTERS_MAX = 1000;

type Data<Name extends JobEvent["event"]> = Extract<JobEvent, { event: Name }>["data"];
export type Asked = Data<"asked">;
export type Progress = Data<"progress">;
export type Repair = Data<"repair">;

export interface Drafting {
  /** The last round; a new one is a new object. */
  asked: Asked | null;
  /** The lane that was asked, and at the end the one that the answer came by. */
  lane: Lane | null;
  /** From the question until something is done with the answer. The job's own state never goes back to `writing`. */
  writing: boolean;
  progress: Progress | null;
  /** The end of what was written in this round. */
  text: string;
  /** How many characters of this round are no longer kept. */
  dropped: number;
  repairs: Repair[];
  usage: Usage | null;
}

export const undrafted: Drafting = {
  asked: null,
  lane: null,
  writing: false,
  progress: null,
  text: "",
  dropped: 0,
  repairs: [],
  usage: null,
};

export function ofRecord({ lane, usage }: { lane: Lane | null; usage: Usage | null }): Drafting {
  return usage === null ? undrafted : { ...undrafted, lane, usage };
}

export function ask(drafting: Drafting, asked: Asked): Drafting {
  return { ...drafting, asked, lane: asked.lane, writing: true, progress: null, text: "", dropped: 0 };
}

export function advance(drafting: Drafting, progress: Progress): Drafting {
  return { ...drafting, progress };
}

export function write(drafting: Drafting, text: string): Drafting {
  const all = drafting.text + text;
  let over = Math.max(0, all.length - TEXT_CHARACTERS_MAX);
  // Half of a character is none.
  if (over > 0 && /[\uDC00-\uDFFF]/.test(all.charAt(over))) over += 1;
  const dropped = drafting.dropped + over;
  return { ...drafting, progress: null, text: over > 0 ? all.slice(over) : all, dropped };
}

export function repair(drafting: Drafting, { why, how }: Repair): Drafting {
  const repairs = [...drafting.repairs, { why: cut(why), how: cut(how) }].slice(-REPAIRS_MAX);
  return { ...settle(drafting), repairs };
}

/** Something is done with the draft: nobody writes. */
export function settle(drafting: Drafting): Drafting {
  return drafting.writing || drafting.progress !== null
    ? { ...drafting, writing: false, progress: null }
    : drafting;
}

export function finish(drafting: Drafting, lane: Lane | null, usage: Usage | null): Drafting {
  return { ...settle(drafting), lane: lane ?? drafting.lane, usage: usage ?? drafting.usage };
}

/** Whether there is more to tell than that a template answered. */
export function isTold({ asked, progress, repairs, usage }: Drafting): boolean {
  return asked !== null || progress !== null || repairs.length > 0 || usage !== null;
}

export function askedText({ model, lane, round }: Asked): string {
  const what = lane === "model-code" ? "a program" : lane === "remote" ? "a draft" : "a plan";
  return `${model} writes ${what} (round ${round})`;
}

/** All of it in one line: "Model plan · micro · 1.20 s · 84 tokens (210/s), 3 candidates, 1 repair". */
export function summary({ lane, asked, usage, repairs }: Drafting): string {
  const model = usage?.model ?? asked?.model ?? null;
  const repaired = repairs.length > 0 ? repairs.length : Math.max(0, (usage?.rounds ?? 1) - 1);
  const counts = [];
  if (usage !== null) counts.push(`${plural(usage.tokens, "token")}${rate(usage)}`);
  if (usage !== null && usage.candidates > 1) counts.push(plural(usage.candidates, "candidate"));
  if (repaired > 0) counts.push(plural(repaired, "repair"));
  const words = [
    lane === null ? null : LANE_WORD[lane],
    model,
    usage === null ? null : seconds(usage.prompt_seconds + usage.seconds),
    counts.join(", "),
  ];
  return words.filter(Boolean).join(" · ");
}

function rate({ tokens, seconds: spent }: Usage): string {
  return spent > 0 && tokens > 0 ? ` (${number(tokens / spent, 0)}/s)` : "";
}

/** What the summary leaves out: the prompt's side, and what did not have to be written. */
export function costText({ prompt_tokens, cached_tokens, copied_tokens, prompt_seconds }: Usage): string {
  const prompt = `Prompt of ${plural(prompt_tokens, "token")}, read in ${seconds(prompt_seconds)}`;
  const cached = cached_tokens > 0 ? `, ${number(cached_tokens, 0)} of them from the cache` : "";
  const copied = copied_tokens > 0 ? `; ${plural(copied_tokens, "token")} copied from the draft before` : "";
  return `${prompt}${cached}${copied}.`;
}

/** From 0 to 1; null when nobody knows how long it takes. */
export function share({ done, total }: Progress): number | null {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : null;
}

function cut(text: string): string {
  return text.length <= REPAIR_CHARACTERS_MAX ? text : `${text.slice(0, REPAIR_CHARACTERS_MAX)}…`;
}
