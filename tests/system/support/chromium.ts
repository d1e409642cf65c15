// The browser of Debian, headless, for tests that run under bun.
import { chromium, type Browser } from "playwright-core";

export type { Browser, BrowserContext, Frame, Page } from "playwright-core";

export const launchChromium = (more: string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
