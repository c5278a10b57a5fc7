// One visit of the page: a fresh browser context that notes every error, every policy violation and every request that
// leaves the origin. `leave` fails the test when there was one.
import { mkdirSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";

const SCREENSHOTS = new URL("../../../target/screenshots/", import.meta.url).pathname;
const PART_TIMEOUT_MS = 30_000;

export const PLATE = "60x40x10 mm plate with four 5 mm holes 6 mm from the edges and 5 mm corner radius";

export interface Visit {
  page: Page;
  /** What went wrong in the page so far. */
  problems: string[];
  leave(): Promise<void>;
}

export interface VisitOptions {
  width?: number;
  height?: number;
  dark?: boolean;
  phone?: boolean;
  /** Console errors that the test provokes on purpose. */
  expected?: RegExp;
}

export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? "dark" : "light",
    reducedMotion: "reduce",
    hasTouch: options.phone ?? false,
    isMobile: options.phone ?? false,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const origin = new URL(url).origin;
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    const bad = message.type() === "error" || /content.security.policy/i.test(message.text());
    if (bad && !options.expected?.test(message.text())) problems.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    const local = ["data:", "blob:"].includes(asked.protocol);
    if (!local && asked.origin !== origin) problems.push(`request to ${asked.origin}`);
  });
  await page.goto(url);
  await page.locator("#prompt").waitFor();
  return {
    page,
    problems,
    async leave() {
      await context.close();
      expect(problems).toEqual([]);
    },
  };
}

/** Submits a prompt and waits until the appliance has accepted it as a job. */
export async function ask(page: Page, prompt: string): Promise<void> {
  await page.locator("#prompt").fill(prompt);
  await accepted(page, () => page.locator("#prompt").press("Enter"));
}

/** Runs what stands in the editor and waits until the appliance has accepted it as a job. */
export async function run(page: Page): Promise<void> {
  await accepted(page, () => page.locator(".editor .cm-content").press("ControlOrMeta+Enter"));
}

async function accepted(page: Page, submit: () => Promise<void>): Promise<void> {
  const before = page.url();
  await submit();
  await page.waitForURL((url) => url.href !== before && url.hash.startsWith("#/jobs/"));
}

/** Waits until the part of the job in the address is drawn and offered. Says what the page says when there will be none. */
export async function part(page: Page): Promise<void> {
  const came = await page.waitForFunction(
    () => {
      const job = location.hash.split("/").pop() ?? "?";
      const status = document.querySelector<HTMLElement>(".status");
      if (status?.dataset["job"] !== job) return null;
      const tone = status.dataset["tone"];
      const failed = tone === "bad" || (tone === "warn" && !status.innerText.startsWith("Built"));
      if (failed) return `no part: ${status.innerText}`;
      const drawn = document.querySelector<HTMLElement>(".stage")?.dataset["shown"]?.includes(job) ?? false;
      const ended = tone === "good" || tone === "warn";
      return drawn && ended ? "drawn" : null;
    },
    undefined,
    { timeout: PART_TIMEOUT_MS },
  );
  expect(await came.jsonValue()).toBe("drawn");
}

/** Replaces the program in the editor as a user would, by typing over it. */
export async function writeProgram(page: Page, text: string): Promise<void> {
  await page.locator(".editor .cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

export async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage });
}

/**
 * The share of the stage that differs from its background, from a screenshot. The background is a vertical gradient, so a
 * pixel is compared with the left end of its own row; the grid is switched off while looking.
 */
export async function inkShare(page: Page): Promise<number> {
  const grid = page.locator('.tool:has-text("Grid")');
  await grid.click();
  const png = await stagePicture(page);
  await grid.click();
  const reader = await page.context().newPage();
  const share = await reader.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
    let different = 0;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const [here, left] = [(y * width + x) * 4, y * width * 4];
        const distance = [0, 1, 2].reduce(
          (sum, channel) => sum + Math.abs(data[here + channel]! - data[left + channel]!),
          0,
        );
        if (distance > 40) different += 1;
      }
    }
    return different / (width * height);
  }, png.toString("base64"));
  await reader.close();
  return share;
}

/** The middle of the stage, clear of the tools and the readout that lie over it. */
export async function stagePicture(page: Page): Promise<Buffer> {
  const box = (await page.locator(".stage").boundingBox())!;
  const clip = { x: box.x + 4, y: box.y + box.height * 0.2, width: box.width - 8, height: box.height * 0.55 };
  return page.screenshot({ clip });
}

/** Whether the stage shows this picture. The compositor rounds a gradient one way or the other, so a level apart is the same. */
export async function showsPicture(page: Page, before: Buffer): Promise<boolean> {
  const now = await stagePicture(page);
  if (now.equals(before)) return true;
  const reader = await page.context().newPage();
  const most = await reader.evaluate(
    async (pictures) => {
      const pixels = pictures.map(async (base64) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        const context = canvas.getContext("2d")!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      });
      const [a, b] = (await Promise.all(pixels)) as [Uint8ClampedArray, Uint8ClampedArray];
      if (a.length !== b.length) return 255;
      return a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);
    },
    [before.toString("base64"), now.toString("base64")],
  );
  await reader.close();
  return most <= 1;
}

export function status(page: Page): Locator {
  return page.locator(".status");
}
