// One strip that always says what is going on: waiting, working, built, or what went wrong and what to do about it.
import { button, el, setProse, setText, show } from "../dom.ts";
import { askedText } from "../drafting.ts";
import { seconds, stop } from "../format.ts";
import type { Intents } from "../intents.ts";
import { isInEditor, type Job, type State } from "../state.ts";
import { isWorking } from "../store.ts";
import type { Lane } from "../wire.ts";
import { STATE_TEXT } from "./jobs.ts";

const CLOCK_MS = 100;

const LANE_TEXT: Record<Lane, string> = {
  template: "by template, without a model",
  "model-plan": "by the model, as a plan",
  "model-code": "by the model, as code",
  remote: "by a remote engine",
  code: "from your program",
};

interface Said {
  tone: "idle" | "busy" | "good" | "warn" | "bad";
  title: string;
  text: string;
  hint: string | null;
  line: number | null;
}

export function statusView(
  root: HTMLElement,
  intents: Intents,
  goToLine: (line: number) => void,
): (state: State) => void {
  const title = el("strong", { class: "status-title" });
  const text = el("span", { class: "status-text" });
  const hint = el("p", { class: "status-hint" });
  const elapsed = el("span", { class: "status-clock", "aria-hidden": "true" });
  const excerpt = el("pre", { class: "status-excerpt" });
  let line = 1;
  const lineButton = button("", { class: "quiet" }, () => goToLine(line));
  const cancel = button("Cancel", { class: "quiet" }, () => void intents.cancel());
  const words = el("div", {
    class: "status-words",
    role: "status",
    "aria-live": "polite",
    "aria-atomic": "true",
  });
  words.append(el("p", {}, title, " ", text), hint);
  root.append(
    el(
      "div",
      { class: "status-row" },
      words,
      el("div", { class: "status-tools" }, elapsed, lineButton, cancel),
    ),
    excerpt,
    el("div", { class: "status-bar", "aria-hidden": "true" }),
  );

  let started: number | null = null;
  setInterval(() => {
    if (started !== null) setText(elapsed, `${((Date.now() - started) / 1000).toFixed(1)} s`);
  }, CLOCK_MS);

  return (state) => {
    const said = say(state);
    root.dataset["tone"] = said.tone;
    root.dataset["job"] = state.job?.id ?? "";
    setText(title, said.title);
    setProse(text, said.text);
    setProse(hint, said.hint ?? "");
    show(hint, said.hint !== null);
    const working = isWorking(state);
    started = working ? (state.job?.started ?? null) : null;
    show(elapsed, working);
    show(cancel, working);
    cancel.disabled = state.job?.id === null || (state.job?.cancelling ?? false);
    setText(cancel, state.job?.cancelling ? "Cancelling…" : "Cancel");
    line = said.line ?? 1;
    show(lineButton, said.line !== null);
    setText(lineButton, `Line ${line}`);
    const lines = said.line === null ? [] : (state.job?.error?.excerpt ?? []);
    show(excerpt, lines.length > 0);
    setText(
      excerpt,
      lines.map((one) => `${one.line === line ? "▸" : " "} ${one.line}  ${one.text}`).join("\n"),
    );
    document.title = working ? "Building… · NaturalCAD" : "NaturalCAD";
  };
}

