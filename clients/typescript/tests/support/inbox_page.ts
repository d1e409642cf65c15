// A server, a browser, and pages with the elements of the inbox package on them.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Producer } from "kafkajs";
import {
  launchChromium,
  type Browser,
  type BrowserContext,
  type Page,
} from "../../../../tests/system/support/chromium";
import { connectProducer, topic } from "../../../../tests/system/support/producer";
import { Signal, until } from "../../../../tests/system/support/signal";

const system = new URL("../../../../tests/system/", import.meta.url).pathname;
const axe = readFileSync(join(system, "node_modules/axe-core/axe.min.js"), "utf8");
export const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(system, "../output"), "inbox");
export const desktop = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

export interface PageOptions {
  user: string;
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
  lang?: string;
  dir?: "ltr" | "rtl";
  /** Attributes of the elements. */
  inbox?: string;
  toasts?: string;
  pageSize?: number;
  /** The token provider, as code. */
  token?: string;
  /** False: the client is not started. */
  start?: boolean;
  /** A tab of this browser, in place of a new one. */
  context?: BrowserContext;
}
export type Message = { title: string; body?: string; data?: object; type?: string };

const page = ({ lang = "en", dir = "ltr", inbox = "", toasts = "" }: PageOptions) => `<!doctype html>
  <html lang="${lang}" dir="${dir}"><head><title>Till</title><meta name="viewport" content="width=device-width">
  </head>
  <body><header><h1>Till</h1><button id="before">Before</button><signal-inbox ${inbox}></signal-inbox>
  <button id="after">After</button></header><main><p>Sales of today</p></main>
  <signal-toasts ${toasts}></signal-toasts></body></html>`;

const style = `:root { color-scheme: light dark; font: 16px system-ui, sans-serif }
  body { margin: 0; background: Canvas; color: CanvasText } header { display: flex; align-items: center }
  h1 { flex: 1 } header, main { padding: .5rem 1rem }`;

const program = ({ user, pageSize = 20, token, start = true }: PageOptions) => `
  const headers = { "x-signal-dev": "1", "content-type": "application/json", accept: "text/plain" };
  const body = JSON.stringify({ userId: "${user}" });
  const token = ${token ?? '() => fetch("/dev/token", { method: "POST", headers, body }).then((one) => one.text())'};
  globalThis.sheet = new CSSStyleSheet();
  sheet.replaceSync(${JSON.stringify(style)});
  document.adoptedStyleSheets = [sheet];
  globalThis.told = { errors: [], selected: [], toasted: [], toggled: [] };
  globalThis.bell = document.querySelector("signal-inbox");
  globalThis.toasts = document.querySelector("signal-toasts");
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const one of addedNodes)
        if (one.part?.contains("toast")) told.toasted.push(one.querySelector("[part=toast-title]").textContent);
  }).observe(toasts.shadowRoot, { childList: true, subtree: true });
  document.addEventListener("signal-select", ({ detail }) => told.selected.push(detail.title));
  document.addEventListener("signal-toggle", ({ detail }) => told.toggled.push(detail.open));
  globalThis.signal = createSignal({ url: location.origin, user: "${user}", token, pageSize: ${pageSize} });
  signal.on("error", (error) => told.errors.push(error.code + ": " + error.message));
  bell.signal = toasts.signal = signal;
  ${start ? "signal.start();" : ""}`;

export class InboxStage {
  readonly complaints: string[] = [];
  private users = 0;
  private constructor(
    readonly server: Signal,
    readonly browser: Browser,
    private readonly producer: Producer,
    private readonly script: string,
  ) {}

  static async start(): Promise<InboxStage> {
    mkdirSync(output, { recursive: true });
    const entry = new URL("inbox_entry.ts", import.meta.url).pathname;
    const built = await Bun.build({ entrypoints: [entry], target: "browser" });
    const server = await Signal.start();
    const script = await built.outputs[0]!.text();
    return new InboxStage(server, await launchChromium(), await connectProducer(server.broker), script);
  }
  async stop() {
    await this.browser.close();
    await this.producer.disconnect();
    await this.server.stop();
  }

  /** A browser of its own: tabs of one share storage and socket. */
  context(options: { viewport?: PageOptions["viewport"]; colorScheme?: "light" | "dark" } = {}) {
    return this.browser.newContext({ viewport: desktop, reducedMotion: "reduce", ...options });
  }

  /**
   * A page without the script. It is one of the server, with its Content-Security-Policy; the server's own scripts are
   * kept out of it.
   */
  async bare(html: string, context?: BrowserContext): Promise<Page> {
    const tab = await (context ?? (await this.context())).newPage();
    tab.on("pageerror", (error) => this.complaints.push(`${error}`));
    await tab.route("**/page/*", (route) => route.abort());
    await tab.goto(this.server.http);
    await tab.setContent(html);
    return tab;
  }
  define = (tab: Page) => tab.evaluate(`{${this.script}}`);

