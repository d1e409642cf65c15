// Two instances with the operators' page, and Chromium.
import { expect } from "bun:test";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Instance } from "../harness/instance";
import { bossOf } from "../harness/operator";
import { Scene } from "../harness/scene";
import { launchChromium, type Browser, type BrowserContext, type Page } from "../support/chromium";
import { patience } from "../support/signal";

export type { Page };
export const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? resolve(import.meta.dir, "../../output"), "page");
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 360, height: 780 };

export type Look = { viewport?: { width: number; height: number }; colorScheme?: "light" | "dark" };

export class Stage {
  readonly complaints: string[] = []; // console errors, page errors and foreign requests of all pages
  readonly urls: string[] = []; // of all requests and pages
  private context: BrowserContext | null = null;
  private constructor(
    readonly scene: Scene,
    readonly boss: string,
    private readonly browser: Browser,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<Stage> {
    mkdirSync(output, { recursive: true });
    // The page connects to /stream from the address of the instance.
    const scene = await Scene.open({
      instances: 2,
      dlq: true,
      env: { SIGNAL_ADMIN_PAGE: "true", SIGNAL_CORS_ORIGINS: "*", ...env },
    });
    await scene.acquainted();
    return new Stage(scene, await bossOf(scene), await launchChromium());
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.scene.close();
    await Instance.endAll();
  }
  /** Without the checks of the scene, which knows only its own messages. */
  async end(): Promise<void> {
    await this.browser.close();
    await Instance.endAll();
  }

  /** The page of an instance, before the sign-in. An earlier page is closed, because each asks every two seconds. */
  async visit(look: Look = {}, at: Instance = this.scene.first): Promise<Page> {
    await this.context?.close();
    const context = await this.browser.newContext({ viewport: desktop, colorScheme: "light", ...look });
    this.context = context;
    context.setDefaultTimeout(15_000 * patience);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      this.urls.push(request.url());
      if (new URL(request.url()).origin !== at.http) this.complaints.push(`request to ${request.url()}`);
    });
    page.on("websocket", (socket) => this.urls.push(socket.url()));
    page.on("framenavigated", (frame) => this.urls.push(frame.url()));
    await page.goto(`${at.http}/admin`);
    return page;
  }

  /** The page after the sign-in. */
  async enter(look: Look = {}, view = "instances"): Promise<Page> {
    const page = await this.visit(look);
    await page.getByTestId("token").fill(this.boss);
    await page.keyboard.press("Enter");
    await page.getByTestId("nav-instances").waitFor();
    await page.getByTestId(`nav-${view}`).click();
    return page;
  }

  /** What the pages complained of while `work` ran, without `expected`: Chromium reports each 4xx on the console. */
  async quietly(expected: RegExp, work: () => Promise<unknown>): Promise<void> {
    const before = this.complaints.length;
    await work();
    const heard = this.complaints.splice(before);
    expect(heard.filter((one) => !expected.test(one))).toEqual([]);
  }
}
