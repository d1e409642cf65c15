// Five tabs of Chromium and one socket: the tab that has it is closed or crashes, again and again, while notifications
// arrive.
// CLIENT_TAB_KILLS: how often; a few times without it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Producer } from "kafkajs";
import {
  launchChromium,
  type Browser,
  type BrowserContext,
  type Page,
} from "../../../../tests/system/support/chromium";
import { connectProducer, topic } from "../../../../tests/system/support/producer";
import { Signal, until } from "../../../../tests/system/support/signal";

const kills = Number(process.env.CLIENT_TAB_KILLS ?? 3);
const user = "u-tabs";
let server: Signal;
let producer: Producer;
let browser: Browser;
let context: BrowserContext;
let script: string;
let sent = 0;

// Chromium counts a page that a test answers in the server's place as one of the internet, and forbids it sockets to
// loopback: so the page is the server's.
const program = (bundle: string) => `${bundle}
  const headers = { "x-signal-dev": "1", "content-type": "application/json", accept: "text/plain" };
  const body = JSON.stringify({ userId: "${user}" });
  const token = () => fetch("/dev/token", { method: "POST", headers, body }).then((answer) => answer.text());
  window.told = { heard: [], errors: [] };
  window.signal = createSignal({ url: location.origin, user: "${user}", token, pageSize: 100 });
  signal.on("notification", ({ notification }) => told.heard.push(notification.seq));
  signal.on("error", (error) => told.errors.push(error.code + ": " + error.message));
  signal.start();`;

beforeAll(async () => {
  server = await Signal.start();
  producer = await connectProducer(server.broker);
  const built = await Bun.build({
    entrypoints: [new URL("../../packages/client/src/index.ts", import.meta.url).pathname],
    target: "browser",
    minify: false,
  });
  const bundle = (await built.outputs[0]!.text()).replace(/export \{[^}]*\};?\s*$/, "");
  browser = await launchChromium();
  context = await browser.newContext();
  script = program(bundle);
});
afterAll(async () => {
  await browser?.close();
  await producer?.disconnect();
  await server?.stop();
});

async function open(): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`${server.http}/health`);
  await tab.evaluate(`{${script}}`);
  const told = () =>
    tab.evaluate("window.signal && JSON.stringify([told, signal.status, signal.leading, signal.inbox.snapshot.ready])");
  await until(
    () => tab.evaluate("window.signal?.status.state === 'live' && signal.inbox.snapshot.ready"),
    5_000,
    "a tab to be live",
  ).catch(async (error) => {
    throw new Error(`${error.message}: ${await told()}`);
  });
  return tab;
}
const leads = (tab: Page) => tab.evaluate("signal.leading && signal.status.state === 'live'") as Promise<boolean>;
async function leader(tabs: Page[]): Promise<Page> {
  for (const tab of tabs) if (await leads(tab)) return tab;
  throw new Error("no tab has the socket");
}
const notify = () =>
  producer.send({
    topic,
    messages: [
      {
        key: "k",
        partition: 0,
        value: JSON.stringify({ recipientScope: "users", recipientIds: [user], type: "t", title: `n${++sent}` }),
      },
    ],
  });
async function sockets(): Promise<number> {
  const token = await server.token("operator", { roles: ["999_super-admin"] });
  const answer = await server.fetch(`/v1/socket/websocket/clients?userId=${user}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { count: number }).count;
}

/** Ends a tab as a person does, or as a fault does; resolves with the time until another has the socket. */
async function kill(tab: Page, others: Page[], crash: boolean): Promise<number> {
  const began = performance.now();
  if (crash) {
    const session = await context.newCDPSession(tab);
    void session.send("Page.crash").catch(() => undefined);
  } else void tab.close();
  await until(
    async () => (await Promise.all(others.map(leads))).includes(true),
    20_000,
    "another tab to have the socket",
  );
  if (crash) void tab.close().catch(() => undefined);
  return performance.now() - began;
}

test("there is one socket, and when its tab ends another one takes over without a hole", async () => {
  let tabs: Page[] = [];
  for (let n = 0; n < 5; ++n) tabs.push(await open());
  expect(await sockets()).toBe(1);
  let over = false;
  const traffic = (async () => {
    while (!over) {
      await notify();
      await Bun.sleep(100);
    }
  })();
  const took: number[] = [];
  for (let n = 0; n < kills; ++n) {
    const first = await leader(tabs);
    tabs = tabs.filter((tab) => tab !== first);
    took.push(await kill(first, tabs, n % 2 === 1));
    tabs.push(await open());
    await Bun.sleep(100);
  }
  over = true;
  await traffic;
  await until(
    async () =>
      (await Promise.all(tabs.map((tab) => tab.evaluate("Math.max(0, ...told.heard)")))).every((seq) => seq === sent),
    20_000,
    `all ${sent} to arrive in each tab`,
  );
  for (const tab of tabs) {
    const { heard, errors, items, unread } = (await tab.evaluate(
      "({ ...told, items: signal.inbox.snapshot.items.map((one) => one.seq), unread: signal.inbox.snapshot.unread })",
    )) as { heard: number[]; errors: string[]; items: number[]; unread: number };
    const sorted = [...heard].sort((a, b) => a - b);
    // none twice, none missing since the tab was opened
    expect(sorted).toEqual(Array.from({ length: sorted.length }, (_, n) => sorted[0]! + n));
    expect(items).toEqual(Array.from({ length: items.length }, (_, n) => sent - n));
    expect([unread, errors]).toEqual([sent, []]);
  }
  expect(await sockets()).toBe(1);
  for (const tab of tabs) await tab.close();
  took.sort((a, b) => a - b);
  console.log(
    `client: tabs: the tab with the socket of five ended ${kills} times; another had it after ` +
      `${Math.round(took[took.length >> 1]!)} ms (median), ${Math.round(took.at(-1)!)} ms at most; ` +
      `${sent} notifications, none twice and none missing in any tab, one socket`,
  );
});

test("a tab that hangs with the socket loses it to one that is looked at, and yields when it is back", async () => {
  const tabs = [await open(), await open(), await open()];
  const hung = await leader(tabs);
  const others = tabs.filter((tab) => tab !== hung);
  await hung.evaluate("void setTimeout(() => { for (const end = Date.now() + 6_000; Date.now() < end; ); }, 0)");
  await Bun.sleep(100);
  await others[0]!.evaluate("signal.wake()");
  await until(() => leads(others[0]!), 5_000, "the other tab to have the socket");
  await notify();
  const arrived = (tab: Page) => tab.evaluate(`told.heard.includes(${sent})`) as Promise<boolean>;
  await until(
    async () => (await Promise.all(tabs.map(arrived))).every(Boolean),
    20_000,
    "the hint in each tab, the hung one, too",
  );
  await until(async () => (await sockets()) === 1, 20_000, "the socket of the hung tab to be closed");
  expect([await leads(hung), await leads(others[0]!), await leads(others[1]!)]).toEqual([false, true, false]);
  expect(await hung.evaluate("told.errors")).toEqual([]);
  for (const tab of tabs) await tab.close();
});