  /** A page with both elements; live, unless its client is not started. */
  async open(options: PageOptions): Promise<Page> {
    const { viewport = desktop, colorScheme = "light", start = true, context } = options;
    const tab = await this.bare(page(options), context ?? (await this.context({ viewport, colorScheme })));
    await this.define(tab);
    await tab.evaluate(`{${program(options)}}`);
    if (start && !options.token)
      await until(
        () => tab.evaluate("signal.status.state === 'live' && signal.inbox.snapshot.ready"),
        10_000,
        "a page to be live",
      );
    return tab;
  }

  /** A new user with so many notifications, n1 the oldest, and a page of theirs. */
  async withRows(count: number, options: Partial<PageOptions> = {}): Promise<[Page, string]> {
    const user = this.newUser();
    if (count > 0) await this.notify(user, ...Array.from({ length: count }, (_, n) => ({ title: `n${n + 1}` })));
    return [await this.open({ user, ...options }), user];
  }
  newUser = () => `user-${++this.users}`;

  /** Kafka messages to a user, and their rows. */
  async notify(user: string, ...messages: Message[]): Promise<void> {
    const before = await this.rows(user);
    await this.send(user, messages);
    await until(async () => (await this.rows(user)) >= before + messages.length, 60_000, `${messages.length} rows`);
  }
  async send(user: string, messages: Message[]): Promise<void> {
    const values = messages.map((one) => ({ recipientScope: "users", recipientIds: [user], type: "sale", ...one }));
    await this.producer.send({
      topic,
      messages: values.map((value) => ({ key: user, partition: 0, value: JSON.stringify(value) })),
    });
  }
  async counts(user: string): Promise<{ count: number; seq: number }> {
    const headers = { authorization: `Bearer ${await this.server.token(user)}` };
    const answer = await this.server.fetch("/v1/notifications/unread-count", { headers });
    return (await answer.json()) as { count: number; seq: number };
  }
  /** As an operator does. */
  async disconnect(user: string): Promise<void> {
    const token = await this.server.token("operator", { roles: ["999_super-admin"] });
    const headers = { authorization: `Bearer ${token}` };
    const path = `/v1/socket/websocket/clients?userId=${user}`;
    const answer = await this.server.fetch(path, { method: "DELETE", headers });
    if (!answer.ok) throw new Error(`DELETE ${path}: ${answer.status} ${await answer.text()}`);
  }
  private rows = async (user: string) => (await this.counts(user)).seq;
}

/** The findings of axe, best practices included, on the whole page. */
export async function findings(tab: Page): Promise<string[]> {
  await tab.evaluate(axe);
  const { violations } = (await tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((one) => `${one.html.slice(0, 150)} ${one.failureSummary}`).join(" | ")}`,
  );
}
export const picture = (tab: Page, name: string) => tab.screenshot({ path: join(output, `${name}.png`) });

/** What a user sees in the inbox. */
export const badge = (tab: Page) =>
  tab.evaluate("((one) => one.hidden ? 0 : Number(one.textContent))(bell.shadowRoot.querySelector('[part=badge]'))");
export const titles = (tab: Page) =>
  tab.evaluate(
    "[...bell.shadowRoot.querySelectorAll('[part=row-title] [dir]')].map((one) => one.textContent)",
  ) as Promise<string[]>;
/** The part, or the text, of the element that has the focus, through shadow roots. */
export const focus = (tab: Page) =>
  tab.evaluate(`(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (at?.localName === "article") return "row " + at.querySelector("[part=row-title] [dir]").textContent;
    return at?.getAttribute("part") ?? (at?.id || at?.localName);
  })()`) as Promise<string>;
/** Waits for the state of a page that `code` describes. */
export const holds = (tab: Page, code: string, what: string) => until(() => tab.evaluate(code), 10_000, what);

/** What a user does in the inbox. */
export async function openPanel(tab: Page, rows: number): Promise<void> {
  await tab.locator("signal-inbox [part=bell]").click();
  await holds(tab, `bell.shadowRoot.querySelectorAll('article').length === ${rows}`, `${rows} rows`);
}
export async function press(tab: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await tab.keyboard.press(key);
}
export const button = (tab: Page, title: string, name: string) =>
  tab.locator("signal-inbox article", { hasText: title }).getByRole("button", { name, exact: true });
export const isBadge = (tab: Page, count: number) =>
  until(async () => (await badge(tab)) === count, 10_000, `the badge to be ${count}`);
