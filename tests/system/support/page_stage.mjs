// `nx-signal dev` and a headless Chromium for the tests of one file, and what a person does on its page.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, startDev } from "./dev_program.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const binary = resolve(process.env.NX_SIGNAL_BINARY ?? join(here, "../../build/dev/nx-signal"));
export const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(here, "../output"), "page");
// a machine ten times slower passes, and a sanitizer; waits are scaled, never what is asserted
const patience = 10 * ({ tsan: 8, asan: 4 }[process.env.NX_SIGNAL_PRESET] ?? 1);

export const owner = "u-owner",
  harbourManager = "u-harbour-manager",
  harbourCashier = "u-harbour-cashier";
export const stationManager = "u-station-manager",
  stationCashier = "u-station-cashier",
  outsider = "u-outsider";
export const everyone = [owner, harbourManager, harbourCashier, stationManager, stationCashier, outsider];
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 360, height: 780 };

export let folder, origin;
let program, browser;
export const log = []; // what the program has logged
export const complaints = []; // console errors, page errors, foreign requests: of all pages

before(async () => {
  mkdirSync(output, { recursive: true });
  program = await startDev(binary, log);
  ({ folder, origin } = program);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  assert.equal(await program?.stop(), 0, "nx-signal ended in order");
});

export const newContext = (options) => browser.newContext(options);

/** Three of the people side by side, all of them live, and the button offered. */
export async function open(people, { viewport = desktop, colorScheme = "light", context } = {}) {
  const page = await openAtOnce(people, context ?? (await newContext({ viewport, colorScheme })));
  for (let slot = 0; slot < 3; ++slot) await page.getByTestId(`status-${slot}`).getByText("Live, encrypted").waitFor();
  await page.locator('[data-testid=pay]:not([aria-disabled="true"])').waitFor();
  return page;
}

/** The same as soon as the page is there. */
export async function openAtOnce(people, context) {
  const own = context ?? (await newContext({ viewport: desktop }));
  own.setDefaultTimeout(15_000 * patience);
  const page = await own.newPage();
  // Toasts go after a while: they are noted when they come.
  await page.addInitScript(() => {
    globalThis.toasted = [];
    new MutationObserver((changes) =>
      changes.forEach(({ addedNodes }) =>
        addedNodes.forEach((node) => {
          if (node.dataset?.testid === "toast")
            toasted.push({ slot: Number(node.parentElement.dataset.testid.split("-")[1]), key: node.dataset.key });
        }),
      ),
    ).observe(document, { childList: true, subtree: true });
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request to ${request.url()}`);
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) complaints.push(`WebSocket to ${socket.url()}`);
  });
  await page.goto(`${origin}/?people=${people.join(",")}`);
  return page;
}

export const badges = (page) =>
  page.locator("[data-testid^=badge-]").evaluateAll((all) => all.map((one) => Number(one.dataset.count)));
/** How many toasts each of the three has ever shown for that payment. */
export const toasts = (page, key) =>
  page.evaluate(
    (wanted) =>
      [0, 1, 2].map((slot) => globalThis.toasted.filter((one) => one.slot === slot && one.key === wanted).length),
    key,
  );

export async function until(probe, what) {
  const deadline = Date.now() + 15_000 * patience;
  for (;;) {
    if (await probe()) return;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Pays by the form, waits for the hints on this page, and returns what the result panel says. */
export async function payByForm(page, { scope, recipients = [], except = "" }) {
  await page.getByTestId(`scope-${scope}`).check();
  if (scope === "users")
    for (const id of everyone) await page.getByTestId(`recipient-${id}`).setChecked(recipients.includes(id));
  await page.getByTestId("exclude").selectOption(except);
  const answered = page.waitForResponse((response) => response.url().endsWith("/dev/payments"));
  await page.getByTestId("pay").click();
  const { id, audience } = await (await answered).json();
  await page.locator("[data-testid^=audience-]").first().waitFor();
  const seats = await page.locator("[data-testid^=person-]").evaluateAll((all) => all.map((one) => one.dataset.user));
  const expected = audience.filter(({ gets }) => gets).map(({ userId }) => userId);
  for (const [slot, userId] of seats.entries()) {
    if (expected.includes(userId)) await page.getByTestId(`inbox-${slot}`).locator(`[data-key="${id}"]`).waitFor();
  }
  return { id, audience };
}

/** A token, and REST as that person. */
export async function rest(userId, path, init = {}) {
  const token = await (
    await fetch(`${origin}/dev/token`, {
      method: "POST",
      headers: { "x-signal-dev": "1", "content-type": "application/json" },
      body: JSON.stringify({ userId }),
    })
  ).json();
  const response = await fetch(origin + path, {
    ...init,
    headers: { authorization: `Bearer ${token.token}`, "content-type": "application/json" },
  });
  assert.equal(response.status, 200);
  return response.json();
}
export const unreadCounts = async () =>
  Object.fromEntries(
    await Promise.all(everyone.map(async (id) => [id, (await rest(id, "/v1/notifications/unread-count")).count])),
  );
