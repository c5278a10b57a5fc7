// The versions of a conversation as the page lists them: what was built, with a run of slider moves as one line. Pure.
import type { Change, Conversation, Lane, Version } from "./wire.ts";

export interface VersionLine {
  /** The last job of the run. */
  job: string;
  version: number;
  /** Every job that the line stands for. */
  jobs: string[];
  /** The job it goes on from. */
  parent: string | null;
  /** The version it goes on from, when that is not the line before. */
  from: number | null;
  title: string;
  lane: Lane | null;
  changes: Change[];
}

export function versionLines(conversation: Conversation): VersionLine[] {
  const lines: VersionLine[] = [];
  const tuned = new Set<string>();
  for (const version of conversation.versions) {
    if (version.state !== "built") continue;
    const before = lines.at(-1);
    const goesOn = version.origin === "parameters" && before?.job === version.parent;
    if (before !== undefined && goesOn && tuned.has(before.job)) {
      const changes = joined(before.changes, version.changes);
      const jobs = [...before.jobs, version.job];
      lines[lines.length - 1] = {
        ...before,
        job: version.job,
        version: version.version,
        jobs,
        changes,
        title: changesTitle(changes),
      };
    } else {
      lines.push({
        job: version.job,
        version: version.version,
        jobs: [version.job],
        parent: version.parent,
        from: fromOf(conversation, lines, version),
        title: titleOf(version),
        lane: version.lane,
        changes: version.changes,
      });
    }
    if (version.origin === "parameters") tuned.add(version.job);
  }
  return lines;
}

export function lineOf(lines: VersionLine[], job: string): VersionLine | null {
  return lines.find((line) => line.jobs.includes(job)) ?? null;
}

/** The version that "undo" goes back to: the nearest built one that this one goes on from. */
export function versionBefore(conversation: Conversation, job: string): VersionLine | null {
  const lines = versionLines(conversation);
  const known = new Map(conversation.versions.map((version) => [version.job, version]));
  let parent = lineOf(lines, job)?.parent ?? null;
  // A chain cannot be longer than the conversation.
  for (let steps = 0; parent !== null && steps < known.size; steps += 1) {
    const found = lineOf(lines, parent);
    if (found !== null) return found;
    parent = known.get(parent)?.parent ?? null;
  }
  return null;
}

/** The job whose part stays on the screen when `job` built none. */
export function goodBefore(conversation: Pick<Conversation, "versions">, job: string): string | null {
  const known = new Map(conversation.versions.map((version) => [version.job, version]));
  let at = known.get(job);
  for (let steps = 0; at !== undefined && steps <= known.size; steps += 1) {
    if (at.state === "built") return at.job;
    at = at.parent === null ? undefined : known.get(at.parent);
  }
  return null;
}

function fromOf({ versions }: Conversation, lines: VersionLine[], version: Version): number | null {
  const good = versions.find((one) => one.job === version.parent);
  const built = good === undefined ? null : goodBefore({ versions }, good.job);
  const line = built === null ? null : lineOf(lines, built);
  return line === null || line === lines.at(-1) ? null : line.version;
}

function titleOf({ prompt, origin, changes }: Version): string {
  if (prompt !== null) return prompt;
  if (origin === "parameters") return changesTitle(changes);
  return origin === "program" ? "Program" : "Plan";
}

function changesTitle(changes: Change[]): string {
  return changes.length === 0 ? "Same values" : changes.map(changeText).join(", ");
}

export function changeText({ what, from, to }: Change): string {
  if (from === null) return to === null ? what : `${what} added: ${to}`;
  return to === null ? `${what} removed` : `${what} ${from} → ${to}`;
}

/** Two steps of changes as one: from where the first began to where the second ended. */
function joined(first: Change[], second: Change[]): Change[] {
  const all = new Map(first.map((change) => [change.what, change]));
  for (const change of second) {
    const before = all.get(change.what);
    all.set(change.what, before === undefined ? change : { ...change, from: before.from });
  }
  return [...all.values()].filter(({ from, to }) => from !== to);
}
