// One message to very many members of an organisation, over two instances: how long until all have it, when the first
// one hears of it, what it costs in memory, and what bystanders of another organisation feel meanwhile, beside as much
// time without it.
import { readFileSync } from "node:fs";
import { Instance } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import type { RedisServer } from "../../tests/system/harness/redis";
import { Scene } from "../../tests/system/harness/scene";

const members = Number(process.argv[2]),
  index = process.argv[3] !== "noindex";
const bystanders = 20,
  everyMs = 50;
const member = (n: number) => `m${String(n).padStart(8, "0")}`;

const scene = await Scene.open({ instances: 2, partitions: 12, env: { SIGNAL_LOG_LEVEL: "info" } });
const db = scene.database;
await db.query(
  `INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)
  SELECT 'join_domain', 'User', 'm' || lpad(n::text, 8, '0'), 'Organizer', 'big' FROM generate_series(1, $1::int) n`,
  [members],
);
if (!index)
  await db.query(`DROP INDEX identity."PolicyDefinition_variant_target_type_target_id_subject_id_idx";
  CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id)`);
await db.query(`VACUUM ANALYZE identity."PolicyDefinition"`);
if (!index)
  for (const one of scene.instances) {
    await one.kill9();
    await one.launch();
  } // they look at the table when they open it

const rss = (one: Instance, field: string) =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${one.pid}/status`, "utf8"))![1]) / 1024;
const percentile = (values: number[], share: number) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const tills = [];
for (let n = 0; n < bystanders; ++n) tills.push(await scene.watch(`by${n}`, scene.instances[n % 2]!));
const first = await scene.watch(member(1)),
  last = await scene.watch(member(members), scene.instances[1]!);

/** Messages to one bystander each until told to stop; how long each took from before its record to the client. */
function traffic() {
  const sent = new Map<string, { at: number; user: string }>();
  let stop = false;
  const done = (async () => {
    for (let n = 0; !stop; ++n) {
      const user = `by${n % bystanders}`,
        title = `t${performance.now()}`;
      sent.set(title, { at: performance.now(), user });
      void scene.producer.send({
        topic: scene.place.topic,
        messages: [
          {
            value: JSON.stringify({ type: "b", title, recipientScope: "users", recipientIds: [user] }),
            timestamp: String(Date.now()),
          },
        ],
      });
      await Bun.sleep(everyMs);
    }
  })();
  return async () => {
    stop = true;
    await done;
    const heard = () =>
      [...sent].map(([title, { at, user }]) => [tills[Number(user.slice(2))]!.heard(title)?.at, at] as const);
    await eventually(() => heard().every(([at]) => at !== undefined), 30_000, "the bystanders' messages");
    const took = heard().map(([at, from]) => at! - from);
    return (
      `${took.length} messages, p50 ${percentile(took, 0.5).toFixed(0)} ms, ` +
      `p99 ${percentile(took, 0.99).toFixed(0)} ms, longest ${Math.max(...took).toFixed(0)} ms`
    );
  };
}

const warm = traffic();
await Bun.sleep(2_000);
await warm();
const quiet = traffic();
await Bun.sleep(Math.min(20_000, Math.max(2_000, members / 50)));
console.log(`bystanders without it: ${await quiet()}`);

const before = scene.instances.map((one) => rss(one, "VmRSS"));
const meanwhile = traffic();
const began = performance.now();
await scene.producer.send({
  topic: scene.place.topic,
  messages: [
    {
      value: JSON.stringify({ type: "news", title: "news", id: "news", recipientScope: "org", organizerId: "big" }),
      timestamp: String(Date.now()),
    },
  ],
});
const open = async () => Number((await db.query(`SELECT count(*)::int AS n FROM signal."ActivityBroadcast"`))[0].n);
await eventually(async () => (await open()) > 0 || first.heard("news"), 60_000, "the job");
const peak = [...before];
for (;;) {
  scene.instances.forEach((one, n) => {
    peak[n] = Math.max(peak[n]!, rss(one, "VmRSS"));
  });
  if ((await open()) === 0) break;
  await Bun.sleep(200);
}
const seconds = (performance.now() - began) / 1000;
console.log(`bystanders meanwhile:  ${await meanwhile()}`);
await eventually(() => first.heard("news") && last.heard("news"), 10_000, "the first and the last hint");
const [{ rows }] = await db.query(
  `SELECT count(*)::int AS rows FROM signal."ActivityNotificationRecipient" r JOIN signal."ActivityNotification" n
    ON n.id = r.notification_id WHERE n.title = 'news'`,
);
if (rows !== members) throw new Error(`${rows} rows for ${members} members`);
console.log(
  `${members} members${index ? "" : " (without the index in their order)"}: ${seconds.toFixed(1)} s until all have ` +
    `it, ${(members / seconds).toFixed(0)} a second; ` +
    `first hint ${(first.heard("news")!.at - began).toFixed(0)} ms after the record, ` +
    `last ${((last.heard("news")!.at - began) / 1000).toFixed(1)} s; ` +
    `memory grew by ${peak.map((most, n) => (most - before[n]!).toFixed(1)).join(" and ")} MiB`,
);
for (const client of scene.clients) client.close();
for (const one of scene.instances) await one.stop();
await scene.producer.disconnect();
await db.close();
await (scene.place.redis as RedisServer).end();
process.exit(0);
