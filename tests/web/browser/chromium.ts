// Finds the system's Chromium and starts it headless, with software WebGL and without any connection of its own.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
];

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

export const CHROMIUM = process.env["CHROMIUM"] ?? PLACES.find((place) => existsSync(place));

export const CHROMIUM_MISSING = CHROMIUM === undefined || !existsSync(CHROMIUM);

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? "chromium", headless: true, args: FLAGS });
}
