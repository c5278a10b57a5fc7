// How far a slider goes when the program says it, and when it does not: pure arithmetic.
import type { Parameter } from "./wire.ts";

const STEPS = 200;

export interface SliderRange {
  min: number;
  max: number;
  step: number;
}

/** The declared range; where there is none, from nothing to twice what the value was at first, so that it stays put while moved. */
export function sliderRange(parameter: Parameter, base: number): SliderRange {
  const whole = parameter.kind === "count";
  const reach = Math.abs(base) > 0 ? 2 * Math.abs(base) : 10;
  const lowest = base < 0 ? -reach : 0;
  const min = parameter.min ?? Math.min(lowest, parameter.max ?? lowest);
  const max = Math.max(parameter.max ?? Math.max(base < 0 ? 0 : reach, min + reach), min);
  const step = parameter.step ?? (whole ? 1 : niceStep((max - min) / STEPS));
  return { min, max, step: whole ? Math.max(1, Math.round(step)) : step };
}

/** The largest of 1, 2 and 5 times a power of ten that is not above `rough`. */
function niceStep(rough: number): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough) + 1e-9);
  const factor = [5, 2, 1].find((candidate) => candidate * power <= rough * (1 + 1e-9)) ?? 1;
  return Number((factor * power).toPrecision(1));
}
