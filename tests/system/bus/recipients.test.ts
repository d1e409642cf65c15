// Who hears a hint on three instances, with which numbers, and what crosses Redis for it: from one recipient to 2,500,
// and with SIGNAL_BUS_COMPAT.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisListener, type Published } from "../harness/redis_listener";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

afterAll(() => Instance.endAll());

const created = "observation/signal/notification/created";
const perInstance = 30;

type Crowd = { scene: Scene; redis: RedisServer; listener: RedisListener; users: string[] };

async function threeInstances(env: Record<string, string> = {}): Promise<Crowd> {
  const scene = await Scene.open({ instances: 3, env });
  const redis = scene.place.redis as RedisServer;
  await scene.ready();
  for (let n = 0; n < perInstance; ++n)
    for (const instance of scene.instances) await scene.watch(`u${scene.clients.length}`, instance);
  const users = scene.clients.map((client) => client.user);
  return { scene, redis, listener: await RedisListener.start(redis.port), users };
}

const strangers = (count: number) =>
  Array.from({ length: count }, (_, n) => `0195a7f0-0000-7000-8000-${String(n).padStart(12, "0")}`);
/** The recipients that published messages name, with their numbers: of `user` envelopes and of `signal:users`. */
function named(published: Published[]): Map<string, { seq: number; unread: number }> {
  const found = new Map<string, { seq: number; unread: number }>();
  const add = (user: string, seq: number, unread: number) => {
    expect({ user, twice: found.has(user) }).toEqual({ user, twice: false });
    found.set(user, { seq, unread });
  };
  for (const { channel, message } of published) {
    const said = JSON.parse(message);
    if (channel === "signal:users") {
      expect({ event: said.hint.event, atMost: said.users.length <= 3_000 }).toEqual({ event: created, atMost: true });
      for (let at = 0; at < said.users.length; at += 3) add(said.users[at], said.users[at + 1], said.users[at + 2]);
    } else {
      expect({ channel, type: said.type, event: said.event }).toEqual({
        channel: `ws:user:${said.target}`,
        type: "user",
        event: created,
      });
      add(said.target, said.seq, said.unread);
    }
  }
  return found;
}

/** The `seq` of each recipient's row of a notification. */
async function rowsOf(scene: Scene, title: string): Promise<Map<string, number>> {
  const rows = await scene.database.query(
    `SELECT i.user_id::text AS user, r.seq
    FROM signal."ActivityNotificationRecipient" r JOIN signal."ActivityInbox" i USING (user_no)
    JOIN signal."ActivityNotification" n ON n.id = r.notification_id WHERE n.title = $1`,
    [title],
  );
  return new Map(rows.map((row) => [row.user as string, Number(row.seq)]));
}

/** One message to `recipients`: each till of theirs hears it once, live, with the numbers of its row; nobody else
 *  does. `read`: what each has marked before. */
async function hint(
  { scene, listener, redis }: Crowd,
  recipients: string[],
  read: Map<string, number>,
): Promise<{ channels: string[]; taken: number }> {
  listener.heard.length = 0;
  const before = await taken(redis, listener);
  const note = scene.note(undefined, recipients);
  await scene.send([note]);
  const meant = new Set(recipients);
  const deaf = () =>
    scene.clients.filter((client) => meant.has(client.user) && !client.heard(note.title!)).map(({ user }) => user);
  await eventually(
    () => deaf().length === 0,
    30_000,
    () => `a hint for ${recipients.length}; deaf: ${deaf()}`,
  );
  const all = () => named(listener.heard).size === recipients.length;
  await eventually(all, 10_000, `all ${recipients.length} recipients on the bus`);
  await Bun.sleep(300); // for what should not come
  const onBus = named(listener.heard);
  expect([...onBus.keys()].sort()).toEqual([...recipients].sort());
  const rows = await rowsOf(scene, note.title!);
  for (const [user, numbers] of onBus) {
    const seq = rows.get(user)!;
    expect({ user, ...numbers }).toEqual({ user, seq, unread: seq - (read.get(user) ?? 0) });
  }
  for (const client of scene.clients) {
    const heard = client.hints
      .filter((one) => one.title === note.title)
      .map(({ seq, unread, live }) => ({ seq, unread, live }));
    const numbers = onBus.get(client.user);
    const expected = numbers ? [{ ...numbers, live: true }] : [];
    expect({ user: client.user, heard }).toEqual({ user: client.user, heard: expected });
  }
  return { channels: listener.channels(), taken: (await taken(redis, listener)) - before };
}

