// Runs once before the browser tests: says on a line of its own what will not run, and why.
import { existsSync } from "node:fs";
import { CHROMIUM, CHROMIUM_MISSING } from "./chromium.ts";

export default function announce(): void {
  if (CHROMIUM_MISSING) {
    const where = CHROMIUM === undefined ? "no Chromium was found" : `there is no Chromium at ${CHROMIUM}`;
    say(`browser tests: NOT RUN, ${where} (install it, or set CHROMIUM to its path)`);
    return;
  }
  if (!existsSync(new URL("../../../web/dist/index.html", import.meta.url))) {
    throw new Error("The page is not built: run `npm --prefix web run build` first");
  }
  if (process.env["NATURALCAD_URL"] === undefined) {
    say(
      "browser tests against the appliance: NOT RUN, NATURALCAD_URL is not set (the tests against the mock do run)",
    );
  }
}

function say(line: string): void {
  process.stderr.write(`\n${line}\n`);
}
