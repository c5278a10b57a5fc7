// The local model in the page: picking one, choosing who answers, watching it write, and what is told of it afterwards.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMock } from "../mock/server.mjs";
import { CHROMIUM_MISSING, launch } from "./chromium.ts";
import { lowContrasts } from "./contrast.ts";
import { ask, part, PLATE, shot, status, visit } from "./visit.ts";

const SUMMARY = "Model plan · micro · 1.20 s · 84 tokens (210/s), 3 candidates, 1 repair";

describe.skipIf(CHROMIUM_MISSING)("the local model", () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    [browser, mock] = await Promise.all([launch(), startMock()]);
  });
  beforeEach(() => mock.models.fill());
  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  it("is missed plainly, and templates answer without it", async () => {
    mock.models.set({ state: "absent", models: [] });
    const { page, leave } = await visit(browser, mock.url);
    await modelButton(page, "none").click();
    const panel = page.locator(".models-panel");
    expect(await panel.locator(".model-text").innerText()).toBe(
      "No model: put a GGUF file into /opt/naturalcad/models",
    );
    expect(await panel.innerText()).toContain("Templates answer alone");
    expect(await engines(page)).toEqual(["auto", "template"]);
    await page.keyboard.press("Escape");
    expect(await panel.isVisible()).toBe(false);
    await page.locator(".engine").selectOption("template");
    await ask(page, PLATE);
    await part(page);
    expect(mock.submissions.at(-1)).toEqual({ prompt: PLATE, engine: "template" });
    expect(await page.locator(".drafting").isVisible()).toBe(false);
    await leave();
  });

  it.each([
    ["light", false],
    ["dark", true],
  ])("is picked, loaded and unloaded, %s", async (name, dark) => {
    const { page, leave } = await visit(browser, mock.url, { dark, expected: /409/ });
    await modelButton(page, "not loaded").click();
    expect(await page.locator(".models li").count()).toBe(4);
    const row = (title: string) => page.locator(".models li", { hasText: title });
    expect(await row("Coder 0.5B").innerText()).toContain(
      "qwen2 · 494 M parameters · Q4_K_M · 398 MB · context 32768 · apache-2.0",
    );
    expect(await row("large-8b").locator('.model-memory[data-tone="warn"]').innerText()).toBe(
      "Does not fit: needs 6.3 GB of memory, only 5.1 GB are free.",
    );
    expect(await row("broken").innerText()).toContain("was not copied as a whole");
    expect(await row("broken").locator("button").isVisible()).toBe(false);
    await shot(page, `models-${name}`);
    expect(await lowContrasts(page)).toEqual([]);

    await row("NaturalCAD micro").locator('button:has-text("Load")').click();
    await page.locator(".models-panel .progress-row:visible").waitFor();
    await modelButton(page, "micro").waitFor();
    expect(await page.locator(".model-text").innerText()).toBe("micro is ready.");
    expect(await row("NaturalCAD micro").getAttribute("aria-current")).toBe("true");
    // Our own model writes plans; a server is not there.
    expect(await engines(page)).toEqual(["auto", "template", "model-plan"]);
    expect(await page.locator('.engine option[value="model-code"]').getAttribute("title")).toBe(
      "micro writes plans only",
    );
    await shot(page, `models-ready-${name}`);
    expect(await lowContrasts(page)).toEqual([]);
    await row("NaturalCAD micro").locator('button:has-text("Unload")').click();
    await modelButton(page, "not loaded").waitFor();

    await row("large-8b").locator("button").click();
    await modelButton(page, "failed").waitFor();
    expect(await page.locator(".model-words").innerText()).toContain("take a smaller model");
    mock.models.set({ models: [] });
    await row("Coder 0.5B").locator("button").click();
    await page.locator(".model-failure:has-text('There is no model')").waitFor();
    await leave();
  });

  it("names a server when there is one, and only then asks it", async () => {
    mock.models.set({ remote: { url: "http://10.0.0.7:8000/v1", model: "big-coder" } });
    const { page, leave } = await visit(browser, mock.url);
    await modelButton(page, "not loaded").click();
    expect(await page.locator(".model-remote").innerText()).toContain("big-coder at http://10.0.0.7:8000/v1");
    await page.locator(".engine").selectOption("remote");
    await page.reload();
    // The choice holds for the session.
    await expect.poll(() => page.locator(".engine").inputValue()).toBe("remote");
    await ask(page, PLATE);
    await part(page);
    expect(mock.submissions.at(-1)).toEqual({ prompt: PLATE, engine: "remote" });
    const line = page.locator(".drafting summary");
    await expect.poll(() => line.innerText()).toMatch(/^Remote · big-coder · /);
    mock.models.set({ remote: null });
    await modelButton(page, "not loaded").click();
    await page.locator(".engine-note:has-text('Remote cannot be asked now')").waitFor();
    expect(await page.locator(".engine").inputValue()).toBe("auto");
    await leave();
  });

  it("is watched while it writes, cancelled, and asked again", async () => {
    mock.models.set({ state: "ready", model: "micro" });
    const { page, leave } = await visit(browser, mock.url);
    await page.locator(".engine option[value='model-plan']:enabled").waitFor({ state: "attached" });
    await page.locator(".engine").selectOption("model-plan");
    await ask(page, `hold loading ${PLATE}`);
    await page.locator(".drafting .progress-row:has-text('Loading the model')").waitFor();
    await page.locator(".drafting .progress-percent:has-text('34 %')").waitFor();
    expect(await status(page).innerText()).toContain("Writing… Loading the model.");
    await cancel(page);

    await ask(page, `hold ${PLATE}`);
    const id = new URL(page.url()).hash.split("/").pop() ?? "";
    await status(page).locator("text=micro writes a plan (round 1)").waitFor();
    await page.locator(".stream:has-text('\"steps\":')").waitFor();
    expect(await page.locator(".stream").getAttribute("aria-live")).toBe("off");
    await shot(page, "streaming");
    expect(await lowContrasts(page)).toEqual([]);

    mock.push(id, { event: "repair", data: { why: "The fillet does not fit", how: "shrink it to 5 mm" } });
    await page.locator(".repairs li:has-text('The fillet does not fit → shrink it to 5 mm')").waitFor();
    mock.push(id, { event: "asked", data: { lane: "model-code", model: "micro", round: 2 } });
    await status(page).locator("text=micro writes a program (round 2)").waitFor();
    for (let line = 0; line < 900; line += 1)
      mock.push(id, { event: "text", data: { text: `x = ${line} # <b>one of many lines</b>\n` } });
    await page.locator(".stream:has-text('x = 899')").waitFor();
    const stream = page.locator(".stream");
    expect(await stream.evaluate((box) => box.textContent?.length)).toBeLessThanOrEqual(20_000);
    expect(await page.locator(".stream-foot").innerText()).toMatch(/first \d+ characters left out/);
    const fromEnd = stream.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    expect(await fromEnd).toBeLessThan(2);
    await stream.evaluate((box) => box.scrollTo(0, 0));
    await page.locator('.stream-foot button:has-text("To the end")').waitFor();
    mock.push(id, { event: "text", data: { text: "the last line\n" } });
    await page.locator(".stream:has-text('the last line')").waitFor();
    expect(await stream.evaluate((box) => box.scrollTop)).toBe(0);
    await shot(page, "streaming-code");
    await cancel(page);
    expect(await page.locator(".stream").isVisible()).toBe(false);
    await leave();
  });

  it.each([
    ["light", false],
    ["dark", true],
  ])("is told in one line afterwards, and on the versions and jobs, %s", async (name, dark) => {
    mock.models.set({ state: "ready", model: "micro" });
    const { page, leave } = await visit(browser, mock.url, { dark });
    await ask(page, PLATE);
    await part(page);
    await page.locator(".target label:has-text('New part')").click();
    await ask(page, `odd ${PLATE}`);
    await part(page);
    const line = page.locator(".drafting summary");
    await expect.poll(() => line.innerText()).toBe(SUMMARY);
    expect(await page.locator(".stream").isVisible()).toBe(false);
    await line.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".stream").innerText()).toContain('"radius":5}');
    expect(await page.locator(".drafting").innerText()).toContain("380 of them from the cache");
    await shot(page, `drafted-${name}`);
    expect(await lowContrasts(page)).toEqual([]);
    await ask(page, "make it 80 long");
    await part(page);
    await expect
      .poll(() => page.locator(".version-lane").allInnerTexts())
      .toEqual(["Model plan", "Template"]);
    expect(await page.locator(".drafting").isVisible()).toBe(false);

    await page.locator('.jobs-menu > button:has-text("Jobs")').click();
    const old = page.locator(".job", { hasText: "odd" }).first();
    expect(await old.innerText()).toContain("Model plan");
    await old.click();
    await expect.poll(() => line.innerText()).toBe(SUMMARY);
    await leave();
  });

  it("that did not help is not passed over in silence", async () => {
    mock.models.set({ state: "ready", model: "micro" });
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, `odd, falls back ${PLATE}`);
    await part(page);
    const line = page.locator(".drafting summary");
    await status(page).locator("text=by template; what the model wrote was left aside").waitFor();
    await expect.poll(() => line.innerText()).toMatch(/^Template · micro · /);
    await page.locator(".target label:has-text('New part')").click();
    await ask(page, `odd, fails ${PLATE}`);
    await status(page).locator("text=No draft of the model can be built").waitFor();
    await expect.poll(() => line.innerText()).toBe(SUMMARY);
    await leave();
  });

  it("fits a phone", async () => {
    mock.models.set({ state: "ready", model: "micro" });
    const { page, leave } = await visit(browser, mock.url, { width: 400, height: 800, phone: true });
    await ask(page, `hold odd ${PLATE}`);
    await page.locator(".stream:has-text('\"steps\":')").waitFor();
    await shot(page, "phone-streaming");
    await page.locator(".models-menu > button").click();
    const box = (await page.locator(".models-panel").boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(400);
    await shot(page, "phone-models");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await leave();
  });
});

function modelButton(page: Page, short: string) {
  return page.locator(`.models-menu > button[aria-label="Model: ${short}"]`);
}

/** What can be chosen now. */
function engines(page: Page): Promise<string[]> {
  return page
    .locator(".engine option:enabled")
    .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
}

async function cancel(page: Page): Promise<void> {
  await page.locator('.status button:has-text("Cancel")').click();
  await status(page).locator("text=Cancelled.").waitFor();
}
