// Working with the page, against the mock appliance: failing, cancelling, reloading, downloading, looking closely.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "../mock/server.mjs";
import { CHROMIUM_MISSING, launch } from "./chromium.ts";
import {
  ask,
  part,
  PLATE,
  run,
  shot,
  showsPicture,
  stagePicture,
  status,
  visit,
  writeProgram,
} from "./visit.ts";

describe.skipIf(CHROMIUM_MISSING)("working with the page", () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    [browser, mock] = await Promise.all([launch(), startMock()]);
  });
  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  it("keeps the last good part when a run fails, says so, and marks the line", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    const before = await stagePicture(page);
    await writeProgram(
      page,
      "from build123d import *\n\nwidth = undefined_name\nresult = Box(1, 1, width)\n",
    );
    await run(page);
    await page.locator(".band:has-text('The last run left no part')").waitFor();
    await status(page).locator(".status-excerpt").waitFor();
    expect(await status(page).innerText()).toContain("name 'undefined_name' is not defined");
    expect(await status(page).locator(".status-excerpt").innerText()).toContain(
      "▸ 3  width = undefined_name",
    );
    expect(await page.locator(".editor .cm-bad-line").innerText()).toBe("width = undefined_name");
    expect(await page.locator(".editor .cm-lint-marker-error").count()).toBe(1);
    expect(await page.locator('.log-lines li[data-level="error"]').innerText()).toContain("NameError");
    expect(await showsPicture(page, before)).toBe(true);
    expect(await page.locator(".measures").innerText()).toContain("60 × 40 × 10 mm");
    await shot(page, "failed-keeps-part");
    // The next good run clears all of it.
    await ask(page, PLATE);
    await part(page);
    expect(await page.locator(".band").isVisible()).toBe(false);
    expect(await page.locator(".editor .cm-bad-line").count()).toBe(0);
    await leave();
  });

  it("cancels, and the next job works", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    await ask(page, `slow ${PLATE}`);
    await page.locator(".band:has-text('Building the next part')").waitFor();
    await shot(page, "ghost");
    await page.locator('.status button:has-text("Cancel")').click();
    await status(page).locator("text=Cancelled.").waitFor();
    expect(await page.locator(".status button:visible").count()).toBe(0);
    await ask(page, PLATE);
    await part(page);
    await leave();
  });

  it("brings a finished job back after a reload, with its log", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    const log = await page.locator(".log-lines").innerText();
    await page.reload();
    await part(page);
    expect(await page.locator(".part-label").innerText()).toBe(PLATE);
    expect(await page.locator("#prompt").inputValue()).toBe("");
    expect(await page.locator(".log-lines").innerText()).toBe(log);
    expect(await page.locator(".checks-table tbody tr").count()).toBe(6);
    expect(await page.locator(".editor .cm-content").innerText()).toContain("HOLE_DIAMETER = 5.0");
    await leave();
  });

  it("takes a running job up again after a reload and after a broken connection", async () => {
    const { page, leave } = await visit(browser, mock.url, { expected: /ERR_|Failed to load resource/ });
    await ask(page, `slow ${PLATE}`);
    await page.locator('.log-lines li:has-text("still turning")').waitFor();
    const id = new URL(page.url()).hash.split("/").pop() ?? "";
    await page.reload();
    await page.locator('.log-lines li:has-text("still turning")').waitFor();
    await status(page).locator("text=Running").waitFor();
    mock.dropStreams();
    await status(page).locator("text=Connection lost").waitFor();
    mock.push(id, { event: "log", data: { message: "after the break" } });
    await page.locator('.log-lines li:has-text("after the break")').waitFor({ timeout: 20_000 });
    expect(await page.locator('.log-lines li:has-text("still turning")').count()).toBe(1);
    await page.locator('.status button:has-text("Cancel")').click();
    await status(page).locator("text=Cancelled.").waitFor();
    await leave();
  });

  it("says plainly that a job is not known", async () => {
    const { page, leave } = await visit(browser, `${mock.url}/#/jobs/00000000-0000-4000-8000-000000000000`, {
      expected: /404/,
    });
    await status(page).locator("text=There is no job").waitFor();
    await leave();
  });

  it("tells an empty prompt what to write, and a question as a question", async () => {
    const { page, leave } = await visit(browser, mock.url, { expected: /400/ });
    await page.locator("#prompt").press("Enter");
    await status(page).locator("text=The prompt is empty").waitFor();
    expect(await status(page).locator("code").innerText()).toBe("60x40x10 plate");
    await ask(page, "a question");
    await status(page).locator("text=One thing first.").waitFor();
    await leave();
  });

  it("submits with Enter, breaks a line with Shift+Enter, runs with Ctrl+Enter, and never traps the keyboard", async () => {
    const { page, leave } = await visit(browser, mock.url);
    const prompt = page.locator("#prompt");
    await prompt.focus();
    await page.keyboard.type("60x40x10 mm plate");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("with four 5 mm holes");
    expect(await prompt.inputValue()).toContain("\n");
    await page.keyboard.press("Enter");
    await part(page);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Change");
    await page.locator(".editor .cm-content").click();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("editor");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.className)).not.toBe("editor");
    await leave();
  });

  it("keeps the camera on a re-run, and fits when asked", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    const fitted = await stagePicture(page);
    const stage = page.locator(".stage");
    await stage.focus();
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "+", "+", "+"]) await page.keyboard.press(key);
    await expect.poll(async () => (await stagePicture(page)).equals(fitted)).toBe(false);
    const turned = await stagePicture(page);
    await writeProgram(page, "from build123d import *\nresult = Box(60, 40, 10)\n");
    await run(page);
    await part(page);
    expect(await showsPicture(page, turned)).toBe(true);
    await stage.focus();
    await page.keyboard.press("0");
    await page.keyboard.press("f");
    await expect.poll(() => showsPicture(page, fitted)).toBe(true);
    await page.keyboard.press("p");
    await page.locator('.tool[aria-pressed="true"]:has-text("Persp")').waitFor();
    await expect.poll(async () => (await stagePicture(page)).equals(fitted)).toBe(false);
    await leave();
  });

  it("shows exact values of the face that is clicked and the edge under the pointer", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    await page.locator('.tool:has-text("Top")').click();
    const box = (await page.locator(".stage").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.click(x, y);
    await page.locator(".readout-chosen:has-text('area 2300 mm² · faces +Z')").waitFor();
    // The right edge: half of the plate's 60 mm, at the scale that fits 60 mm and a margin of 16 % into the width.
    await page.mouse.move(x + box.width / 2 / 1.16, y);
    await page.locator(".readout-hover:has-text('Line · length 30 mm')").waitFor();
    await shot(page, "picked");
    await leave();
  });

  it("offers sound files at once and doubtful ones only with the reason and a second click", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    const [step] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('.files a:has-text("STEP")').click(),
    ]);
    expect(readFileSync(await step.path(), "utf8")).toMatch(/^ISO-10303-21;/);
    await page.locator('.files button:has-text("3MF")').click();
    await page.locator('.files a:has-text("3MF")').waitFor();

    await ask(page, "open shell 60x40x10 mm plate");
    await page.locator('.files button.doubtful:has-text("STEP")').click();
    await page.locator(".confirm:has-text('not closed')").waitFor();
    await shot(page, "doubtful");
    const [doubtful] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('.confirm a:has-text("anyway")').click(),
    ]);
    expect(doubtful.suggestedFilename()).toBe("part.step");
    await page.locator(".confirm").waitFor({ state: "hidden" });
    await leave();
  });

  it("hides and shows the bodies of an assembly", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, "post on a base");
    await part(page);
    const both = await stagePicture(page);
    const box = page.locator('.bodies-list label:has-text("post") input');
    await box.uncheck();
    await expect.poll(async () => (await stagePicture(page)).equals(both)).toBe(false);
    await shot(page, "body-hidden");
    await box.check();
    await expect.poll(() => showsPicture(page, both)).toBe(true);
    await leave();
  });

  it("gives an edited program back that a draft replaced", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, "result = Sphere(7)\n");
    await ask(page, PLATE);
    await part(page);
    await page.locator('.restore button:has-text("Bring mine back")').click();
    await expect.poll(() => page.locator(".editor .cm-content").innerText()).toContain("result = Sphere(7)");
    await leave();
  });

  it("bounds the log and follows its end", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, "print_lines(2500)\nresult = 1\n");
    await run(page);
    await page.locator('.log-lines li:has-text("line 2500")').waitFor({ timeout: 50_000 });
    expect(await page.locator(".log-lines li").count()).toBe(2000);
    expect(await page.locator(".log .hint").first().innerText()).toContain("lines left out");
    expect(await fromEnd(page)).toBeLessThan(2);
    await leave();
  });

  it("leaves the log where the user scrolled, until they ask for its end", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, `slow ${PLATE}`);
    const id = new URL(page.url()).hash.split("/").pop() ?? "";
    const line = (text: string): void => mock.push(id, { event: "log", data: { message: text } });
    for (let number = 0; number < 60; number += 1) line(`line ${number}`);
    await page.locator('.log-lines li:has-text("line 59")').waitFor();
    expect(await fromEnd(page)).toBeLessThan(2);
    const scroller = page.locator(".log-scroller");
    await scroller.evaluate((log) => log.scrollTo(0, 0));
    const toEnd = page.locator('.log button:has-text("To the end")');
    await toEnd.waitFor();
    line("one more");
    await page.locator('.log-lines li:has-text("one more")').waitFor();
    expect(await scroller.evaluate((log) => log.scrollTop)).toBe(0);
    await toEnd.click();
    line("the last");
    await page.locator('.log-lines li:has-text("the last")').waitFor();
    expect(await fromEnd(page)).toBeLessThan(2);
    await page.locator('.status button:has-text("Cancel")').click();
    await status(page).locator("text=Cancelled.").waitFor();
    await leave();
  });

  it("shows markup in a prompt, a program and a log as the text it is", async () => {
    const { page, leave } = await visit(browser, mock.url);
    const evil = '<img src=x onerror="alert(1)"><b>plate</b>';
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, `# ${evil}\nresult = undefined_name\n`);
    await run(page);
    await page.locator('.status[data-tone="bad"]').waitFor();
    await ask(page, evil);
    await part(page);
    expect(await page.locator(".part-label").innerText()).toBe(evil);
    await page.locator('.jobs-menu > button:has-text("Jobs")').click();
    await page.locator(".job-title").first().waitFor();
    expect(await page.locator("#app img, #app b").count()).toBe(0);
    await leave();
  });

  it("lists the jobs and loads the one that is chosen", async () => {
    const own = await startMock();
    const { page, leave } = await visit(browser, own.url);
    await ask(page, PLATE);
    await part(page);
    await ask(page, "post on a base");
    await page.locator(".bodies-list:visible").waitFor();
    await page.locator('.jobs-menu > button:has-text("Jobs")').click();
    expect(await page.locator(".job").count()).toBe(2);
    await shot(page, "jobs");
    await page.locator(".job", { hasText: "four 5 mm holes" }).click();
    await page.locator('.measures dd:has-text("60 × 40 × 10 mm")').waitFor();
    expect(await page.locator(".jobs-panel").isVisible()).toBe(false);
    expect(await page.locator(".part-label").innerText()).toBe(PLATE);
    expect(await page.locator("#prompt").inputValue()).toBe("");
    await page.goBack();
    await page.locator('.measures dd:has-text("40 × 30 × 20 mm")').waitFor();
    await leave();
    await own.stop();
  });

  it("goes on by itself when the appliance comes back", async () => {
    const first = await startMock();
    const port = Number(new URL(first.url).port);
    const { page, leave } = await visit(browser, first.url, { expected: /ERR_|Failed to load resource/ });
    await ask(page, PLATE);
    await part(page);
    await first.stop();
    await page.locator('.runner:has-text("Not reachable")').waitFor({ timeout: 20_000 });
    await status(page).locator("text=The appliance does not answer").waitFor();
    const second = await startMock({ port });
    await page.locator('.runner:has-text("Ready")').waitFor({ timeout: 20_000 });
    await ask(page, PLATE);
    await part(page);
    await leave();
    await second.stop();
  });
});

function fromEnd(page: Page): Promise<number> {
  return page.locator(".log-scroller").evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
}
