// The React admin, built and run as its README says, in headless Chromium.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { launchChromium, type Browser } from "../../../../tests/system/support/chromium";
import { BrowserStage } from "../support/browser_app";
import { Example } from "../support/example";

let stage: BrowserStage;
let browser: Browser;

beforeAll(async () => {
  stage = await BrowserStage.open("owner");
  expect(await new Example("react-admin", {}).exited()).toBe(0);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

test("list, badge, pages and changes are those of the database", async () => {
  const titles: string[] = [];
  for (let n = 1; n <= 12; ++n) titles.unshift(await stage.pay(`${n}.00 EUR`));
  await stage.unread("owner", 12);
  const { url } = await stage.serve("react-admin", "u-owner", "owner", 1);
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(100_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  const badge = page.getByRole("status");
  const rows = page.locator("li strong");
  await page.getByTestId("state").getByText("live").waitFor();
  await badge.getByText("12", { exact: true }).waitFor();
  expect(await rows.allTextContents()).toEqual(titles.slice(0, 10));
  await page.getByRole("button", { name: "More" }).click();
  await rows.nth(11).waitFor();
  expect(await rows.allTextContents()).toEqual(titles);

  titles.unshift(await stage.pay("13.00 EUR"));
  await badge.getByText("13", { exact: true }).waitFor();
  expect(await rows.first().textContent()).toBe(titles[0]!);
  await page.getByRole("button", { name: "Mark as read" }).first().click();
  await badge.getByText("12", { exact: true }).waitFor();
  await stage.unread("owner", 12);
  await page.getByRole("button", { name: "Archive" }).nth(1).click();
  titles.splice(1, 1);
  await badge.getByText("11", { exact: true }).waitFor();
  await stage.unread("owner", 11);
  expect(await rows.allTextContents()).toEqual(titles);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await badge.waitFor({ state: "hidden" });
  await stage.unread("owner", 0);
  expect(complaints).toEqual([]);
});

test("when the identity service fails the page says so, and goes on when it is back", async () => {
  stage.identity.away = true;
  const { url } = await stage.serve("react-admin", "u-owner", "owner", 1);
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(100_000);
  await page.goto(url);
  await page.getByRole("alert").getByText("the token provider failed").first().waitFor();
  stage.identity.away = false;
  await page.getByTestId("state").getByText("live").waitFor();
  await page.locator("li strong").first().waitFor();
});
