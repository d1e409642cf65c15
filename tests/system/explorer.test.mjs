// /doc/explorer of the built binary in headless Chromium: readable in light and dark, by keyboard, on a phone, and
// nothing is fetched but the page. Screenshots are kept in tests/output/page/.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lowContrast } from "./support/contrast.mjs";
import { launchBrowser, startDev } from "./support/dev_program.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.env.NX_SIGNAL_BINARY ?? join(here, "../../build/dev/nx-signal"));
const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(here, "../output"), "page");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let program, browser;

before(async () => {
  mkdirSync(output, { recursive: true });
  program = await startDev(binary);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  assert.equal(await program?.stop(), 0, "nx-signal ended in order");
});

async function open(colorScheme, viewport = { width: 1440, height: 900 }) {
  // Its policy allows no script: what looks at the page comes in beside it.
  const context = await browser.newContext({ colorScheme, viewport, bypassCSP: true });
  const page = await context.newPage();
  const asked = [],
    complaints = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(new URL("/doc/explorer", program.origin).href);
  return { page, asked, complaints, close: () => context.close() };
}

for (const scheme of ["light", "dark"]) {
  let opened; // by the first of these tests, with everything unfolded
  const unfolded = async () => {
    opened ??= open(scheme).then(async (one) => {
      await one.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      await one.page.screenshot({ path: join(output, `explorer-${scheme}.png`) });
      return one;
    });
    return opened;
  };

  test(`in ${scheme} nothing is fetched but the page, and the console has no complaint`, async () => {
    const { asked, complaints } = await unfolded();
    const paths = asked.filter((path) => path !== ",");
    assert.deepEqual(paths, ["/doc/explorer"]);
    assert.deepEqual(complaints, []);
  });

  test(`in ${scheme} the background is ${scheme}`, async () => {
    const { page } = await unfolded();
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red, green, blue] = colour.match(/\d+/g).map(Number);
    assert.equal(red + green + blue > 384, scheme === "light");
  });

  test(`in ${scheme} every text has contrast`, async () => {
    const { page } = await unfolded();
    assert.deepEqual(await page.evaluate(lowContrast, 4.5), []);
  });

  test(`in ${scheme} axe finds nothing`, async () => {
    const { page } = await unfolded();
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).slice(0, 3)}`);
    assert.deepEqual(said, []);
  });
}

test("the first stop of the keyboard leads to the content", async () => {
  const { page, close } = await open("light");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the content");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#content");
  await close();
});

test("a message opens with Enter", async () => {
  const { page, close } = await open("light");
  await page.locator("#channel-stream summary").first().focus();
  await page.keyboard.press("Enter");
  const details = page.locator("#channel-stream details").first();
  assert.equal(await details.evaluate((one) => one.open), true);
  await close();
});

test("a link of an operation leads to a shape", async () => {
  const { page, close } = await open("light");
  await page.locator("#operation-listNotifications a").first().focus();
  await page.keyboard.press("Enter");
  assert.match(new URL(page.url()).hash, /^#shape-/);
  await close();
});

test("on a phone nothing is wider than the screen", async () => {
  const { page, close } = await open("light", { width: 360, height: 780 });
  await page.screenshot({ path: join(output, "explorer-phone.png") });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
  await close();
});
