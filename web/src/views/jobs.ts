// The list of recent jobs; a click brings one back.
import { el, keyed, show } from "../dom.ts";
import { clock, seconds } from "../format.ts";
import type { Intents } from "../intents.ts";
import { LANE_WORD } from "../lanes.ts";
import { jobTitle, type State } from "../state.ts";
import { changeText } from "../versions.ts";
import type { JobRecord, JobState } from "../wire.ts";

export const STATE_TEXT: Record<JobState, string> = {
  queued: "Queued",
  reading: "Reading",
  writing: "Writing",
  running: "Running",
  exporting: "Exporting",
  built: "Built",
  question: "Asked back",
  failed: "Failed",
  refused: "Refused",
  timed_out: "Timed out",
  cancelled: "Cancelled",
  interrupted: "Interrupted",
};

export function jobsView(root: HTMLElement, intents: Intents, chosen: () => void): (state: State) => void {
  const empty = el("p", { class: "hint" }, "No jobs yet. Everything you build is listed here.");
  const list = el("ul", { class: "jobs" });
  root.append(el("h2", {}, "Recent jobs"), empty, list);

  function make(record: JobRecord): HTMLElement {
    const open = el("button", { type: "button", class: "job" });
    open.append(
      el("span", { class: "job-title" }, titleOf(record)),
      el("span", { class: "job-state", "data-state": record.state }, STATE_TEXT[record.state]),
      el("span", { class: "job-more" }, more(record)),
    );
    open.addEventListener("click", () => {
      void intents.openJob(record.id);
      chosen();
    });
    return el("li", {}, open);
  }

  return (state) => {
    show(empty, state.jobs.length === 0);
    // A job that went on is another line, so that its text is always the record's.
    keyed(list, withoutTuning(state.jobs), (job) => `${job.id} ${job.state}`, make);
    for (const item of Array.from(list.children)) {
      const current = (item as HTMLElement).dataset["key"]?.startsWith(`${state.job?.id} `) ?? false;
      item.firstElementChild?.setAttribute("aria-current", String(current));
    }
  };
}

function titleOf(record: JobRecord): string {
  if (record.origin === "parameters" && record.changes.length > 0)
    return record.changes.map(changeText).join(", ");
  return jobTitle(record.prompt, record.program);
}

/** Of the moves of a slider only the last is a job to come back to. */
function withoutTuning(jobs: JobRecord[]): JobRecord[] {
  return jobs.filter((job, index) => {
    const newer = jobs[index - 1];
    const passed = job.origin === "parameters" && newer?.origin === "parameters";
    return !(passed && newer?.conversation === job.conversation);
  });
}

function more(record: JobRecord): string {
  const words = [clock(record.created)];
  if (record.lane !== null) words.push(LANE_WORD[record.lane]);
  if (record.seconds !== null) words.push(seconds(record.seconds));
  return words.filter((word) => word !== "").join(" · ");
}
