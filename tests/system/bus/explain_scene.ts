// Three instances, and an operator who asks them why a user did or did not get a notification.
import { expect } from "bun:test";
import { createECDH } from "node:crypto";
import { Instance } from "../harness/instance";
import { ask, bossOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";
import { RawClient } from "../support/raw_client";

export type Explanation = {
  code: string;
  verdict: string;
  excluded: boolean;
  stored: any;
  membership: any;
  connections: any[];
  pushes: any[];
  recordsSince: any[];
  missing: string[];
  tooOld: boolean;
};

/** An id that no notification has. */
export const none = "01935f2e-7c00-7000-8000-000000000001";

export async function explainScene(world: World, env: Record<string, string> = {}) {
  const scene = await Scene.open({ instances: 3, world, env });
  await scene.acquainted();
  const boss = await bossOf(scene);
  const get = (path: string, token: string | null = boss, at: Instance = scene.first) => ask(at, token, path);
  let turn = 0;
  /** Each question goes to the next instance: all know the same. */
  const explain = async (id: string, user: string): Promise<Explanation> => {
    const path = `/v1/notifications/${id}/explain?userId=${encodeURIComponent(user)}`;
    const response = await get(path, boss, scene.instances[turn++ % 3]!);
    const body = (await response.json()) as any;
    expect({ user, status: response.status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const explained = (id: string, user: string, code: string) =>
    eventually(async () => (await explain(id, user)).code === code, 40_000, `${code} to be said of ${user}`);
  /** Produces a message and resolves with the id of its notification. */
  const produce = async (key: string, message: Record<string, unknown>, timestamp = Date.now()): Promise<string> => {
    const value = JSON.stringify({ type: "payment.success", title: key, id: key, ...message });
    await scene.producer.send({
      topic: scene.place.topic,
      messages: [{ value, timestamp: String(timestamp) }],
    });
    const stored = `SELECT id::text FROM signal."ActivityNotification" WHERE key = $1`;
    return eventually(
      async () => (await scene.database.query(stored, [key]))[0]?.id as string | undefined,
      20_000,
      `${key} to be stored`,
    );
  };
  const end = async () => {
    for (const client of scene.clients) client.close();
    await Instance.endAll();
    await scene.producer.disconnect();
    await scene.database.close();
    await (scene.place.redis as RedisServer).end();
  };
  return { scene, boss, get, explain, explained, produce, end };
}

/** Authenticated, and from then on it reads nothing. */
async function deafTill(url: string, token: string): Promise<RawClient> {
  const client = await RawClient.upgrade(url);
  const clientPublicKey = createECDH("prime256v1").generateKeys("base64");
  client.text({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey } });
  const [connected] = await client.waitMessages(1);
  expect(connected.event).toBe("connected");
  client.socket.pause();
  return client;
}

/** A message to the merchant m1, of which each user has something else to tell: `id`; and `old`, which was too old to
 *  be pushed when it came. */
export async function explainCases() {
  const world = new World();
  for (const user of ["acker", "shut", "away", "deaf"]) world.join(user, "Merchant", "m1");
  world.join("left", "Merchant", "m1", { deleted: true });
  world.join("chief", "Organizer", "o1");
  world.inherit("m1", "Organizer", "o1");
  const opened = await explainScene(world, {
    SIGNAL_WS_BACKPRESSURE_BYTES: "262144",
    SIGNAL_WS_HEARTBEAT_TIMEOUT_MS: "900000",
  });
  const { scene, get, explained, produce } = opened;
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const redis = scene.place.redis as RedisServer;
  const acker = await scene.watch("acker", a);
  const chief = await scene.watch("chief", b);
  const deaf = await deafTill(c.ws, await scene.stack.issuer.token({ userId: "deaf" }));

  // What the kernel takes is filled first, so that the hint stays queued.
  const envelope = { serverId: "emitter", type: "user", target: "deaf", event: "e", data: "x".repeat(60_000) };
  const fill = () => redis.cli("publish", "ws:user:deaf", JSON.stringify(envelope));
  const queued = async () => {
    const { clients } = (await (await get("/v1/socket/websocket/clients?userId=deaf")).json()) as any;
    return Number(clients[0]?.queuedBytes ?? -1);
  };
  await eventually(async () => (await queued()) > 0 || (await fill(), false), 30_000, "the queue of the deaf till");

  const id = await produce("e1", { recipientScope: "merchant", merchantId: "m1", excludeUserIds: ["shut"] });
  const old = await produce("e2", { recipientScope: "merchant", merchantId: "m1" }, Date.now() - 2 * 3_600_000);
  await eventually(() => acker.heard("e1") && chief.heard("e1"), 20_000, "the hints");
  await explained(id, "deaf", "pushed");
  acker.send({ event: "ack", data: { ids: [id] } });
  await explained(id, "acker", "acked");
  for (let n = 0; n < 12; ++n) await fill();
  await explained(id, "deaf", "slow_closed");
  const user = await scene.stack.issuer.token({ userId: "acker", roles: [{ identifier: "100_cashier" }] });
  const end = async () => {
    deaf.destroy();
    await opened.end();
  };
  return { ...opened, id, old, chief, user, end };
}
