// The till as its README runs it, in headless Chromium.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { createEmitter } from "../../packages/producer/src/index";
import { launchChromium, type Browser, type Page } from "../../../../tests/system/support/chromium";
import { eventually } from "../../../../tests/system/harness/patience";
import { BrowserStage } from "../support/browser_app";

let stage: BrowserStage;
let browser: Browser;

beforeAll(async () => {
  stage = await BrowserStage.open("cashier", "colleague");
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function till(user: string): Promise<{ page: Page; complaints: string[] }> {
  const { url } = await stage.serve("till", "u-harbour-cashier", user);
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(100_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  await page.locator('#status[data-state="live"]').waitFor();
  return { page, complaints };
}

test("a payment is shown at once, is read by a click, and every cashier has an own unread count", async () => {
  const [mine, other] = [await till("cashier"), await till("colleague")];
  const title = await stage.pay("42.50 EUR");
  await mine.page.locator("#payments li span", { hasText: `${title}: 42.50 EUR` }).waitFor();
  await mine.page.locator("#paid", { hasText: "42.50 EUR" }).waitFor();
  await stage.pay("7.00 EUR");
  for (const { page } of [mine, other]) await page.locator("#unread", { hasText: /^2$/ }).waitFor();
  await mine.page.locator("#payments li", { hasText: title }).getByRole("button").click();
  await mine.page.locator("#unread", { hasText: /^1$/ }).waitFor();
  await stage.unread("cashier", 1);
  await mine.page.locator("#all").click();
  await mine.page.locator("#unread", { hasText: /^0$/ }).waitFor();
  await stage.unread("cashier", 0);
  await stage.unread("colleague", 2);
  expect(await other.page.locator("#unread").textContent()).toBe("2");
  expect([...mine.complaints, ...other.complaints]).toEqual([]);
});

test("a push to the room of the merchant reaches the till, and a till that is opened again has its rows", async () => {
  const { page } = await till("cashier");
  await page.locator("#payments li").first().waitFor();
  const redis = new Redis(stage.scene.place.redis.url);
  await eventually(
    async () => {
      await createEmitter(redis).toRoom({
        room: "merchant:harbour",
        event: "sale/order/paid",
        data: { orderId: "o9" },
      });
      return (await page.locator("#paid").getAttribute("data-order")) === "o9";
    },
    10_000,
    "the push of order o9",
  );
  redis.disconnect();
  const rows = await page.locator("#payments li").count();
  await page.reload();
  await page.locator('#status[data-state="live"]').waitFor();
  await page
    .locator("#payments li")
    .nth(rows - 1)
    .waitFor();
  expect(await page.locator("#payments li").count()).toBe(rows);
});
