// Pages in places that take something from the client: a storage that is full, one that is forbidden, and an address
// on which browsers have no WebCrypto. In headless Chromium.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import { Scene } from "../../../../tests/system/harness/scene";
import { launchChromium, type Browser, type Frame, type Page } from "../../../../tests/system/support/chromium";
import { Identity } from "../support/identity";
import { servePage } from "../support/page_server";

const insecureHost = "till.example";
let scene: Scene;
let identity: Identity;
let browser: Browser;

beforeAll(async () => {
  scene = await Scene.open({ env: { SIGNAL_CORS_ORIGINS: "*" } });
  identity = new Identity(scene.stack.issuer);
  browser = await launchChromium([`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`]);
});
afterAll(async () => {
  await browser?.close();
  identity?.end();
  await scene?.close({ live: false });
  await Instance.endAll();
});

type Told = { heard: string[]; errors: string[]; states: string[]; titles: string[]; state: string };
const told = (place: Page | Frame) =>
  place.evaluate(
    "({ ...told, state: signal.status.state, titles: signal.inbox.snapshot.items.map((one) => one.title) })",
  ) as Promise<Told>;

async function open(user: string, host: string, path: string) {
  const server = await servePage({ url: scene.first.http, user }, identity.url);
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://${host}:${server.port}${path}`);
  return { page, server };
}
async function notify(user: string): Promise<string> {
  const message = scene.note(0, [user]);
  await scene.send([message]);
  return message.title!;
}
/** The page has become live, and hears and shows a new notification. */
async function works(place: Page | Frame, user: string) {
  const said = async () => JSON.stringify(await told(place));
  let last = "";
  const wait = (what: string, is: (one: Told) => boolean) =>
    eventually(
      async () => {
        last = await said();
        return is(JSON.parse(last));
      },
      10_000,
      () => `${what}: ${last}`,
    );
  await wait("the page to be live", ({ state }) => state === "live");
  const title = await notify(user);
  await wait("the notification", ({ heard, titles }) => heard.includes(title) && titles.includes(title));
}

test("a storage that is full is told once, and the page works", async () => {
  const { page, server } = await open("full", "127.0.0.1", "/");
  await page.evaluate(`for (let size = 1 << 20, n = 0; size >= 1; )
    try { localStorage.setItem("x" + n, "x".repeat(size)); ++n; } catch { size >>= 1; }
    begin();`);
  await works(page, "full");
  await works(page, "full");
  const { errors } = await told(page);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^storage: the position is kept in memory only: QuotaExceededError/);
  server.end();
});

test("where storage and locks are forbidden, the page has a socket of its own and works", async () => {
  const { page, server } = await open("forbidden", "127.0.0.1", "/frame");
  const frame = page.frames()[1]!;
  const name = (expression: string) => frame.evaluate(`(async () => ${expression})().catch(({ name }) => name)`);
  expect(await name("localStorage")).toBe("SecurityError");
  expect(await name("navigator.locks.request('x', () => undefined)")).toBe("SecurityError");
  await frame.evaluate("begin()");
  await works(frame, "forbidden");
  expect((await told(frame)).errors).toEqual([]);
  server.end();
});

test("a page on http:// is told that WebCrypto is missing, and shows the rows without live frames", async () => {
  const title = await notify("insecure");
  const { page, server } = await open("insecure", insecureHost, "/");
  expect(await page.evaluate("[isSecureContext, typeof crypto.subtle]")).toEqual([false, "undefined"]);
  await page.evaluate("begin()");
  await eventually(async () => (await told(page)).titles.includes(title), 10_000, "the row");
  const { errors, state } = await told(page);
  expect([state, errors]).toEqual([
    "stopped",
    ["insecure: no live frames without crypto.subtle: use https:// or localhost"],
  ]);
  server.end();
});