/** PUBLISH commands by Redis' own count, probes and announcements left out; read while none of these is on its way. */
async function taken(redis: RedisServer, listener: RedisListener): Promise<number> {
  for (;;) {
    const { aside } = listener;
    const published = await redis.published();
    await Bun.sleep(50);
    if (listener.aside === aside) return published - aside;
  }
}

async function markAll({ scene, listener }: Crowd, client: StreamClient, read: Map<string, number>): Promise<void> {
  const instance = scene.instances[read.size % scene.instances.length]!;
  const answer = await fetch(`${instance.http}/v1/notifications/read`, {
    method: "POST",
    headers: { authorization: `Bearer ${client.token}`, "content-type": "application/json" },
    body: JSON.stringify({ all: true }),
  });
  expect(answer.status).toBe(200);
  read.set(client.user, Math.max(...client.hints.map((one) => one.seq)));
  const updated = "observation/signal/notification/updated";
  const channel = `ws:user:${client.user}`;
  await eventually(
    () =>
      client.other.some((frame) => frame.event === updated) &&
      listener.heard.some((one) => one.channel === channel && one.message.includes(updated)),
    10_000,
    `the mark at ${client.user} and on the bus`,
  );
}

/** `count` recipients. The watched users stand apart from each other among them, so that every message of
 *  `signal:users` names some. */
function recipientsOf(users: string[], count: number): string[] {
  if (count <= users.length) return users.slice(0, count);
  const others = strangers(count - users.length);
  const upTo = (n: number) => Math.floor((n * others.length) / users.length);
  return users.flatMap((user, n) => [user, ...others.slice(upTo(n), upTo(n + 1))]);
}
const envelopes = (channels: string[]) => channels.filter((one) => one.startsWith("ws:user:")).length;

describe("recipients", () => {
  const read = new Map<string, number>(); // twelve of the 90 have marked what they had
  let crowd: Crowd;
  beforeAll(async () => {
    crowd = await threeInstances();
    await hint(crowd, crowd.users.slice(0, 60), read);
    for (const client of crowd.scene.clients.slice(0, 12)) await markAll(crowd, client, read);
  });
  afterAll(() => crowd.listener.end());

  test.each([
    [1, 1, 0],
    [8, 8, 0],
    [9, 0, 1],
    [1_000, 0, 1],
    [1_001, 0, 2],
    [2_500, 0, 3],
  ])("a hint for %d users is %d envelopes and %d messages for many, and each till hears it once", async (...row) => {
    const [count, single, many] = row;
    const { channels, taken } = await hint(crowd, recipientsOf(crowd.users, count), read);
    expect({ single: envelopes(channels), many: channels.filter((one) => one === "signal:users").length }).toEqual({
      single,
      many,
    });
    expect(taken).toBe(single + many); // by Redis' own count
  });

  test("at the end every row is there once", async () => {
    console.log(`bus: 90 tills on three instances: ${await crowd.scene.close()}`);
  });
});

test("with SIGNAL_BUS_COMPAT a hint for 1,000 users is 1,000 envelopes that IGNIS can read", async () => {
  const crowd = await threeInstances({ SIGNAL_BUS_COMPAT: "true" });
  const { channels, taken } = await hint(crowd, recipientsOf(crowd.users, 1_000), new Map());
  expect({ single: envelopes(channels), taken }).toEqual({ single: 1_000, taken: 1_000 });
  for (const { message } of crowd.listener.heard) {
    const { serverId, type, target, event, data } = JSON.parse(message); // what IGNIS reads
    expect({ type, event }).toEqual({ type: "user", event: created });
    expect([typeof serverId, typeof target, data.id.length]).toEqual(["string", "string", 36]);
  }
  crowd.listener.end();
  console.log(`bus: with SIGNAL_BUS_COMPAT nothing on signal:users; ${await crowd.scene.close()}`);
});
