// What operators see and do over three instances: one list, one kick, one audit line; who does not answer is named; a
// token that was taken back stays so.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { RedisListener } from "../harness/redis_listener";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

afterEach(() => Instance.endAll());

const path = "/v1/socket/websocket/clients";
const admin = { userId: "boss", roles: [{ id: "1", identifier: "999_super-admin", priority: 1 }] };

type Client = {
  id: string;
  userId: string | number;
  rooms: string[];
  connectedAt: number;
  address: string;
  lastActivityAt: number;
  queuedBytes: number;
  instance: string;
};
type Page = { count: number; clients: Client[]; missing?: string[] };

const ask = (instance: Instance, token: string | null, target = "", method = "GET") =>
  fetch(`${instance.http}${path}${target}`, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });
const idOf = (instance: Instance) =>
  String(instance.lines.findLast((line) => line.event === "listening" && line.life === instance.life)!.instance);

async function open(instances = 3, env: Record<string, string> = {}) {
  const scene = await Scene.open({ instances, env });
  for (const one of scene.instances) {
    await eventually(
      async () => (await one.health()).ready === 200 && (await one.metrics()).sum("signal_instances") === instances,
      30_000,
      () => `${one.name} to know the others; ${one.tail()}`,
    );
  }
  return {
    scene,
    boss: await scene.stack.issuer.token(admin),
    list: async (at: Instance, token: string, query = "") => (await (await ask(at, token, query)).json()) as Page,
  };
}

