// /doc/explorer of the built binary in headless Chromium: readable in light and dark, by keyboard, on a phone, and
// nothing is fetched but the page. Screenshots are kept in tests/output/page/.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { lowContrast } from "./support/contrast.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.env.NX_SIGNAL_BINARY ?? join(here, "../../build/dev/nx-signal"));
const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(here, "../output"), "page");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let signal, browser, folder, origin;

before(async () => {
  mkdirSync(output, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "signal-explorer-"));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
  signal = spawn(binary, ["dev", "--http-port", "0", "--log-format", "json"], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  signal.exited = new Promise((done) => signal.once("exit", (code, reason) => done(code ?? reason)));
  const listening = new Promise((found) =>
    createInterface({ input: signal.stderr }).on("line", (line) => {
      try {
        const entry = JSON.parse(line);
        if (entry.event === "listening") found(entry);
      } catch {
        /* no log line */
      }
    }),
  );
  const ended = signal.exited.then((code) => {
    throw new Error(`nx-signal ended with ${code}`);
  });
  ended.catch(() => {}); // it ends in order, later
  origin = (await Promise.race([listening, ended])).url;
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});

after(async () => {
  await browser?.close();
  signal?.kill("SIGTERM");
  const code = await signal?.exited;
  if (folder) rmSync(folder, { recursive: true, force: true });
  assert.equal(code, 0, "nx-signal ended in order");
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
  await page.goto(new URL("/doc/explorer", origin).href);
  return { page, asked, complaints, close: () => context.close() };
}

for (const scheme of ["light", "dark"]) {
  test(`${scheme}: nothing else is fetched, every text has contrast, axe finds nothing`, async () => {
    const { page, asked, complaints, close } = await open(scheme);
    assert.deepEqual(
      asked.filter((path) => path !== ","),
      ["/doc/explorer"],
    );
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    await page.screenshot({ path: join(output, `explorer-${scheme}.png`) });
    const [red, green, blue] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
      .match(/\d+/g)
      .map(Number);
    assert.equal(red + green + blue > 384, scheme === "light");
    assert.deepEqual(await page.evaluate(lowContrast, 4.5), []);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).slice(0, 3)}`),
      [],
    );
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("by keyboard: the first stop leads to the content, messages open with Enter, links lead to shapes", async () => {
  const { page, close } = await open("light");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the content");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#content");
  const summary = page.locator("#channel-stream summary").first();
  await summary.focus();
  await page.keyboard.press("Enter");
  assert.equal(
    await page
      .locator("#channel-stream details")
      .first()
      .evaluate((details) => details.open),
    true,
  );
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
