// Who the user wants to be asked, remembered for the session of this tab.
import { isEngine } from "./lanes.ts";
import type { Engine } from "./wire.ts";

const KEY = "naturalcad.engine";

export function storedEngine(): Engine {
  const stored = sessionStorage.getItem(KEY);
  return isEngine(stored) ? stored : "auto";
}

export function storeEngine(engine: Engine): void {
  if (engine === "auto") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, engine);
}