async function refused(scene: Scene, at: Instance, token: string): Promise<boolean> {
  const rest = await fetch(`${at.http}/v1/notifications/unread-count`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const till = new StreamClient("x", token);
  const socket = await till.connect(at.ws).then(
    () => null,
    (error: Error) => error.message,
  );
  till.close();
  return rest.status === 401 && socket !== null && socket.includes("4003");
}

/** Rights come from the token of each request, and a bad request is refused in words. */
async function holdRights(scene: Scene, boss: string, clientId: string) {
  const [a, b] = scene.instances as [Instance, Instance, Instance];
  const user = await scene.stack.issuer.token({ userId: "u1", roles: [{ identifier: "100_cashier" }] });
  for (const [target, method] of [
    ["", "GET"],
    ["?userId=u1", "DELETE"],
    [`/${clientId}`, "GET"],
    [`/${clientId}`, "DELETE"],
  ] as const) {
    expect({ target, method, status: (await ask(b, null, target, method)).status }).toEqual({
      target,
      method,
      status: 401,
    });
    expect({ target, method, status: (await ask(b, user, target, method)).status }).toEqual({
      target,
      method,
      status: 403,
    });
  }
  for (const query of ["?limit=0", "?limit=101", "?address=x", "?cursor=x", "?userId="])
    expect({ query, status: (await ask(a, boss, query)).status }).toEqual({ query, status: 422 });
  expect((await ask(a, boss, "", "DELETE")).status).toBe(400);
  expect((await ask(a, boss, "?userId=u1&room=x", "DELETE")).status).toBe(422);
  expect((await ask(a, boss, "", "PUT")).status).toBe(404);
  expect(b.find((line) => line.event === "operator route refused" && line.user === "u1")).toBeDefined();
}

test("one list over three instances, for operators alone", async () => {
  const { scene, boss, list } = await open();
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const tills: StreamClient[] = [];
  for (let n = 0; n < 12; ++n)
    tills.push(await scene.watch(n % 4 === 0 ? "u1" : `u${n + 10}`, scene.instances[n % 3]!));
  const numbered = new StreamClient("5", await scene.stack.issuer.token({ userId: 5 }));
  await numbered.connect(b.ws);

  // what it hears is held against contracts/
  const bus = await RedisListener.start((scene.place.redis as RedisServer).port);
  const all = await list(a, boss, "?limit=100");
  expect(all.count).toBe(13);
  expect(all.missing).toBeUndefined();
  const order = all.clients.map((one) => `${one.instance}/${one.id}`);
  expect(order).toEqual([...order].sort());
  expect(new Set(all.clients.map((one) => one.id))).toEqual(new Set([...tills, numbered].map((till) => till.id)));
  expect(new Set(all.clients.map((one) => one.instance))).toEqual(new Set(scene.instances.map(idOf)));
  for (const one of all.clients) {
    expect(Object.keys(one)).toEqual([
      "id",
      "userId",
      "rooms",
      "connectedAt",
      "address",
      "lastActivityAt",
      "queuedBytes",
      "instance",
    ]);
    expect(one.rooms).toEqual(["ws-default", "ws-notification", one.id]);
    expect(one.address).toBe("127.0.0.1");
    expect(Math.abs(Date.now() - one.connectedAt)).toBeLessThan(600_000);
  }
  expect(all.clients.filter((one) => one.userId === 5).length).toBe(1);

  // Pages, from any instance to any other.
  const seen: Client[] = [];
  let next: string | null = "?limit=5";
  for (let n = 0; next !== null; ++n) {
    const response: Response = await ask(scene.instances[n % 3]!, boss, next);
    const page = (await response.json()) as Page;
    expect(page.count).toBe(13);
    seen.push(...page.clients);
    next = /<[^?]*(\?[^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  }
  expect(seen.map((one) => one.id)).toEqual(all.clients.map((one) => one.id));

  expect((await list(b, boss)).clients.length).toBe(10);
  expect((await list(c, boss, "?userId=u1")).clients.map((one) => one.userId)).toEqual(["u1", "u1", "u1"]);
  expect((await list(c, boss, "?userId=5")).count).toBe(1);
  expect((await list(c, boss, `?room=${tills[3]!.id}`)).clients.map((one) => one.id)).toEqual([tills[3]!.id]);
  expect((await list(c, boss, "?address=127.0.0.0%2F8")).count).toBe(13);
  expect((await list(c, boss, "?address=192.0.2.1")).count).toBe(0);
  for (const at of scene.instances) {
    const one = await ask(at, boss, `/${tills[4]!.id}`);
    expect([one.status, await one.json()]).toEqual([
      200,
      { ...all.clients.find((other) => other.id === tills[4]!.id)!, lastActivityAt: expect.any(Number) },
    ]);
  }
  expect((await ask(a, boss, "/7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001")).status).toBe(404);
  expect((await ask(a, boss, "/none")).status).toBe(404);

  const channels = new Set(bus.channels());
  expect(channels).toEqual(
    new Set(["signal:operators", ...scene.instances.map((one) => `signal:answers:${idOf(one)}`)]),
  );
  bus.end();

  await holdRights(scene, boss, tills[0]!.id);
  expect(tills.every((till) => till.closed === null)).toBe(true);
  numbered.close();
  await scene.close();
});

test("SIGNAL_ADMIN_CLAIM is wanted beside the role", async () => {
  const { scene, boss } = await open(1, {
    SIGNAL_ADMIN_CLAIM: "isPlatformAdmin",
    SIGNAL_ADMIN_ROLES: "ops,999_super-admin",
  });
  expect((await ask(scene.first, boss)).status).toBe(403);
  expect((await ask(scene.first, await scene.stack.issuer.token({ ...admin, isPlatformAdmin: true }))).status).toBe(
    200,
  );
  expect(
    (
      await ask(
        scene.first,
        await scene.stack.issuer.token({ userId: "o", roles: [{ identifier: "ops" }], isPlatformAdmin: true }),
      )
    ).status,
  ).toBe(200);
  expect(
    (
      await ask(
        scene.first,
        await scene.stack.issuer.token({ userId: "o", roles: [{ identifier: "cashier" }], isPlatformAdmin: true }),
      )
    ).status,
  ).toBe(403);
  await scene.close();
});

test("one client is disconnected from any instance", async () => {
  const { scene, boss, list } = await open();
  const [a, b] = scene.instances as [Instance, Instance];
  const till = await scene.watch("u1", b);
  const other = await scene.watch("u1", b);
  const gone = await ask(a, boss, `/${till.id}`, "DELETE");
  expect([gone.status, await gone.json()]).toEqual([200, { count: 1 }]);
  await eventually(() => till.closed, 10_000, "the close");
  expect(till.closed).toEqual({ code: 4009, reason: "Disconnected by operator" });
  expect((await ask(a, boss, `/${till.id}`, "DELETE")).status).toBe(404);
  expect((await list(a, boss, "?userId=u1")).clients.map((one) => one.id)).toEqual([other.id]);
  const line = await eventually(
    () => a.find((one) => one.event === "disconnected by operator" && one.count === 1),
    5_000,
    "the audit line",
  );
  expect(line).toMatchObject({ operator: "boss", peer: "127.0.0.1", client: till.id, instances: idOf(b) });
  await till.connect(b.ws); // the token is good still
  await scene.close();
});

test("a user who is thrown out stays out with the tokens of before, on every instance and after all were restarted", async () => {
  const { scene, boss, list } = await open();
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const { issuer } = scene.stack;
  const token = await issuer.token({ userId: "u1" });
  const timeless = await issuer.token({ userId: "u1", iat: undefined });
  const tills: StreamClient[] = [];
  for (const at of scene.instances) {
    const till = new StreamClient("u1", token);
    await till.connect(at.ws);
    tills.push(till);
  }
  const bystander = await scene.watch("u2", b);
  await Bun.sleep(1_100); // `iat` has whole seconds

  const began = performance.now();
  const kick = await ask(c, boss, "?userId=u1", "DELETE");
  const said = await kick.json();
  expect([kick.status, said.count, said.missing]).toEqual([200, 3, undefined]);
  await eventually(() => tills.every((till) => till.closed), 10_000, "all to be closed");
  expect(tills.map((till) => till.closed)).toEqual(Array(3).fill({ code: 4009, reason: "Disconnected by operator" }));
  for (const at of scene.instances)
    await eventually(() => refused(scene, at, token), 10_000, `${at.name} to refuse the token`);
  const took = performance.now() - began;
  for (const at of scene.instances) expect(await refused(scene, at, timeless)).toBe(true);
  const line = await eventually(
    () => c.find((one) => one.event === "disconnected by operator"),
    5_000,
    "the audit line",
  );
  expect(line).toMatchObject({ operator: "boss", peer: "127.0.0.1", user: "u1", count: 3, missing: "" });
  expect(new Set(String(line.instances).split(","))).toEqual(new Set(scene.instances.map(idOf)));
  expect(bystander.closed).toBeNull();
  expect((await a.metrics()).sum("signal_tokens_refused_total", { reason: "revoked" })).toBeGreaterThan(0);

  await Bun.sleep(1_100);
  const fresh = await issuer.token({ userId: "u1" });
  const back = new StreamClient("u1", fresh);
  await back.connect(a.ws);
  expect((await list(b, boss, "?userId=u1")).count).toBe(1);
  back.send({ event: "refresh", data: { token } });
  await eventually(
    () => back.other.some((frame) => frame.event === "error"),
    5_000,
    "the old token to be refused at refresh",
  );
  back.close();

  for (const at of scene.instances) await at.stop();
  for (const at of scene.instances) await at.launch();
  for (const at of scene.instances)
    expect({ at: at.name, refused: await refused(scene, at, token) }).toEqual({ at: at.name, refused: true });
  const again = new StreamClient("u1", fresh);
  await again.connect(b.ws);
  again.close();
  await bystander.connect(b.ws);
  for (const till of tills) till.close();
  console.log(
    `operators: a kick closed three connections, and ${took.toFixed(0)} ms after it every instance had refused the ` +
      `token; ${await scene.close({ live: false })}`,
  );
});

test("an instance that is stopped is named, and does what was asked when it goes on", async () => {
  const { scene, boss, list } = await open();
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const stuck = new StreamClient("u1", await scene.stack.issuer.token({ userId: "u1" }));
  await stuck.connect(b.ws);
  await scene.watch("u2", c);
  process.kill(b.pid, "SIGSTOP");
  try {
    const began = performance.now();
    const page = await list(a, boss);
    const took = performance.now() - began;
    expect([page.count, page.missing]).toEqual([1, [idOf(b)]]);
    expect(took).toBeGreaterThan(900);
    const nobody = await ask(c, boss, `/${stuck.id}`);
    expect(nobody.status).toBe(404);
    expect(await nobody.text()).toContain(idOf(b));
    const kick = await (await ask(c, boss, "?userId=u1", "DELETE")).json();
    expect([kick.count, kick.missing]).toEqual([0, [idOf(b)]]);
    console.log(`operators: with one of three instances stopped the list took ${took.toFixed(0)} ms`);
  } finally {
    process.kill(b.pid, "SIGCONT");
  }
  await eventually(() => stuck.closed, 20_000, "the client of the stopped instance to be closed");
  expect(stuck.closed!.code).toBe(4009);
  stuck.close();
  await scene.close();
});

test("without Redis an instance lists its own clients, and a kick arrives by the database", async () => {
  const { scene, boss, list } = await open(2);
  const [a, b] = scene.instances as [Instance, Instance];
  const redis = scene.place.redis as RedisServer;
  const token = await scene.stack.issuer.token({ userId: "u1" });
  const till = new StreamClient("u1", token);
  await till.connect(b.ws);
  await scene.watch("u2", a);
  await redis.stop();
  for (const one of scene.instances)
    await eventually(async () => (await one.health()).ready === 503, 20_000, "the bus to be away");
  const page = await list(a, boss);
  expect([page.count, page.missing]).toEqual([1, [idOf(b)]]);
  const kick = await (await ask(a, boss, "?userId=u1", "DELETE")).json();
  expect(kick.missing).toEqual([idOf(b)]);
  await eventually(() => till.closed, 20_000, "the client of the other instance to be closed");
  expect(till.closed!.code).toBe(4009);
  await eventually(() => refused(scene, b, token), 10_000, "the token to be refused there");
  await redis.launch();
  till.close();
  for (const one of scene.instances)
    await eventually(async () => (await one.health()).ready === 200, 20_000, "ready again");
  await scene.close();
});
