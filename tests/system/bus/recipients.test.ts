// Who hears a hint on three instances, with which numbers, and what crosses Redis for it: from one recipient to 2,500,
// and with SIGNAL_BUS_COMPAT.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisListener, type Published } from "../harness/redis_listener";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

afterEach(() => Instance.endAll());

const created = "observation/signal/notification/created";
const perInstance = 30;

async function threeInstances(
  env: Record<string, string> = {},
): Promise<{ scene: Scene; redis: RedisServer; listener: RedisListener; users: string[] }> {
  const scene = await Scene.open({ instances: 3, env });
  const redis = scene.place.redis as RedisServer;
  for (const instance of scene.instances)
    await eventually(async () => (await instance.health()).ready === 200, 20_000, "ready");
  for (let n = 0; n < perInstance; ++n)
    for (const instance of scene.instances) await scene.watch(`u${scene.clients.length}`, instance);
  return {
    scene,
    redis,
    listener: await RedisListener.start(redis.port),
    users: scene.clients.map((client) => client.user),
  };
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

/** One message to `recipients`: each till of theirs hears it once, live, with the numbers of its row; nobody else
 *  does. `read`: what each has marked before. */
async function hint(
  scene: Scene,
  listener: RedisListener,
  redis: RedisServer,
  recipients: string[],
  read: Map<string, number>,
): Promise<{ channels: string[]; taken: number }> {
  listener.heard.length = 0;
  const before = await taken(redis, listener);
  const note = scene.note(undefined, recipients);
  await scene.send([note]);
  const meant = new Set(recipients);
  const due = scene.clients.filter((client) => meant.has(client.user));
  await eventually(
    () => due.every((client) => client.heard(note.title!)),
    30_000,
    () =>
      `a hint for ${recipients.length}; deaf: ` +
      `${due.filter((client) => !client.heard(note.title!)).map((client) => client.user)}`,
  );
  await eventually(
    () => named(listener.heard).size === recipients.length,
    10_000,
    `all ${recipients.length} recipients on the bus`,
  );
  await Bun.sleep(300); // for what should not come
  const onBus = named(listener.heard);
  expect([...onBus.keys()].sort()).toEqual([...recipients].sort());
  const rows = new Map(
    (
      await scene.database.query(
        `SELECT i.user_id::text AS user, r.seq FROM signal."ActivityNotificationRecipient" r JOIN signal."ActivityInbox" i USING (user_no)
    JOIN signal."ActivityNotification" n ON n.id = r.notification_id WHERE n.title = $1`,
        [note.title!],
      )
    ).map((row) => [row.user as string, Number(row.seq)]),
  );
  for (const [user, numbers] of onBus)
    expect({ user, ...numbers }).toEqual({
      user,
      seq: rows.get(user)!,
      unread: rows.get(user)! - (read.get(user) ?? 0),
    });
  for (const client of scene.clients) {
    const heard = client.hints
      .filter((one) => one.title === note.title)
      .map(({ seq, unread, live }) => ({ seq, unread, live }));
    const numbers = onBus.get(client.user);
    expect({ user: client.user, heard }).toEqual({
      user: client.user,
      heard: numbers ? [{ ...numbers, live: true }] : [],
    });
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

async function markAll(
  scene: Scene,
  listener: RedisListener,
  client: StreamClient,
  read: Map<string, number>,
): Promise<void> {
  const instance = scene.instances[read.size % scene.instances.length]!;
  const answer = await fetch(`${instance.http}/v1/notifications/read`, {
    method: "POST",
    headers: { authorization: `Bearer ${client.token}`, "content-type": "application/json" },
    body: JSON.stringify({ all: true }),
  });
  expect(answer.status).toBe(200);
  read.set(client.user, Math.max(...client.hints.map((one) => one.seq)));
  const updated = "observation/signal/notification/updated";
  await eventually(
    () =>
      client.other.some((frame) => frame.event === updated) &&
      listener.heard.some((one) => one.channel === `ws:user:${client.user}` && one.message.includes(updated)),
    10_000,
    `the mark at ${client.user} and on the bus`,
  );
}

test("90 tills on three instances hear each hint once, with their own numbers", async () => {
  const { scene, redis, listener, users } = await threeInstances();
  const read = new Map<string, number>();
  await hint(scene, listener, redis, users.slice(0, 60), read);
  for (const client of scene.clients.slice(0, 12)) await markAll(scene, listener, client, read);
  const figures: string[] = [];
  for (const [count, envelopes, many] of [
    [1, 1, 0],
    [8, 8, 0],
    [9, 0, 1],
    [1_000, 0, 1],
    [1_001, 0, 2],
    [2_500, 0, 3],
  ] as const) {
    // The watched users stand apart from each other among the recipients, so that every message of `signal:users` names
    // some.
    const others = strangers(Math.max(0, count - users.length));
    const recipients =
      count <= users.length
        ? users.slice(0, count)
        : users.flatMap((user, n) => [
            user,
            ...others.slice(
              Math.floor((n * others.length) / users.length),
              Math.floor(((n + 1) * others.length) / users.length),
            ),
          ]);
    const { channels, taken } = await hint(scene, listener, redis, recipients, read);
    const found = {
      count,
      envelopes: channels.filter((one) => one.startsWith("ws:user:")).length,
      many: channels.filter((one) => one === "signal:users").length,
    };
    expect(found).toEqual({ count, envelopes, many });
    expect({ count, taken }).toEqual({ count, taken: envelopes + many });
    figures.push(`${count}: ${taken}`);
  }
  listener.end();
  console.log(
    `bus: PUBLISHes for a hint by its recipients, by Redis' own count: ${figures.join(", ")}; ` +
      `${users.length} tills on three instances heard each once, with the seq and unread of their rows; ` +
      `${await scene.close()}`,
  );
});

test("with SIGNAL_BUS_COMPAT every recipient gets an envelope", async () => {
  const { scene, redis, listener, users } = await threeInstances({ SIGNAL_BUS_COMPAT: "true" });
  const { channels, taken } = await hint(
    scene,
    listener,
    redis,
    [...users, ...strangers(1_000 - users.length)],
    new Map(),
  );
  expect({ envelopes: channels.filter((one) => one.startsWith("ws:user:")).length, taken }).toEqual({
    envelopes: 1_000,
    taken: 1_000,
  });
  for (const { message } of listener.heard) {
    const { serverId, type, target, event, data } = JSON.parse(message); // what IGNIS reads
    expect({ serverId: typeof serverId, type, target: typeof target, event, data: data.id.length }).toEqual({
      serverId: "string",
      type: "user",
      target: "string",
      event: created,
      data: 36,
    });
  }
  listener.end();
  console.log(
    `bus: with SIGNAL_BUS_COMPAT a hint for 1,000 users is ${channels.length} envelopes and nothing on ` +
      `signal:users; ${await scene.close()}`,
  );
});
