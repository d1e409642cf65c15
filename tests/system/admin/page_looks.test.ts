// What makes the operators' page usable: axe, size, contrast, keyboard, themes. Screenshots are kept in
// tests/output/page/.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { lowContrast } from "../support/contrast.mjs";
import { desktop, output, phone, Stage, type Page } from "./page_stage";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const views = ["instances", "connections", "explain", "test-push", "dead-letters"];

let stage: Stage;
let notification = "";
beforeAll(async () => {
  stage = await Stage.open();
  for (const [n, instance] of stage.scene.instances.entries()) await stage.scene.watch(`u${n}`, instance);
  await stage.scene.pulse();
  const [row] = await stage.scene.database.query(`SELECT id::text FROM signal."ActivityNotification" LIMIT 1`);
  notification = String(row!.id);
});
afterAll(() => stage.close());

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate("axe.run()")) as { violations: any[] };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((one: any) => one.html).join(" | ")}`);
}
const tooWide = (page: Page) =>
  page.evaluate(() =>
    [...document.body.querySelectorAll("*")]
      .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 80)),
  );

/** Opens a view and waits until it is full. */
async function fill(page: Page, view: string): Promise<void> {
  await page.getByTestId(`nav-${view}`).click();
  if (view === "instances") {
    await page.getByTestId("instance").nth(1).waitFor();
    await page.locator('[data-testid=chart-frames]:not([data-value=""])').waitFor(); // a rate needs two answers
  }
  if (view === "connections") await page.getByTestId("connection").nth(1).waitFor();
  if (view === "test-push") {
    await page.getByTestId("push").click();
    await page.getByTestId("push-step").nth(2).waitFor();
  }
  if (view === "dead-letters") await page.getByTestId("letters-note").getByText(/\w/).waitFor();
  if (view !== "explain") return;
  await page.getByTestId("explain-id").fill(notification);
  await page.getByTestId("explain-user").fill("u0");
  await page.getByTestId("explain-go").click();
  await page.getByTestId("verdict").waitFor();
}

describe.each([
  ["desktop", desktop],
  ["phone", phone],
] as const)("page looks: on a %s", (device, viewport) => {
  describe.each(["light", "dark"] as const)("page looks: in %s", (colorScheme) => {
    test("the sign-in has the theme of the system and no finding of axe", async () => {
      const page = await stage.visit({ viewport, colorScheme });
      await page.getByTestId("token").waitFor();
      await page.screenshot({ path: join(output, `admin-${device}-${colorScheme}-sign-in.png`), fullPage: true });
      expect(await page.evaluate("document.documentElement.dataset.theme")).toBe(colorScheme);
      expect(await violations(page)).toEqual([]);
      expect(await tooWide(page)).toEqual([]);
    });

    test.each(views)("the view %s has no finding of axe, and nothing is wider than the screen", (view) =>
      stage.quietly(view === "dead-letters" ? /404/ : /^$/, async () => {
        const page = await stage.enter({ viewport, colorScheme });
        await fill(page, view);
        await page.screenshot({ path: join(output, `admin-${device}-${colorScheme}-${view}.png`), fullPage: true });
        expect(await violations(page)).toEqual([]);
        expect(await tooWide(page)).toEqual([]);
        if (view === "instances") expect(await page.evaluate(lowContrast, 4.5)).toEqual([]);
      }),
    );

    test("the question before a disconnect has no finding of axe", async () => {
      const page = await stage.enter({ viewport, colorScheme });
      await fill(page, "connections");
      await page.getByTestId("disconnect-user").first().click();
      await page.screenshot({ path: join(output, `admin-${device}-${colorScheme}-confirm.png`) });
      expect(await violations(page)).toEqual([]);
      await page.getByTestId("confirm-no").click();
    });
  });
});

type Stop = { name: string; outlined: boolean; onScreen: boolean };

/** Where Tab leads in a view, from the first stop until the page is left. */
async function walk(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  // From the beginning, wherever the last click was.
  await page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')");
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      if (!at || at === document.body) return null;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      return {
        name: at.dataset.testid ?? (at.id || at.tagName),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      };
    });
    if (!stop || stops.length > 200) return stops;
    stops.push(stop);
  }
}

test.each([
  ["instances", "sign-out theme nav-instances nav-dead-letters"],
  ["connections", "search-user search-room search-address search-go disconnect disconnect-user"],
  ["explain", "explain-id explain-user explain-go"],
  ["test-push", "push"],
])("everything that a pointer can use in the view %s is an outlined stop of the keyboard", async (view, wanted) => {
  const page = await stage.enter();
  await fill(page, view);
  const stops = await walk(page);
  expect(stops.length).toBeLessThan(200);
  expect(stops.filter(({ outlined, onScreen }) => !outlined || !onScreen)).toEqual([]);
  const names = new Set(stops.map(({ name }) => name));
  expect(wanted.split(" ").filter((name) => !names.has(name))).toEqual([]);
});

test("a theme that was switched is there after a reload", async () => {
  const page = await stage.visit();
  await page.getByTestId("theme").click();
  await page.reload();
  expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
});

test("no page asked another origin for anything, and no console had a complaint", () => {
  expect(stage.complaints).toEqual([]);
});
