// How the page lies on the screen, and whether it can be read: both sizes, both themes, against the mock appliance.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "../mock/server.mjs";
import { CHROMIUM_MISSING, launch } from "./chromium.ts";
import { lowContrasts } from "./contrast.ts";
import { ask, inkShare, part, PLATE, run, shot, status, visit, writeProgram } from "./visit.ts";

describe.skipIf(CHROMIUM_MISSING)("the page's looks", () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    [browser, mock] = await Promise.all([launch(), startMock()]);
  });
  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  it("teaches while it is empty", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await page.locator(".lesson-words dd").first().waitFor();
    expect(await page.locator(".lesson").innerText()).toContain("cylinder");
    expect(await page.locator(".chip").count()).toBeGreaterThanOrEqual(4);
    await shot(page, "empty-light");
    await page.locator(".chip").nth(2).click();
    await part(page);
    expect(await page.locator(".part-label").innerText()).toBe("60x40x10 mm box");
    expect(await page.locator(".chips").isVisible()).toBe(false);
    await leave();
  });

  it.each([
    ["light", false],
    ["dark", true],
  ])("fits 1280 x 800 without scrolling, %s, and can be read", async (name, dark) => {
    const { page, leave } = await visit(browser, mock.url, { dark });
    await ask(page, `${PLATE}, shiny please`);
    await part(page);
    expect(await inkShare(page)).toBeGreaterThan(0.1);
    await shot(page, `built-${name}`);
    expect(await overflow(page)).toEqual({ x: 0, y: 0 });
    for (const region of ["prompt", "status", "reading", "viewer", "part", "program", "log"]) {
      const box = (await page.locator(`.page .${region}`).first().boundingBox())!;
      expect(box.width, region).toBeGreaterThan(200);
      expect(box.y + box.height, region).toBeLessThanOrEqual(801);
    }
    expect(await lowContrasts(page)).toEqual([]);
    await leave();
  });

  it.each([
    ["light", false],
    ["dark", true],
  ])("can be read when a run failed, %s", async (name, dark) => {
    const { page, leave } = await visit(browser, mock.url, { dark });
    await ask(page, "open shell 60x40x10 mm plate");
    await part(page);
    await writeProgram(page, "from build123d import *\nresult = undefined_name\n");
    await run(page);
    await page.locator('.status[data-tone="bad"]').waitFor();
    await shot(page, `failed-${name}`);
    expect(await lowContrasts(page)).toEqual([]);
    await leave();
  });

  it("is one column at 400 px, the part before the small print", async () => {
    const { page, leave } = await visit(browser, mock.url, { width: 400, height: 800, phone: true });
    await ask(page, PLATE);
    await part(page);
    expect((await overflow(page)).x).toBe(0);
    const tops = await Promise.all(
      ["prompt", "status", "viewer", "reading", "part", "program", "log"].map(
        async (region) => (await page.locator(`.page .${region}`).first().boundingBox())!.y,
      ),
    );
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    const small = await page
      .locator("button:visible, a.button:visible")
      .evaluateAll((buttons) =>
        buttons
          .filter((button) => button.getBoundingClientRect().height < 24)
          .map((button) => button.textContent),
      );
    expect(small).toEqual([]);
    expect(await inkShare(page)).toBeGreaterThan(0.1);
    await page.evaluate(() => scrollTo(0, 0));
    await shot(page, "phone-top");
    await shot(page, "phone-whole", true);
    await leave();
  });

  it("is two columns at 900 px, with the whole part in view", async () => {
    const { page, leave } = await visit(browser, mock.url, { width: 900, height: 900 });
    await ask(page, PLATE);
    await part(page);
    expect((await overflow(page)).x).toBe(0);
    await shot(page, "tablet", true);
    await leave();
  });

  it("changes its colours by hand and remembers them", async () => {
    const { page, leave } = await visit(browser, mock.url, { dark: true });
    const theme = (): Promise<string | undefined> =>
      page.evaluate(() => document.documentElement.dataset["theme"]);
    const toggle = page.locator("button[aria-label^='Colours']");
    expect(await theme()).toBe("dark");
    await toggle.click();
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "light");
    await page.reload();
    await toggle.waitFor();
    expect(await theme()).toBe("light");
    await toggle.click();
    await toggle.click();
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "light");
    await leave();
  });

  it("says what warming up means, and lets the job wait for it", async () => {
    const cold = await startMock({ settings: { warm: false } });
    const { page, leave } = await visit(browser, cold.url);
    await page.locator('.runner:has-text("Warming up")').waitFor();
    await status(page).locator("text=The CAD kernel is being loaded once").waitFor();
    await shot(page, "warming");
    await ask(page, PLATE);
    await status(page).locator("text=still warming up").waitFor();
    cold.settings.warm = true;
    await part(page);
    await page.locator('.runner:has-text("Ready")').waitFor();
    await leave();
    await cold.stop();
  });

  it("shows a broken runner with its message", async () => {
    const broken = await startMock({ settings: { broken: "The zygote exited with code 3" } });
    const { page, leave } = await visit(browser, broken.url);
    await status(page).locator("text=The zygote exited with code 3").waitFor();
    await page.locator('.runner:has-text("Runner broken")').waitFor();
    await leave();
    await broken.stop();
  });
});

async function overflow(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    return { x: scrollWidth - clientWidth, y: scrollHeight - clientHeight };
  });
}
