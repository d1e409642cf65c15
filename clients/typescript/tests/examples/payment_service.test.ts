// The payment service as its README runs it: a real Kafka takes its messages, a real Redis its pushes, and a client of
// `nx-signal serve` hears both.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { Instance } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import { RedisServer } from "../../../../tests/system/harness/redis";
import { Scene } from "../../../../tests/system/harness/scene";
import { World } from "../../../../tests/system/harness/world";
import { App } from "../support/app";
import { commandsOf, Example } from "../support/example";
import { truthOf } from "../support/truth";

let scene: Scene;
let redis: RedisServer;
let service: Example;
let url: string;
const apps: App[] = [];

beforeAll(async () => {
  const world = new World();
  world.join("cashier", "Merchant", "harbour");
  redis = await RedisServer.start();
  scene = await Scene.open({ world, redis });
  service = new Example(
    "payment-service",
    { "127.0.0.1:9092": scene.stack.kafka.broker, "redis://127.0.0.1:6379": redis.url, "8090": "0" },
    { KAFKA_TOPIC: scene.place.topic },
  );
  url = (await service.says(/^payments: (\S+)/))[1]!;
});
afterEach(() => {
  for (const one of apps.splice(0)) one.client.stop();
});
afterAll(async () => {
  await Example.endAll();
  await Instance.endAll();
  await redis.end();
});

const app = async (user: string) => {
  const one = new App({ url: scene.first.http, user, token: () => scene.stack.issuer.token({ userId: user }) });
  apps.push(one);
  return one.live();
};
/** The second command of the README, with the address and the order of the test. */
async function pay(order: string, more: Record<string, unknown> = {}): Promise<{ status: number; body: any }> {
  const printed = commandsOf("payment-service")[1]!;
  const [, body, path] = /^curl -s -d '(.*)' http:\/\/127\.0\.0\.1:8090(\S+)$/.exec(printed)!;
  const answer = await fetch(url + path, {
    method: "POST",
    body: JSON.stringify({ ...JSON.parse(body!), orderId: order, ...more }),
  });
  return { status: answer.status, body: await answer.json() };
}
const stored = (key: string) =>
  eventually(
    async () =>
      (await scene.database.query(`SELECT 1 FROM signal."ActivityNotification" WHERE key = $1`, [key])).length === 1,
    10_000,
    `the row of ${key}`,
  );

test("a payment reaches the people of the merchant as a notification, and its room as a push", async () => {
  const cashier = await app("cashier");
  const pushes: { orderId: string }[] = [];
  cashier.client.topic("sale/order/paid", (data) => pushes.push(data as never));
  cashier.client.join("merchant:harbour");
  // The room is known to the server when a push arrives; joining is not answered.
  await eventually(
    async () => {
      expect((await pay("warm-up")).status).toBe(202);
      return pushes.length > 0;
    },
    10_000,
    () => `a push; ${cashier.told()} ${service.errors}`,
  );
  expect((await pay("o17")).status).toBe(202);
  const own = () => pushes.filter(({ orderId }) => orderId === "o17");
  await eventually(() => own().length > 0, 10_000, "the push of o17");
  expect(own()).toEqual([{ orderId: "o17", amount: "42.50", currency: "EUR" }]);
  const row = await eventually(
    () => cashier.client.inbox.snapshot.items.find(({ key }) => key === "payment-o17"),
    10_000,
    () => `the notification of o17; ${cashier.told()}`,
  );
  expect(row).toMatchObject({ type: "payment.success", body: "42.50 EUR", merchantId: "harbour" });
  expect((await truthOf(scene.database, "cashier")).rows.map(({ id }) => id)).toContain(row.id);
});

test("the same payment reported twice is one notification", async () => {
  const cashier = await app("cashier");
  for (let n = 0; n < 2; ++n) expect((await pay("twice")).status).toBe(202);
  expect((await pay("after-twice")).status).toBe(202);
  const keys = () => cashier.client.inbox.snapshot.items.map(({ key }) => key);
  await eventually(
    () => keys().includes("payment-after-twice"),
    10_000,
    () => `the last payment; ${keys()}`,
  );
  expect(keys().filter((key) => key === "payment-twice")).toHaveLength(1);
});

test("a payment that Signal could never store is refused with its reasons, and so is what is not JSON", async () => {
  const { status, body } = await pay("x".repeat(200));
  expect([status, body.problems[0].path]).toEqual([422, "/id"]);
  expect(body.message).toContain("must NOT have more than 128 characters");
  expect((await pay("no-merchant", { merchantId: null })).status).toBe(422);
  expect((await fetch(`${url}/payments`, { method: "POST", body: "{" })).status).toBe(400);
  expect((await fetch(`${url}/payments`)).status).toBe(404);
  // What is reported after them is stored after them; no message of theirs has a merchant or a key that fits.
  expect((await pay("good")).status).toBe(202);
  await stored("payment-good");
  const others = await scene.database.query(
    `SELECT key FROM signal."ActivityNotification" WHERE merchant_id IS DISTINCT FROM 'harbour' OR key LIKE '%xxx%'`,
  );
  expect(others).toEqual([]);
});

test("without Redis payments are still reported, and the service says that the push is missing", async () => {
  await redis.kill();
  expect((await pay("no-redis")).status).toBe(202);
  await service.says(/^no push for order no-redis: /);
  await stored("payment-no-redis");
  await redis.launch();
});

test("SIGTERM ends it in order", async () => {
  expect(await service.end()).toBe(0);
});
