// The first minute with `nx-signal dev`: what the page offers right after the start, and what the terminal says
// meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  complaints,
  harbourCashier,
  harbourManager,
  log,
  newContext,
  openAtOnce,
  origin,
  outsider,
  owner,
  rows,
  toastsAre,
  until,
} from "./support/page_stage.mjs";

const offered = '[data-testid=pay]:not([aria-disabled="true"])';

test("the first payment after a start is delivered once the page offers the button", async () => {
  const page = await openAtOnce([owner, harbourManager, harbourCashier]);
  const answered = page.waitForResponse((response) => response.url().endsWith("/dev/payments"));
  await page.locator(offered).click();
  const { message } = await (await answered).json();

  for (const slot of [0, 1, 2]) await rows(page, slot, message.body).waitFor();
  // A hint of a catch-up has no `unread`: docs/protocol.md#catch-up.
  const hints = page.locator('[data-testid=frame][data-event="observation/signal/notification/created"]');
  await until(async () => (await hints.count()) === 3, "the hints of three people");
  assert.equal(new Set(await hints.locator(".chip").allTextContents()).size, 3);
  for (const hint of await hints.all()) {
    await hint.click();
    assert.equal(JSON.parse(await page.getByTestId("wire-opened").textContent()).unread, 1, "it came by a push");
  }
  await toastsAre(page, message.body, [1, 1, 1]);
  await until(
    async () => (await page.getByTestId("result").locator(".seen:not(:empty)").count()) === 3,
    "the panel to say when each card showed it",
  );
  await page.context().close();
});

test("every partition is assigned before the page is announced, and no warning comes up to the first payment", () => {
  const events = log.map(({ event }) => event);
  assert.ok(events.includes("kafka partitions assigned"), events.join(", "));
  assert.ok(events.indexOf("kafka partitions assigned") < events.indexOf("listening"), events.join(", "));
  assert.deepEqual(
    log.filter(({ level }) => level !== "info"),
    [],
  );
});

test("while the people connect, the page says so and the button sends nothing", async () => {
  const context = await newContext();
  let release;
  const held = new Promise((done) => {
    release = done;
  });
  await context.route("**/dev/token", async (route) => {
    await held;
    await route.continue();
  });
  const page = await openAtOnce([owner, harbourCashier, outsider], context);
  const sent = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/dev/payments")) sent.push(request.url());
  });
  await page.getByTestId("pay-wait").getByText("connecting").waitFor();
  await page.getByTestId("pay").click({ force: true }); // Playwright would wait until it is offered
  await page.getByTestId("amount").press("Enter");
  release();
  await page.locator(offered).waitFor();
  assert.ok(await page.getByTestId("pay-wait").isHidden());
  assert.deepEqual(sent, []);
  await context.close();
});

test("the page says in a few sentences what one sees", async () => {
  const page = await openAtOnce([owner, harbourCashier, outsider]);
  const words = await page.getByTestId("about").innerText();
  for (const part of ["three of six people", "Simulate a payment", "Who got it, and why", "Go offline", "Come back"])
    assert.ok(words.includes(part), part);
  await page.context().close();
});

test("no page asked another origin for anything, and no console had a complaint", () => {
  assert.ok(origin.startsWith("http://127.0.0.1:"));
  assert.deepEqual(complaints, []);
});
