// The sliders' queue of one: what the user wants the parameters to be, what is being run, what did not work. Pure.
// While a job runs only the latest values are remembered; they are sent after it, as one job.
import type { Part, State } from "./state.ts";
import type { Lane, Parameter, ParameterValue, Values } from "./wire.ts";

export interface TuningFailure {
  /** The parameter whose row tells it. */
  name: string;
  message: string;
}

export interface Tuning {
  /** Only what differs from the part on the screen. */
  wanted: Values;
  /** What the job under way was asked for. */
  sent: Values | null;
  /** What the last job was asked for and could not do: it is not sent again unchanged. */
  tried: Values | null;
  failure: TuningFailure | null;
  /** Moved last: it tells a failure that names no parameter. */
  last: string | null;
}

export const untuned: Tuning = { wanted: {}, sent: null, tried: null, failure: null, last: null };

export function sameValue(a: ParameterValue | undefined, b: ParameterValue | undefined): boolean {
  if (typeof a === "number" && typeof b === "number")
    return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  return a === b;
}

function sameValues(a: Values, b: Values | null): boolean {
  if (b === null || Object.keys(a).length !== Object.keys(b).length) return false;
  return Object.entries(a).every(([name, value]) => name in b && sameValue(value, b[name]));
}

/** What the next job should be asked for, or null when there is nothing to send or somebody else is at work. */
export function nextValues(state: State, working: boolean): Values | null {
  const { part, tuning } = state;
  if (part === null || working || tuning.sent !== null || Object.keys(tuning.wanted).length === 0)
    return null;
  return sameValues(tuning.wanted, tuning.tried) ? null : tuning.wanted;
}

export function move(tuning: Tuning, part: Part, name: string, value: ParameterValue): Tuning {
  const { [name]: _before, ...others } = tuning.wanted;
  const is = part.parameters.find((parameter) => parameter.name === name)?.value;
  // A value on its way is wanted as well: the part will have it, and going back must then be sent.
  const stays = sameValue(is, value) && tuning.sent?.[name] === undefined;
  const wanted = stays ? others : { ...others, [name]: value };
  return { ...tuning, wanted, failure: null, tried: null, last: name };
}

export function reset(tuning: Tuning, part: Part, names: string[]): Tuning {
  return names.reduce((next, name) => {
    const value = part.base[name];
    return value === undefined ? next : move(next, part, name, value);
  }, tuning);
}

export function send(tuning: Tuning, values: Values): Tuning {
  return { ...tuning, sent: values, tried: null, failure: null };
}

/** The part came with what was sent; what the user moved since is still wanted. */
export function arrived(tuning: Tuning, part: Part): Tuning {
  const { sent } = tuning;
  const since = Object.entries(tuning.wanted).filter(([name, value]) => !sameValue(value, sent?.[name]));
  return { ...untuned, wanted: differing(Object.fromEntries(since), part), last: tuning.last };
}

/** Those values that the part does not have and could have. */
function differing(values: Values, part: Part): Values {
  const has = new Map(part.parameters.map(({ name, value }) => [name, value]));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => has.has(name) && !sameValue(value, has.get(name))),
  );
}

/** The job was lost: its values are not sent again until the user moves something. */
export function interrupted(tuning: Tuning): Tuning {
  return tuning.sent === null ? tuning : { ...tuning, sent: null, tried: tuning.sent };
}

export function failed(tuning: Tuning, part: Part, message: string): Tuning {
  const name = culprit(part.parameters, message) ?? tuning.last ?? Object.keys(tuning.wanted)[0] ?? "";
  const superseded = !sameValues(tuning.wanted, tuning.sent);
  const wanted = differing(tuning.wanted, part);
  return {
    ...tuning,
    wanted,
    sent: null,
    tried: tuning.sent,
    failure: superseded ? null : { name, message: plain(message) },
  };
}

/** Without the kind of error and the line, which say nothing to whoever moves a slider. */
function plain(message: string): string {
  return message.replace(/^\w+ in line \d+: /, "");
}

/** The parameter that a message names first. */
function culprit(parameters: Parameter[], message: string): string | null {
  const words = message.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  return words.find((word) => parameters.some((parameter) => parameter.name === word)) ?? null;
}

/** The value a row shows: what is wanted, on its way, or what the part has. */
export function shownValue(tuning: Tuning, parameter: Parameter): ParameterValue {
  return tuning.wanted[parameter.name] ?? parameter.value;
}

/** Whether the program itself is the source, and not a plan that it was made from. */
export function isText(lane: Lane | null): boolean {
  return lane === null || lane === "code" || lane === "model-code";
}

/** The values that `reset` goes back to. A text's own literals, else what was there before the sliders. */
export function baseOf(
  parameters: Parameter[],
  program: string | null,
  lane: Lane | null,
  before: Values | null,
): Values {
  const written = isText(lane) ? literals(parameters, program) : {};
  return Object.fromEntries(
    parameters.map(({ name, value }) => [name, written[name] ?? before?.[name] ?? value]),
  );
}

/** The part's values that differ from what its program says. */
export function unwritten(part: Part): Values {
  const written = literals(part.parameters, part.program);
  const differing = part.parameters.filter(
    ({ name, value }) => written[name] !== undefined && !sameValue(written[name], value),
  );
  return Object.fromEntries(differing.map(({ name, value }) => [name, value]));
}

function literals(parameters: Parameter[], program: string | null): Values {
  const characters = Array.from(program ?? "");
  const found = parameters.map(({ name, span: [start, end] }): [string, ParameterValue | null] => [
    name,
    literal(characters.slice(start, end).join("")),
  ]);
  return Object.fromEntries(found.filter((one): one is [string, ParameterValue] => one[1] !== null));
}

/** What a simple Python literal says. */
export function literal(text: string): ParameterValue | null {
  if (text === "True" || text === "False") return text === "True";
  const quoted = /^(["'])([^"'\\]*)\1$/.exec(text);
  if (quoted !== null) return quoted[2] ?? "";
  const number = Number(text.replaceAll("_", ""));
  return text.trim() === "" || Number.isNaN(number) ? null : number;
}
