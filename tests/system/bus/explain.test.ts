// Why a user did or did not get a notification, asked of any of three instances; and what clients said that they have.
import { afterEach, expect, test } from "bun:test";
import { hkdfSync, createECDH } from "node:crypto";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";
import { RawClient } from "../support/raw_client";
import { bareEnvironment, binary } from "../support/signal";

afterEach(() => Instance.endAll());

const admin = { userId: "boss", roles: [{ id: "1", identifier: "999_super-admin", priority: 1 }] };
type Explanation = {
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
const none = "01935f2e-7c00-7000-8000-000000000001";

async function open(world: World, env: Record<string, string> = {}) {
  const scene = await Scene.open({ instances: 3, world, env });
  for (const one of scene.instances) {
    await eventually(
      async () => (await one.health()).ready === 200 && (await one.metrics()).sum("signal_instances") === 3,
      30_000,
      () => `${one.name} to know the others; ${one.tail()}`,
    );
  }
  const boss = await scene.stack.issuer.token(admin);
  const get = (path: string, token: string | null = boss, at: Instance = scene.first) =>
    fetch(`${at.http}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  let turn = 0;
  /** Each question goes to the next instance: all know the same. */
  const explain = async (id: string, user: string): Promise<Explanation> => {
    const response = await get(
      `/v1/notifications/${id}/explain?userId=${encodeURIComponent(user)}`,
      boss,
      scene.instances[turn++ % 3]!,
    );
    const body = (await response.json()) as any;
    expect({ user, status: response.status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const produce = async (key: string, message: Record<string, unknown>, timestamp = Date.now()): Promise<string> => {
    await scene.producer.send({
      topic: scene.place.topic,
      messages: [
        {
          value: JSON.stringify({ type: "payment.success", title: key, id: key, ...message }),
          timestamp: String(timestamp),
        },
      ],
    });
    let id: string | undefined;
    await eventually(
      async () => {
        id = (await scene.database.query(`SELECT id::text FROM signal."ActivityNotification" WHERE key = $1`, [key]))[0]
          ?.id;
        return id;
      },
      20_000,
      `${key} to be stored`,
    );
    return id!;
  };
  const end = async () => {
    for (const client of scene.clients) client.close();
    await Instance.endAll();
    await scene.producer.disconnect();
    await scene.database.close();
    await (scene.place.redis as RedisServer).end();
  };
  return { scene, boss, get, explain, produce, end };
}

/** Authenticated, and from then on it reads nothing. */
async function deafTill(url: string, token: string): Promise<RawClient> {
  const client = await RawClient.upgrade(url);
  const keys = createECDH("prime256v1");
  client.text({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey: keys.generateKeys("base64") } });
  const [connected] = await client.waitMessages(1);
  expect(
    hkdfSync(
      "sha256",
      keys.computeSecret(connected.data.serverPublicKey, "base64"),
      Buffer.from(connected.data.salt, "base64"),
      "",
      32,
    ).byteLength,
  ).toBe(32);
  client.socket.pause();
  return client;
}

async function command(args: string[], token: string | null) {
  const child = Bun.spawn([binary, "explain", ...args], {
    env: { ...bareEnvironment, ...(token ? { SIGNAL_TOKEN: token } : {}) },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}

/** Makes what the eight cases are asked about: `id`, and `old`, which was too old to be pushed when it came. */
async function setUpEightCases() {
  const world = new World();
  for (const user of ["acker", "shut", "away", "deaf"]) world.join(user, "Merchant", "m1");
  world.join("left", "Merchant", "m1", { deleted: true });
  world.join("chief", "Organizer", "o1");
  world.inherit("m1", "Organizer", "o1");
  const opened = await open(world, {
    SIGNAL_WS_BACKPRESSURE_BYTES: "262144",
    SIGNAL_WS_HEARTBEAT_TIMEOUT_MS: "900000",
  });
  const { scene, get, explain, produce } = opened;
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const redis = scene.place.redis as RedisServer;
  const acker = await scene.watch("acker", a);
  const chief = await scene.watch("chief", b);
  const deaf = await deafTill(c.ws, await scene.stack.issuer.token({ userId: "deaf" }));

  // What the kernel takes is filled first, so that the hint stays queued.
  const filler = JSON.stringify({
    serverId: "emitter",
    type: "user",
    target: "deaf",
    event: "e",
    data: "x".repeat(60_000),
  });
  const queued = async () =>
    Number(
      ((await (await get("/v1/socket/websocket/clients?userId=deaf")).json()) as any).clients[0]?.queuedBytes ?? -1,
    );
  await eventually(
    async () => (await queued()) > 0 || (await redis.cli("publish", "ws:user:deaf", filler), false),
    30_000,
    "the queue of the deaf till",
  );

  const id = await produce("e1", { recipientScope: "merchant", merchantId: "m1", excludeUserIds: ["shut"] });
  const old = await produce("e2", { recipientScope: "merchant", merchantId: "m1" }, Date.now() - 2 * 3_600_000);
  await eventually(() => acker.heard("e1") && chief.heard("e1"), 20_000, "the hints");
  await eventually(async () => (await explain(id, "deaf")).code === "pushed", 10_000, "the push to the deaf till");
  acker.send({ event: "ack", data: { ids: [id] } });
  await eventually(async () => (await explain(id, "acker")).code === "acked", 10_000, "the ack");
  for (let n = 0; n < 12; ++n) await redis.cli("publish", "ws:user:deaf", filler);
  await eventually(
    async () => (await explain(id, "deaf")).code === "slow_closed",
    40_000,
    "the close of the deaf till",
  );
  return { ...opened, id, old, chief, deaf };
}
type EightCases = Awaited<ReturnType<typeof setUpEightCases>>;

async function checkCases({ id, old, explain }: EightCases) {
  const cases: [user: string, notification: string, code: string, verdict: RegExp][] = [
    [
      "stranger",
      id,
      "not_in_scope",
      /^stranger did not get it: not joined to merchant m1 or to anything it inherits from\.$/,
    ],
    ["shut", id, "excluded", /^shut did not get it: .*excludeUserIds/],
    ["left", id, "membership_ended", /^left did not get it: was joined to merchant m1 until \d{4}-/],
    [
      "chief",
      id,
      "pushed",
      /^chief has it as seq 1 \(joined to organizer o1, which merchant m1 inherits from\): it was pushed to 1 connection at /,
    ],
    [
      "acker",
      old,
      "too_old",
      /^acker has it as seq 2 \(joined to merchant m1\): it was not pushed: the record was 7\d\d\d s old/,
    ],
    ["away", id, "offline", /^away has it as seq 1 .*no client of the user was connected/],
    ["deaf", id, "slow_closed", /^deaf has it as seq 1 .*did not read, closed with 1013 at /],
    ["acker", id, "acked", /^acker has it as seq 1 \(joined to merchant m1\): a client acknowledged it at \d{4}-.*\.$/],
  ];
  for (const [user, notification, code, verdict] of cases) {
    for (let n = 0; n < 3; ++n) {
      const said = await explain(notification, user);
      expect({ user, code: said.code, missing: said.missing }).toEqual({ user, code, missing: [] });
      expect(said.verdict).toMatch(verdict);
      expect(said.recordsSince.length).toBe(3);
    }
  }
  expect(new Set(cases.map(([, , code]) => code)).size).toBe(8);
}

/** A membership by inheritance is told by its rows, and a push by its connection. */
async function checkInherited({ id, chief, explain }: EightCases) {
  const inherited = await explain(id, "chief");
  expect(inherited.membership).toMatchObject({ member: true, inherited: true });
  expect(inherited.membership.rows.map((row: any) => row.variant)).toEqual(["domain_inherits", "join_domain"]);
  expect(inherited.connections).toMatchObject([{ id: chief.id, address: "127.0.0.1" }]);
  expect(inherited.pushes).toMatchObject([{ outcome: "pushed", instance: inherited.connections[0].instance }]);
  expect((await explain(id, "left")).membership.rows).toMatchObject([
    { variant: "join_domain", subjectId: "left", targetId: "m1", deletedAt: expect.any(String) },
  ]);
}

/** Without a user: how many have it, and one by one. */
async function checkDeliveries({ id, get }: EightCases) {
  const summary = (await (await get(`/v1/notifications/${id}/explain`)).json()) as any;
  expect(summary).toMatchObject({
    recipients: 4,
    delivered: 1,
    read: 0,
    archived: 0,
    complete: true,
    notification: { id, recipientScope: "merchant", merchantId: "m1", excluded: ["shut"] },
  });
  expect(JSON.stringify(summary)).not.toContain("title");
  const seen: any[] = [];
  for (let next: string | null = `/v1/notifications/${id}/deliveries?limit=3`; next !== null; ) {
    const response: Response = await get(next);
    const page = (await response.json()) as any;
    expect(page.count).toBe(page.data.length);
    seen.push(...page.data);
    next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  }
  expect(seen.map((one) => one.userId)).toEqual(["acker", "away", "chief", "deaf"]);
  expect(seen.map((one) => Object.keys(one).join())).toEqual(Array(4).fill("userId,seq,deliveredAt,readAt,archivedAt"));
  expect(seen.map((one) => one.deliveredAt !== null)).toEqual([true, false, false, false]);
}

/** Rights and bad input. `user`: the token of one who is no operator. */
async function checkRefusals({ id, get }: EightCases, user: string) {
  for (const path of [
    `/v1/notifications/${id}/explain?userId=acker`,
    `/v1/notifications/${id}/explain`,
    `/v1/notifications/${id}/deliveries`,
  ]) {
    expect([path, (await get(path, null)).status, (await get(path, user)).status]).toEqual([path, 401, 403]);
  }
  for (const [path, status] of [
    [`/v1/notifications/${none}/explain?userId=u`, 404],
    [`/v1/notifications/x/explain`, 404],
    [`/v1/notifications/${none}/deliveries`, 404],
    [`/v1/notifications/${id}/explain?userId=`, 422],
    [`/v1/notifications/${id}/explain?userId=${"x".repeat(129)}`, 422],
    [`/v1/notifications/${id}/explain?userId=%00`, 422],
    [`/v1/notifications/${id}/deliveries?limit=0`, 422],
    [`/v1/notifications/${id}/deliveries?limit=101`, 422],
    [`/v1/notifications/${id}/deliveries?cursor=`, 422],
  ] as const) {
    expect([path, (await get(path)).status]).toEqual([path, status]);
  }
}

async function checkCommand({ scene, id, boss, explain }: EightCases, user: string) {
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const shown = await command([id, "left", "--url", a.http], boss);
  expect(shown).toMatchObject({ code: 0, err: "" });
  expect(shown.out.split("\n")[0]).toBe((await explain(id, "left")).verdict);
  expect(shown.out).toContain("policy row");
  const raw = await command([id, "left", "--json", "--url", `${b.http}/`, "--token", boss], null);
  expect(JSON.parse(raw.out)).toMatchObject({ code: "membership_ended" });
  expect((await command([id, "--url", c.http], boss)).out).toMatch(/recipients +4/);
  expect(await command([none, "u", "--url", a.http], boss)).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("404"),
  });
  expect(await command([id, "u", "--url", a.http], user)).toMatchObject({
    code: 1,
    err: expect.stringContaining("SIGNAL_ADMIN_ROLES"),
  });
  expect(await command(["x", "u", "--url", a.http], boss)).toMatchObject({
    code: 2,
    err: expect.stringContaining("not a notification id"),
  });
  expect(await command([id, "u", "--url", "ftp://x"], boss)).toMatchObject({ code: 2 });
  expect(await command([id, "u", "--url", a.http], null)).toMatchObject({ code: 2 });
  expect(await command([id, "u", "--url", "http://127.0.0.1:1"], boss)).toMatchObject({ code: 1 });
}

/** Who does not answer is named, and the verdict says what it rests on. */
async function checkSilentInstance({ scene, id, boss, get }: EightCases) {
  const [a, , c] = scene.instances as [Instance, Instance, Instance];
  process.kill(c.pid, "SIGSTOP");
  try {
    const said = (await (await get(`/v1/notifications/${id}/explain?userId=away`, boss, a)).json()) as Explanation;
    expect(said.missing.length).toBe(1);
    expect(said.code).toBe("unknown");
    expect(said.verdict).toContain(said.missing[0]!);
  } finally {
    process.kill(c.pid, "SIGCONT");
  }
}

test("eight cases are told apart, whichever instance is asked", async () => {
  const eight = await setUpEightCases();
  await checkCases(eight);
  await checkInherited(eight);
  await checkDeliveries(eight);
  const user = await eight.scene.stack.issuer.token({ userId: "acker", roles: [{ identifier: "100_cashier" }] });
  await checkRefusals(eight, user);
  await checkCommand(eight, user);
  await checkSilentInstance(eight);
  eight.deaf.destroy();
  await eight.end();
});

test("acks: the first counts, of one's own rows alone, from any session; a catch-up is told from a push", async () => {
  const { scene, explain, produce, end } = await open(new World());
  const [a, b] = scene.instances as [Instance, Instance, Instance];
  const u1 = await scene.watch("u1", a);
  const ids: string[] = [];
  for (let n = 0; n < 3; ++n) ids.push(await produce(`k${n}`, { recipientScope: "users", recipientIds: ["u1", "u2"] }));
  await eventually(() => u1.heard("k2"), 20_000, "the hints");
  u1.send({ event: "ack", data: { upTo: 2 } });
  await eventually(async () => (await explain(ids[1]!, "u1")).code === "acked", 10_000, "the ack up to 2");
  expect((await explain(ids[0]!, "u1")).code).toBe("acked");
  expect((await explain(ids[2]!, "u1")).code).toBe("pushed");
  const first = (await explain(ids[0]!, "u1")).stored.deliveredAt;

  const again = await scene.watch("u1", b);
  again.send({ event: "ack", data: { ids: [ids[0], ids[2]] } });
  await eventually(async () => (await explain(ids[2]!, "u1")).code === "acked", 10_000, "the ack of the other session");
  expect((await explain(ids[0]!, "u1")).stored.deliveredAt).toBe(first);
  expect((await explain(ids[0]!, "u2")).stored.deliveredAt).toBeNull();
  expect((await explain(ids[0]!, "u2")).code).toBe("offline");

  const u2 = await scene.watch("u2", b);
  u2.close();
  await u2.connect(b.ws, { since: 0 });
  await eventually(() => u2.heard("k2"), 10_000, "the catch-up");
  expect((await explain(ids[0]!, "u2")).code).toBe("caught_up");
  u2.send({ event: "ack", data: { ids: ["x"] } });
  u2.send({ event: "ack", data: { upTo: u2.since } });
  await eventually(async () => (await explain(ids[0]!, "u2")).code === "acked", 10_000, "the ack after the catch-up");
  expect((await b.metrics()).sum("signal_ignored_messages_total")).toBeGreaterThanOrEqual(1);
  await end();
});
