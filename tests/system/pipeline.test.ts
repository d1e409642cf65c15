// Kafka → rows → hints through the embedded broker, held against a set of recipients that this test computes by itself.
import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { IgnisClient, type Frame } from "./support/ignis_client";
import { addPolicies, type Edge } from "./support/policies";
import { connectProducer, topic } from "./support/producer";
import { Rows, uuid } from "./support/rows";
import { Signal, until } from "./support/signal";

const created = "observation/signal/notification/created";

/** A small deterministic generator (mulberry32), so that a failing run can be repeated. */
function generator(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Random = () => number;
type World = ReturnType<typeof makeWorld>;

/** 1,000 users; organisations and merchants with 1 to 1,000 members; two merchants inherit from an organisation. */
function makeWorld(random: Random) {
  const users = Array.from({ length: 1_000 }, (_, n) => `user-${n}`);
  const sizes = [1, 3, 12, 60, 250, 1_000];
  const members = new Map<string, Set<string>>();
  const edges: Edge[] = [];
  sizes.forEach((size, n) => {
    for (const kind of ["Organizer", "Merchant"] as const) {
      const id = `${kind.toLowerCase()}-${n}`;
      const joined = new Set(users.slice(n * 7, n * 7 + size));
      members.set(id, joined);
      for (const user of joined)
        edges.push({ variant: random() < 0.3 ? "group" : "join_domain", subject: ["User", user], target: [kind, id] });
    }
  });
  edges.push({ variant: "domain_inherits", subject: ["Merchant", "merchant-0"], target: ["Organizer", "organizer-3"] });
  edges.push({ variant: "domain_inherits", subject: ["Merchant", "merchant-1"], target: ["Merchant", "merchant-2"] });
  edges.push({ variant: "domain_inherits", subject: ["Merchant", "merchant-2"], target: ["Merchant", "merchant-1"] });
  edges.push({ subject: ["User", "ghost"], target: ["Organizer", "organizer-0"], deleted: true });
  const union = (...sets: string[]) => new Set(sets.flatMap((id) => [...members.get(id)!]));
  const audienceOf = (scope: string, id: string) =>
    scope === "org"
      ? members.get(id)!
      : id === "merchant-0"
        ? union("merchant-0", "organizer-3")
        : id === "merchant-1" || id === "merchant-2"
          ? union("merchant-1", "merchant-2")
          : members.get(id)!;
  return { users, sizes, edges, audienceOf };
}

/** The messages, and what must come of them. */
function makeMessages({ users, sizes, audienceOf }: World, random: Random) {
  const pick = (n: number) => Math.floor(random() * n);
  const expected = new Map<string, Set<string>>(); // title → recipients
  const messages: { key: string; value: string }[] = [];
  const keyed: { message: { key: string; value: string } }[] = [];
  let poison = 0;
  let repeated = 0;
  const poisons = ["{", "", "null", "[]", "5"].filter((text) => text !== "");
  for (let n = 0; n < 2_000; ++n) {
    const roll = random();
    if (roll < 0.01) {
      const bad = [
        ...poisons,
        JSON.stringify({ recipientScope: "planet", type: "t", title: "x" }),
        JSON.stringify({ recipientScope: "users", type: "t", title: "x" }),
        JSON.stringify({ recipientScope: "users", recipientIds: ["user-1"], type: "", title: "x" }),
        JSON.stringify({ recipientScope: "users", recipientIds: ["user-1"], type: "t", title: "x\u0000" }),
        `{"recipientScope":"users","recipientIds":["user-1"],"type":"t","title":"x","data":{"n":1e200000}}`,
        "[".repeat(10_000),
      ];
      messages.push({ key: `k${n}`, value: bad[pick(bad.length)]! });
      poison += 1;
      continue;
    }
    if (roll < 0.06 && keyed.length > 0) {
      // The same idempotency key again, in another record of the same partition key.
      const original = keyed[pick(keyed.length)]!.message;
      messages.push({ ...original });
      repeated += 1;
      continue;
    }
    const title = `message ${n}`;
    const scope = ["org", "merchant", "users"][pick(3)]!;
    const body: Record<string, unknown> = {
      recipientScope: scope,
      type: "payment.success",
      title,
      data: { amount: n, currency: "VND" },
      actorId: "till-1",
    };
    let audience: Set<string>;
    if (scope === "users") {
      const size = [1, 2, 5, 10, 40, 200, 1_000][pick(7)]!;
      const start = pick(users.length);
      const ids = Array.from({ length: size }, (_, k) => users[(start + k) % users.length]!);
      body.recipientIds = ids;
      audience = new Set(ids);
    } else {
      const id = `${scope === "org" ? "organizer" : "merchant"}-${pick(sizes.length)}`;
      body[scope === "org" ? "organizerId" : "merchantId"] = id;
      audience = new Set(audienceOf(scope, id));
    }
    if (random() < 0.1) {
      const excluded = [...audience].slice(0, 2);
      body.excludeUserIds = excluded;
      for (const user of excluded) audience.delete(user);
    }
    const withKey = random() < 0.7;
    if (withKey) body.id = `id-${n}`;
    const message = { key: `partition-key-${pick(40)}`, value: JSON.stringify(body) };
    messages.push(message);
    if (withKey) keyed.push({ message });
    expected.set(title, audience);
  }
  return { messages, expected, poison, repeated };
}

/** Poison behind the last good message, too, must have been handled: a marker behind everything, on each partition,
 *  tells. */
async function sendMarkers(signal: Signal, expected: Map<string, Set<string>>) {
  const marker = await connectProducer(signal.broker);
  for (const partition of [0, 1, 2]) {
    await marker.send({
      topic,
      messages: [
        {
          partition,
          value: JSON.stringify({
            recipientScope: "users",
            recipientIds: ["marker"],
            type: "t",
            title: `marker ${partition}`,
          }),
        },
      ],
    });
    expected.set(`marker ${partition}`, new Set(["marker"]));
  }
  await marker.disconnect();
}

/** Each message has exactly the recipients that were computed. */
function holdRows(rows: Rows, expected: Map<string, Set<string>>, expectedRows: number) {
  const stored = rows.notifications();
  expect(stored.length).toBe(expected.size);
  expect(new Set(stored.map((row) => row.title))).toEqual(new Set(expected.keys()));
  const actual = new Map<string, Set<string>>();
  const recipientRows = rows.recipients();
  for (const row of recipientRows) {
    if (!actual.has(row.title)) actual.set(row.title, new Set());
    actual.get(row.title)!.add(row.user);
  }
  for (const [title, audience] of expected) {
    const got = actual.get(title) ?? new Set();
    expect({
      title,
      missing: [...audience].filter((user) => !got.has(user)),
      surplus: [...got].filter((user) => !audience.has(user)),
    }).toEqual({ title, missing: [], surplus: [] });
  }
  expect(recipientRows.length).toBe(expectedRows + 3);
  expect(rows.wrongCounters()).toEqual([]);
}

/** The client's log, deduplicated by id, is exactly its rows, and its last `unread` is its counter. How many hints
 *  there were. */
async function holdLog(client: IgnisClient, user: string, due: ReturnType<Rows["recipients"]>): Promise<number> {
  await until(
    () =>
      new Set(client.frames.filter((frame) => frame.event === created).map((frame) => frame.data.id)).size >=
      due.length,
    30_000,
    `${due.length} hints for ${user}`,
  );
  const log = client.frames.filter((frame) => frame.event === created);
  const byId = new Map(log.map((frame: Frame) => [frame.data.id as string, frame]));
  expect([...byId.keys()]).toEqual(due.map((row) => uuid(row.notification)));
  expect(log.map((frame) => frame.seq)).toEqual(due.map((row) => row.seq));
  expect(log.at(-1)?.unread ?? 0).toBe(due.length);
  expect(log.every((frame) => !("seq" in frame.data) && frame.data.readAt === null)).toBe(true);
  client.close();
  return log.length;
}

test("2,000 messages of three scopes, 5 % repeated keys, 1 % poison, 1–1,000 recipients: rows, counters and clients' logs are exactly as computed", async () => {
  const seed = Number(process.env.NX_SIGNAL_SEED ?? 20_261);
  const random = generator(seed);
  const signal = await Signal.start({ flags: ["--ws-max-connections-per-user", "0"] });

  const world = makeWorld(random);
  addPolicies(signal.databasePath, world.edges);

  // Twelve of the users watch throughout.
  const watchers = new Map<string, IgnisClient>();
  for (const user of [
    "user-0",
    "user-7",
    "user-14",
    "user-21",
    "user-28",
    "user-35",
    "user-60",
    "user-100",
    "user-250",
    "user-500",
    "user-998",
    "user-999",
  ]) {
    const client = await IgnisClient.connect(signal.ws, await signal.token(user));
    client.keepWire = false;
    watchers.set(user, client);
  }

  const { messages, expected, poison, repeated } = makeMessages(world, random);

  const producer = await connectProducer(signal.broker);
  const began = performance.now();
  for (let at = 0; at < messages.length; at += 100)
    await producer.send({ topic, messages: messages.slice(at, at + 100) });
  await producer.disconnect();

  const expectedRows = [...expected.values()].reduce((sum, audience) => sum + audience.size, 0);
  const rows = new Rows(signal.databasePath);
  await until(
    () => rows.recipients().length >= expectedRows && rows.notifications().length >= expected.size,
    120_000,
    `${expected.size} notifications and ${expectedRows} recipient rows`,
  );
  const seconds = (performance.now() - began) / 1000;
  await sendMarkers(signal, expected);
  await until(() => rows.notifications().length >= expected.size, 30_000, "the markers");

  const stored = rows.notifications();
  holdRows(rows, expected, expectedRows);

  const recipientRows = rows.recipients();
  let hints = 0;
  for (const [user, client] of watchers) {
    hints += await holdLog(
      client,
      user,
      recipientRows.filter((row) => row.user === user).sort((a, b) => a.seq - b.seq),
    );
  }
  const poisonLogged = signal.logs.filter((line) => line.event === "message can never be handled").length;
  expect(poisonLogged).toBe(poison);
  console.log(
    `seed ${seed}: ${messages.length} messages in ${seconds.toFixed(1)} s, ${poison} poison, ` +
      `${repeated} repeated keys, ${stored.length - 3} notifications = ` +
      `${expected.size - 3} distinct good keys, ${expectedRows} recipient rows as computed, ` +
      `${rows.inboxes()} inboxes recounted, ${hints} hints at ${watchers.size} clients`,
  );
  rows.close();
  await signal.stop();
});

test("kcat and `nx-signal notify` are producers too; numbers and traceparent survive", async () => {
  const signal = await Signal.start();
  const client = await IgnisClient.connect(signal.ws, await signal.token("u1"));
  const message = {
    recipientScope: "USER",
    recipientIds: ["u1"],
    type: "payment.success",
    title: "kcat",
    data: { big: 1 },
    colour: "red",
  };
  const text = JSON.stringify(message).replace('"big":1', '"big":9007199254740993.10');
  execFileSync(
    "kcat",
    [
      "-P",
      "-b",
      signal.broker,
      "-t",
      topic,
      "-k",
      "key",
      "-H",
      "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ],
    { input: text, stdio: ["pipe", "ignore", "ignore"] },
  );
  const hint = await client.waitFrame((frame) => frame.event === created);
  expect(hint).toMatchObject({
    seq: 1,
    unread: 1,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  expect(Object.keys(hint.data)).toEqual([
    "id",
    "key",
    "type",
    "title",
    "body",
    "data",
    "recipientScope",
    "organizerId",
    "merchantId",
    "actorId",
    "occurredAt",
    "createdAt",
    "modifiedAt",
    "readAt",
    "archivedAt",
    "extra",
  ]);
  expect(hint.data).toMatchObject({
    key: null,
    type: "payment.success",
    title: "kcat",
    recipientScope: "users",
    extra: { colour: "red" },
  });
  execFileSync((await import("./support/signal")).binary, [
    "notify",
    "--kafka-brokers",
    signal.broker,
    "--scope",
    "users",
    "--to",
    "u1,u2",
    "--type",
    "T",
    "--title",
    "by hand",
  ]);
  expect((await client.waitFrame((frame) => frame.data?.title === "by hand")).unread).toBe(2);
  client.close();
  await signal.stop();
});