/** What the strip says, as a value: the order of these questions is the order of importance. */
export function say(state: State): Said {
  const { job, refusal } = state;
  const runner = state.health?.runner;
  if (state.unreachable) {
    return {
      tone: "bad",
      title: "The appliance does not answer.",
      text: "The page keeps trying.",
      hint: "Check that `naturalcad serve` still runs. Nothing you wrote here is lost.",
      line: null,
    };
  }
  if (refusal !== null)
    return { tone: "bad", title: `${stop(refusal.message)}`, text: "", hint: refusal.hint, line: null };
  if (job !== null && isWorking(state)) return busy(job, runner?.state === "ready" || runner === undefined);
  if (runner?.state === "broken") {
    return {
      tone: "bad",
      title: "The runner is broken.",
      text: runner.message ?? "",
      hint: "No part can be built. `naturalcad doctor` in a terminal says what is missing.",
      line: null,
    };
  }
  if (job !== null) return ended(job, state);
  if (runner !== undefined && runner.state !== "ready") {
    return {
      tone: "busy",
      title: "Warming up.",
      text: "The CAD kernel is being loaded once, which takes some seconds.",
      hint: "You can already write and submit; your part is built as soon as a worker is warm.",
      line: null,
    };
  }
  return {
    tone: "idle",
    title: "Ready.",
    text: "Write what part you want, or run a program.",
    hint: null,
    line: null,
  };
}

function busy(job: Job, warm: boolean): Said {
  const base = { tone: "busy" as const, hint: null, line: null };
  if (job.stream === "lost") {
    return { ...base, title: "Connection lost.", text: "The job goes on; the page is taking it up again." };
  }
  if (job.state === "queued") {
    if (!warm)
      return { ...base, title: "Waiting.", text: "The runner is still warming up; this job is next." };
    const ahead = job.position ?? 0;
    return {
      ...base,
      title: "Queued.",
      text: ahead > 0 ? `${ahead} ${ahead === 1 ? "job" : "jobs"} before it.` : "",
    };
  }
  const { asked, writing, progress } = job.drafting;
  if (progress !== null) return { ...base, title: `${STATE_TEXT.writing}…`, text: stop(progress.what) };
  // Also in the rounds after the first: the job runs by then, and is not called writing again.
  if (writing && asked !== null)
    return { ...base, title: `${STATE_TEXT.writing}…`, text: `${askedText(asked)}.` };
  const texts: Record<string, string> = {
    reading: "Reading the prompt.",
    writing: "A model writes a draft.",
    running: "Building the solid.",
    exporting: "Measured; writing STEP and STL.",
  };
  return { ...base, title: `${STATE_TEXT[job.state]}…`, text: texts[job.state] ?? "" };
}

function ended(job: Job, state: State): Said {
  if (job.state === "built") {
    const time = job.seconds === null ? "" : ` in ${seconds(job.seconds)}`;
    const warnings = state.part?.job === job.id ? state.part.warnings.length : 0;
    const lane = laneText(job);
    const doubt =
      warnings === 0
        ? ""
        : ` It has ${warnings === 1 ? "a warning" : `${warnings} warnings`}: see its files.`;
    return {
      tone: warnings > 0 ? "warn" : "good",
      title: `Built${time}`,
      text: `${lane}.${doubt}`,
      hint: null,
      line: null,
    };
  }
  const error = job.error;
  const titles: Partial<Record<Job["state"], string>> = {
    question: "One thing first.",
    failed: "This did not work.",
    refused: "Refused.",
    timed_out: "It took too long.",
    cancelled: "Cancelled.",
    interrupted: "Interrupted.",
  };
  const kind = error?.type && !error.message.startsWith(error.type) ? `${error.type}: ` : "";
  return {
    tone: job.state === "failed" || job.state === "timed_out" || job.state === "refused" ? "bad" : "warn",
    title: titles[job.state] ?? STATE_TEXT[job.state],
    text:
      job.state === "cancelled"
        ? "Nothing was changed."
        : error === null
          ? ""
          : stop(`${kind}${error.message}`),
    hint: job.state === "cancelled" ? null : (error?.hint ?? null),
    // A line of a program that the editor does not show would lead astray.
    line: isInEditor(job, state.program) ? (error?.line ?? null) : null,
  };
}

function laneText({ lane, drafting, values }: Job): string {
  // A fallback does not pretend.
  const asked = values === null && (drafting.asked !== null || drafting.usage !== null);
  if (lane === "template" && asked) return "by template; what the model wrote was left aside";
  return lane === null ? "" : LANE_TEXT[lane];
}
