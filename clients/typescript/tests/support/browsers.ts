// The browsers of Debian, each driven by a library: pages are opened, and all else happens over what the page itself
// says.
import type { Browser } from "puppeteer-core";
import { launchChromium } from "../../../../tests/system/support/chromium";
import { launchWebKit } from "./webkit";

export interface PageBrowser {
  /** With its version. */
  name: string;
  /** Resolves with what closes the page. */
  open(url: string): Promise<() => Promise<unknown>>;
  end(): Promise<void>;
}

async function chromium(): Promise<PageBrowser> {
  const browser = await launchChromium();
  const context = await browser.newContext();
  return {
    name: `chromium ${browser.version()}`,
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return () => page.close();
    },
    end: () => browser.close(),
  };
}

/** Over WebDriver BiDi. Each page is a window: Firefox slows the timers of a tab that is behind another. */
async function firefox(): Promise<PageBrowser> {
  const { launch } = await import("puppeteer-core");
  const browser: Browser = await launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
  });
  return {
    name: (await browser.version()).replace("/", " "),
    async open(url) {
      const page = await browser.newPage({ type: "window" });
      await page.goto(url);
      return () => page.close();
    },
    end: () => browser.close(),
  };
}

async function webkit(): Promise<PageBrowser> {
  const { driver, name, end } = await launchWebKit();
  // A session has one current window: one thing after the other. The first window stays, as the session does with it.
  const first = await driver.getWindowHandle();
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const own = before.then(work);
    before = own.catch(() => undefined);
    return own;
  };
  return {
    name,
    open: (url) =>
      inTurn(async () => {
        await driver.switchTo().window(first);
        await driver.switchTo().newWindow("window");
        await driver.get(url);
        const handle = await driver.getWindowHandle();
        return () =>
          inTurn(async () => {
            await driver.switchTo().window(handle);
            await driver.close();
          });
      }),
    end,
  };
}

export function launch(name: string): Promise<PageBrowser> {
  const browser = { chromium, firefox, webkit }[name];
  if (!browser) throw new Error(`there is no browser ${name}: chromium, firefox or webkit`);
  return browser();
}
