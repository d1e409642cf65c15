// The web part of the Tauri shell, built and served as its README says, in WebKitGTK. Registered where Debian's
// webkit2gtk-driver and xvfb are installed: script/packages browsers.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { By, until, type WebDriver } from "selenium-webdriver";
import { eventually } from "../../../../tests/system/harness/patience";
import { BrowserStage } from "../support/browser_app";
import { Example } from "../support/example";
import { hasWebKit, launchWebKit } from "../support/webkit";

if (hasWebKit()) {
  let stage: BrowserStage;
  let webkit: { driver: WebDriver; name: string; end(): Promise<void> };
  const waitMs = 100_000;

  beforeAll(async () => {
    stage = await BrowserStage.open("owner");
    expect(await new Example("tauri-shell", {}).exited()).toBe(0);
    webkit = await launchWebKit();
  });
  afterAll(async () => {
    await webkit?.end();
    await stage?.close();
  });

  test("in WebKitGTK the shell's page is live, shows what arrives, and keeps its position over a reload", async () => {
    const { driver } = webkit;
    const shown = () =>
      driver.executeScript<{ state: string; badge: string; titles: string[] }>(`return {
        state: document.querySelector("[data-testid=state]")?.textContent,
        badge: document.querySelector(".badge")?.textContent,
        titles: [...document.querySelectorAll("li strong")].map((one) => one.textContent) };`);
    const { url } = await stage.serve("tauri-shell", "u-owner", "owner", 1);
    await driver.get(url);
    await driver.wait(until.elementLocated(By.css("[data-testid=state]")), waitMs);
    await eventually(async () => (await shown()).state === "live", 10_000, "the page to be live");
    const first = await stage.pay("1.00 EUR");
    await eventually(async () => (await shown()).titles[0] === first, 10_000, "the first payment");
    await driver.findElement(By.css("li button")).click();
    await eventually(async () => (await shown()).badge === "0", 10_000, "the badge");
    await stage.unread("owner", 0);
    await driver.navigate().refresh();
    await eventually(async () => (await shown()).state === "live", 10_000, "the page to be live again");
    const second = await stage.pay("2.00 EUR");
    await eventually(async () => (await shown()).titles[0] === second, 10_000, "the second payment");
    expect(await shown()).toEqual({ state: "live", badge: "1", titles: [second, first] });
    expect(await driver.findElements(By.css("[role=alert]"))).toEqual([]);
    console.log(`client: tauri: ${webkit.name}: live, two payments, a click, a reload`);
  });
}
