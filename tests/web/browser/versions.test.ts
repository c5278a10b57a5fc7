// Changing a part that is there: by a sentence, by a slider, by going back; against the mock appliance.
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "../mock/server.mjs";
import { CHROMIUM_MISSING, launch } from "./chromium.ts";
import { lowContrasts } from "./contrast.ts";
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

const PROGRAM = `from build123d import *

LENGTH = 60.0  # [10:0.5:200] mm | Length
WIDTH = 40.0
CORNER_RADIUS = 5.0  # [0.5:0.5:90] mm | Corner radius
HOLES = 4  # [1:1:12] | Holes
RIM = True
FINISH = "raw"  # ["raw", "smooth"] | Finish
NOTE = "x"
result = Box(LENGTH, WIDTH, 10)
`;

describe.skipIf(CHROMIUM_MISSING)("changing a part", () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    [browser, mock] = await Promise.all([launch(), startMock()]);
  });
  afterAll(async () => {
    await browser?.close();
    await mock?.stop();
  });

  it.each([
    ["light", false],
    ["dark", true],
  ])("by a sentence shows what changed, and asks back without losing the part, %s", async (name, dark) => {
    const { page, leave } = await visit(browser, mock.url, { dark });
    expect(await page.locator(".target").isVisible()).toBe(false);
    await ask(page, PLATE);
    await part(page);
    await expect.poll(() => page.locator("#prompt").inputValue()).toBe("");
    expect(await page.locator("#prompt").getAttribute("placeholder")).toContain("make it 80 long");
    const first = mock.submissions.at(-1);
    expect(first).toEqual({ prompt: PLATE });

    await ask(page, "make it 80 long, add a 20 mm bore, without the corner holes");
    await part(page);
    expect(mock.submissions.at(-1).parent).toBeTruthy();
    expect(await texts(page.locator(".changes li"))).toEqual([
      "length 60 mm → 80 mm",
      "hole added diameter 20 mm, through",
      "corner holes removed 4 × 5 mm",
    ]);
    expect(await page.locator(".readout-size").innerText()).toBe("80 × 40 × 10 mm");
    expect(await page.locator(".part-label").innerText()).toBe(PLATE);
    await shot(page, `edited-${name}`);
    expect(await lowContrasts(page)).toEqual([]);

    const before = await stagePicture(page);
    await ask(page, "M6 instead of what");
    await status(page).locator("text=One thing first.").waitFor();
    expect(await status(page).innerText()).toContain("What is the body?");
    await page.locator(".band:has-text('there is a question first')").waitFor();
    expect(await page.locator("#prompt").inputValue()).toBe("M6 instead of what");
    expect(await page.locator(".changes").isVisible()).toBe(false);
    expect(await editorText(page)).toContain("LENGTH = 80.0");
    expect(await field(page, "LENGTH").inputValue()).toBe("80");
    await expect.poll(() => showsPicture(page, before)).toBe(true);
    await shot(page, `question-${name}`);
    expect(await lowContrasts(page)).toEqual([]);
    await page.reload();
    await status(page).locator("text=One thing first.").waitFor();
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("80 × 40 × 10 mm");
    await leave();
  });

  it("or a new one, by Escape, by the switch, and back", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    const box = page.locator("#prompt");
    await box.press("Escape");
    await page.locator('.prompt-head label:has-text("What part do you want?")').waitFor();
    expect(await page.locator('.target label:has-text("New part") input').isChecked()).toBe(true);
    await box.press("Escape");
    await page.locator('.prompt-head label:has-text("What should change?")').waitFor();
    await page.locator('.target label:has-text("New part")').click();
    await shot(page, "new-part");
    await ask(page, "post on a base");
    await part(page);
    expect(mock.submissions.at(-1)).toEqual({ prompt: "post on a base" });
    expect(await page.locator('.target label:has-text("Change this part") input').isChecked()).toBe(true);
    expect(await page.locator(".versions").isVisible()).toBe(false);
    await box.press("ArrowUp");
    await expect.poll(() => box.inputValue()).toBe("post on a base");
    await leave();
  });

  it("by a slider runs one job at a time, keeps the camera, and keeps the part when a value fails", async () => {
    const own = await startMock({ settings: { beat: 40 } });
    const { page, leave } = await visit(browser, own.url);
    await ask(page, PLATE);
    await part(page);
    await page.locator(".stage").press("ArrowLeft");
    await page.locator(".stage").press("+");
    const before = await stagePicture(page);
    const jobs = own.submissions.length;
    const slider = page
      .locator("#dimension-LENGTH")
      .locator("xpath=ancestor::li")
      .locator("input[type=range]");
    await slider.focus();
    for (let press = 0; press < 20; press += 1) await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("70 × 40 × 10 mm");
    await idle(page);
    const sent = own.submissions.slice(jobs);
    expect(sent.length).toBeLessThan(15);
    expect(sent.at(-1)).toMatchObject({ parameters: { LENGTH: 70 }, formats: ["glb"] });
    expect(await showsPicture(page, before)).toBe(true);
    expect(await texts(page.locator(".changes li"))).toEqual(["length 60 mm → 70 mm"]);
    expect(await page.locator(".facts").isVisible()).toBe(true);
    await expect.poll(() => editorText(page)).toContain("LENGTH = 70.0");
    expect(await page.locator('button:has-text("Write into the program")').isVisible()).toBe(false);
    expect(await texts(page.locator(".version-line"))).toEqual([
      `v1 ${PLATE} Template`,
      expect.stringMatching(/^v\d+ length 60 mm → 70 mm Template$/),
    ]);

    await field(page, "CORNER_RADIUS").fill("25");
    await field(page, "CORNER_RADIUS").press("Enter");
    const problem = row(page, "CORNER_RADIUS").locator(".dimension-problem");
    await problem.waitFor();
    await expect.poll(() => problem.innerText()).toContain("at most 20 mm");
    await shot(page, "slider-failed");
    expect(await page.locator(".readout-size").innerText()).toBe("70 × 40 × 10 mm");
    expect(await showsPicture(page, before)).toBe(true);
    expect(await lowContrasts(page)).toEqual([]);
    await row(page, "CORNER_RADIUS").locator(".dimension-reset").click();
    await problem.waitFor({ state: "hidden" });
    await field(page, "WIDTH").fill("50");
    await field(page, "WIDTH").press("Enter");
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("70 × 50 × 10 mm");
    await page.locator('.dimensions button:has-text("Reset all")').click();
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("60 × 40 × 10 mm");

    // Only the mesh was made; a file comes when it is asked for.
    await idle(page);
    await page.locator('.files button:has-text("STEP")').click();
    await page.locator('.files a:has-text("STEP")').waitFor();
    await leave();
    await own.stop();
  });

  it("goes back to an earlier version and on from there", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await ask(page, PLATE);
    await part(page);
    await ask(page, "make it 80 long");
    await part(page);
    await ask(page, "make it 90 long");
    await part(page);
    await page.locator(".version-line >> nth=2").waitFor();
    expect(await texts(page.locator(".version-line"))).toEqual([
      `v1 ${PLATE} Template`,
      "v2 make it 80 long Template",
      "v3 make it 90 long Template",
    ]);
    const undo = page.locator('.versions button:has-text("Undo")');
    await undo.click();
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("80 × 40 × 10 mm");
    expect(await page.locator('.version-line[aria-current="true"]').innerText()).toContain("make it 80 long");
    await undo.click();
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("60 × 40 × 10 mm");
    expect(await undo.isDisabled()).toBe(true);
    await page.locator(".version-line", { hasText: "make it 80 long" }).click();
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("80 × 40 × 10 mm");
    await part(page);
    const parent = new URL(page.url()).hash.split("/").pop();
    await ask(page, "add a 20 mm bore");
    await part(page);
    expect(mock.submissions.at(-1).parent).toBe(parent);
    expect(await page.locator(".readout-size").innerText()).toBe("80 × 40 × 10 mm");
    await page.locator(".version-line >> nth=3").waitFor();
    expect((await texts(page.locator(".version-line"))).at(-1)).toBe("v4 add a 20 mm bore from v2 Template");
    await shot(page, "versions");
    await leave();
  });

  it("has the same sliders for a program, and writes them into its text when that is still the same", async () => {
    const { page, leave } = await visit(browser, mock.url, { expected: /409/ });
    await page.locator(".editor .cm-content").waitFor();
    await writeProgram(page, PROGRAM);
    await run(page);
    await part(page);
    expect(await texts(page.locator(".dimension-label"))).toEqual([
      "Length",
      "Width",
      "Corner radius",
      "Holes",
      "Rim",
      "Finish",
      "Note",
    ]);
    expect(await row(page, "WIDTH").locator("input[type=range]").getAttribute("max")).toBe("80");
    await field(page, "RIM").uncheck();
    await idle(page);
    await field(page, "FINISH").selectOption({ label: "smooth" });
    await idle(page);
    await field(page, "NOTE").fill("y");
    await field(page, "NOTE").press("Enter");
    await idle(page);
    await field(page, "LENGTH").fill("75");
    await field(page, "LENGTH").press("Enter");
    await expect.poll(() => page.locator(".readout-size").innerText()).toBe("75 × 40 × 10 mm");
    await idle(page);
    expect(await editorText(page)).toContain("LENGTH = 60.0");
    await shot(page, "program-sliders");
    const write = page.locator('button:has-text("Write into the program")');

    await page.locator(".editor .cm-content").click();
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.insertText("# mine");
    await write.click();
    await page.locator(".dimensions-failure:has-text('was changed')").waitFor();
    await shot(page, "write-conflict");
    await page.locator(".editor .cm-content").click();
    await page.keyboard.press("ControlOrMeta+End");
    for (let letter = 0; letter < 6; letter += 1) await page.keyboard.press("Backspace");
    await write.click();
    await expect.poll(() => editorText(page)).toContain("LENGTH = 75.0");
    const text = await editorText(page);
    for (const line of ["RIM = False", 'FINISH = "smooth"', 'NOTE = "y"', "HOLES = 4"])
      expect(text).toContain(line);
    await part(page);
    await write.waitFor({ state: "hidden" });
    await leave();
  }, 90_000);

  it("stays usable with hundreds of dimensions", async () => {
    const { page, leave } = await visit(browser, mock.url);
    await page.locator(".editor .cm-content").waitFor();
    const lines = Array.from(
      { length: 300 },
      (_, index) => `SIZE_${index} = ${index + 1}.0  # [0:0.5:900] mm | Size ${index}`,
    );
    await writeProgram(page, `${lines.join("\n")}\nresult = 1\n`);
    await run(page);
    await part(page);
    await page.locator(".dimensions-filter").fill("size 217");
    expect(await texts(page.locator(".dimension:visible .dimension-label"))).toEqual(["Size 217"]);
    await field(page, "SIZE_217").fill("5");
    await field(page, "SIZE_217").press("Enter");
    await idle(page);
    expect(mock.submissions.at(-1).parameters).toEqual({ SIZE_217: 5 });
    await page.locator(".dimensions-filter").fill("");
    await shot(page, "many-dimensions");
    const list = (await page.locator(".dimensions-list").boundingBox())!;
    expect(list.height).toBeLessThan(500);
    await leave();
  });

  it("fits a phone", async () => {
    const { page, leave } = await visit(browser, mock.url, { width: 400, height: 800, phone: true });
    await ask(page, PLATE);
    await part(page);
    await ask(page, "make it 80 long");
    await part(page);
    await page.locator(".version-line").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    await shot(page, "phone-edited", true);
    await leave();
  });
});

function row(page: Page, name: string): Locator {
  return page.locator(".dimension", { has: page.locator(`#dimension-${name}`) });
}

function field(page: Page, name: string): Locator {
  return page.locator(`#dimension-${name}`);
}

function editorText(page: Page): Promise<string> {
  return page.locator(".editor .cm-content").innerText();
}

/** The texts as a reader sees them, on one line each. */
async function texts(found: Locator): Promise<string[]> {
  return (await found.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
}

/** Waits until no job is under way and the part of the last one is drawn. */
async function idle(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.title.startsWith("Building"));
  await part(page);
}
