// The real thing, at NATURALCAD_URL: from a typed sentence to a STEP file. The file's path is printed and kept, for a
// check with the CAD kernel that the page cannot make.
import { mkdirSync, readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_MISSING, launch } from "./chromium.ts";
import { ask, inkShare, part, PLATE, run, shot, status, visit, writeProgram } from "./visit.ts";

const URL_OF_APPLIANCE = process.env["NATURALCAD_URL"] ?? "";
const DOWNLOADS = new URL("../../../target/downloads/", import.meta.url).pathname;

describe.skipIf(CHROMIUM_MISSING || URL_OF_APPLIANCE === "")("the page of the appliance", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it("turns a sentence into a part that can be seen, measured and downloaded", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator('.runner:has-text("Ready")').waitFor({ timeout: 60_000 });
    await ask(page, PLATE);
    await part(page);
    expect(await inkShare(page)).toBeGreaterThan(0.1);
    expect(await page.locator(".readout-size").innerText()).toBe("60 × 40 × 10 mm");
    expect(await page.locator(".measures-list").innerText()).toMatch(/Volume\s+23\s000 mm³/);
    expect(await page.locator(".holes-table tbody").innerText()).toMatch(/4 ×\s+5\s+through/);
    expect(await page.locator('.checks-table tr[data-status="missed"]').count()).toBe(0);
    expect(await page.locator('.checks-table tr[data-status="met"]').count()).toBeGreaterThan(3);
    expect(await page.locator(".editor .cm-content").innerText()).toContain("result");
    await shot(page, "appliance-plate");

    mkdirSync(DOWNLOADS, { recursive: true });
    const [step] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('.files a:has-text("STEP")').click(),
    ]);
    const path = `${DOWNLOADS}plate.step`;
    await step.saveAs(path);
    expect(readFileSync(path, "utf8")).toMatch(/^ISO-10303-21;/);
    process.stderr.write(`\nSTEP of the plate, downloaded through the page: ${path}\n`);
    await leave();
  });

  it("works on a phone's width in the dark", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE, {
      width: 400,
      height: 800,
      phone: true,
      dark: true,
    });
    await ask(page, PLATE);
    await part(page);
    expect(await inkShare(page)).toBeGreaterThan(0.1);
    await shot(page, "appliance-phone-dark");
    await leave();
  });

  it("brings a job back after a reload", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await ask(page, PLATE);
    await part(page);
    await page.reload();
    await part(page);
    expect(await page.locator(".part-label").innerText()).toBe(PLATE);
    await leave();
  });

  it("changes the part by a sentence and by a slider, tells a limit at its row, and goes back", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    const size = page.locator(".readout-size");
    await ask(page, PLATE);
    await part(page);
    await ask(page, "make it 80 long");
    await part(page);
    await expect.poll(() => size.innerText()).toBe("80 × 40 × 10 mm");
    expect(await page.locator(".changes").innerText()).toMatch(/length\s+60 mm → 80 mm/);

    const width = page.locator("#dimension-WIDTH");
    await width.fill("50");
    await width.press("Enter");
    await expect.poll(() => size.innerText()).toBe("80 × 50 × 10 mm");
    await page.locator("#dimension-FILLET_RADIUS").fill("600");
    await page.locator("#dimension-FILLET_RADIUS").press("Enter");
    await page.locator('.dimension-problem:visible:has-text("FILLET_RADIUS")').waitFor();
    expect(await size.innerText()).toBe("80 × 50 × 10 mm");
    await shot(page, "appliance-slider");

    await page.locator(".version-line >> nth=2").waitFor();
    await page.locator('.versions button:has-text("Undo")').click();
    await expect.poll(() => size.innerText()).toBe("80 × 40 × 10 mm");
    await page.locator(".version-line >> nth=0").click();
    await expect.poll(() => size.innerText()).toBe("60 × 40 × 10 mm");
    await leave();
  });

  it("writes the values of the sliders into a program", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator(".editor .cm-content").waitFor();
    await run(page);
    await part(page);
    await page.locator("#dimension-LENGTH").fill("75");
    await page.locator("#dimension-LENGTH").press("Enter");
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("75 × 40 × 10 mm");
    const write = page.locator('button:has-text("Write into the program")');
    await write.click();
    await expect.poll(() => page.locator(".editor .cm-content").innerText()).toContain("LENGTH = 75.0");
    await write.waitFor({ state: "hidden" });
    await part(page);
    await leave();
  });

  it("runs the program that the editor starts with, shows exact values of a face, and makes a 3MF when asked", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator(".editor .cm-content").waitFor();
    await run(page);
    await part(page);
    expect(await page.locator(".readout-size").innerText()).toBe("60 × 40 × 10 mm");
    expect(await page.locator(".holes-table tbody").innerText()).toMatch(/4 ×\s+5\s+through/);
    await page.locator('.tool:has-text("Top")').click();
    const box = (await page.locator(".stage").boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator(".readout-chosen:has-text('area 2300 mm² · faces +Z')").waitFor();
    await shot(page, "appliance-program");

    await page.locator('.files button:has-text("3MF")').click();
    const link = page.locator('.files a:has-text("3MF")');
    await link.waitFor({ timeout: 30_000 });
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(
      readFileSync(await file.path())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
    await leave();
  });

  it("marks the line of a program that raises, keeps the part, and runs the corrected one", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator(".editor .cm-content").waitFor();
    await run(page);
    await part(page);
    await writeProgram(page, "from build123d import *\n\nsize = 10\nresult = Box(size, size, heigth)\n");
    await run(page);
    await page.locator('.status[data-tone="bad"]').waitFor({ timeout: 30_000 });
    expect(await status(page).innerText()).toContain("heigth");
    expect(await page.locator(".editor .cm-bad-line").innerText()).toContain("heigth");
    await page.locator(".band:has-text('The last run left no part')").waitFor();
    await shot(page, "appliance-failed");
    await writeProgram(
      page,
      "from build123d import *\n\nprint('hello from the program')\nresult = Box(11, 12, 13)\n",
    );
    await run(page);
    await part(page);
    expect(await page.locator(".readout-size").innerText()).toBe("11 × 12 × 13 mm");
    await page.locator(".log-lines li:has-text('hello from the program')").waitFor();
    await leave();
  });

  it("shows a flat result from above and offers its outlines", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, "from build123d import *\n\nresult = Rectangle(60, 40) - Circle(10)\n");
    await run(page);
    await part(page);
    expect(await inkShare(page)).toBeGreaterThan(0.1);
    await page.locator('.files :text-is("DXF")').waitFor();
    await shot(page, "appliance-sketch");
    await leave();
  });

  it("cancels a program that never ends, and the next one works", async () => {
    const { page, leave } = await visit(browser, URL_OF_APPLIANCE);
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, "while True:\n    pass\n");
    await run(page);
    await status(page).locator("text=Running").waitFor({ timeout: 30_000 });
    await page.locator('.status button:has-text("Cancel")').click();
    await status(page).locator("text=Cancelled.").waitFor({ timeout: 10_000 });
    await writeProgram(page, "from build123d import *\nresult = Sphere(5)\n");
    await run(page);
    await part(page);
    await leave();
  });
});
