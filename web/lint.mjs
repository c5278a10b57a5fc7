// @ts-check
// The house rules that a type checker does not see. Prints one line per breach and exits 1 when there is any.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = new URL(".", import.meta.url).pathname;
const TESTS = new URL("../tests/web/", import.meta.url).pathname;
const LINES_MAX = 500;

/** @type {[name: string, pattern: RegExp, only?: (file: string) => boolean][]} */
const FORBIDDEN = [
  ["text becomes markup", /\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b/],
  ["a style attribute, which the policy forbids", /setAttribute\(\s*"style"|style:\s*"/],
  ["another host", /["'`(]https?:\/\/(?!127\.0\.0\.1|www\.w3\.org)/],
  [
    "network code outside api.ts",
    /\b(fetch|EventSource|XMLHttpRequest|WebSocket)\s*\(/,
    (file) => !file.endsWith("src/api.ts"),
  ],
  ["three.js outside viewer/", /from "three/, (file) => !file.includes("src/viewer/")],
  ["a compiler silenced", /@ts-(ignore|nocheck|expect-error)|\bas any\b|: any\b/],
];

/** @type {string[]} */
const breaches = [];
for (const file of files(join(ROOT, "src"), /\.(ts|css)$/)) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  const name = relative(ROOT, file);
  if (!/^(\/\/|\/\*) \S/.test(lines[0] ?? ""))
    breaches.push(`${name}: the first line does not say what the file is for`);
  if (lines.length > LINES_MAX) breaches.push(`${name}: ${lines.length} lines`);
  for (const [what, pattern, only] of FORBIDDEN) {
    if (only !== undefined && !only(file)) continue;
    lines.forEach((line, index) => pattern.test(line) && breaches.push(`${name}:${index + 1}: ${what}`));
  }
}
for (const file of files(TESTS, /\.(ts|mjs)$/)) {
  const first = readFileSync(file, "utf8")
    .split("\n")
    .find((line) => line !== "// @ts-check");
  if (!first?.startsWith("// "))
    breaches.push(`${relative(ROOT, file)}: the first line does not say what the file is for`);
}
if (/"resolved"/.test(readFileSync(join(ROOT, "package-lock.json"), "utf8"))) {
  breaches.push(
    "package-lock.json: names a registry host (`npm config set omit-lockfile-registry-resolved true`)",
  );
}

for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.exitCode = breaches.length > 0 ? 1 : 0;

/** @param {string} folder @param {RegExp} wanted @returns {string[]} */
function files(folder, wanted) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name));
}
