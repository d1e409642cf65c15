// A poison record becomes a dead letter, is looked at, repaired and sent again: over REST and with `nx-signal replay`.
// What was stored is never stored twice; what was lost is stored once.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeadLetter, DeadLetterList } from "../../contracts/types";
import { Instance, run } from "./harness/instance";
import { bossOf } from "./harness/operator";
import { eventually } from "./harness/patience";
import { Scene } from "./harness/scene";
import { Stack } from "./harness/stack";
import type { StreamClient } from "./harness/stream_client";
import { command } from "./support/command";
import { ended } from "./support/ended";
import { bareEnvironment, binary } from "./support/signal";

const path = "/v1/operators/dead-letters";
const cut = '{"recipientScope":"users","recipientIds":["u1"],"type":"t","title":';
const message = (title: string) => JSON.stringify({ recipientScope: "users", recipientIds: ["u1"], type: "t", title });
const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

let scene: Scene;
let till: StreamClient;
let boss: string;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "signal-replay-"));
  scene = await Scene.open({ dlq: true, partitions: 3 });
  till = await scene.watch("u1");
  boss = await bossOf(scene);
});
afterAll(async () => {
  await Instance.endAll();
  rmSync(folder, { recursive: true });
});

/** Sent as a payment service would, without an `id`. Its offset. */
async function produce(values: string[], partition: number): Promise<number> {
  const messages = values.map((value) => ({ value, partition, key: "o1", headers: { traceparent } }));
  const [sent] = await scene.producer.send({ topic: scene.place.topic, messages });
  return Number(sent!.baseOffset);
}
const rows = async (title: string) =>
  (await scene.database.query(`SELECT 1 FROM signal."ActivityNotification" WHERE title = $1`, [title])).length;
const rowsOf = async (titles: string[]) => {
  const counts: number[] = [];
  for (const title of titles) counts.push(await rows(title));
  return counts;
};
const ask = (target: string, init: RequestInit = {}, token: string | null = boss) =>
  fetch(scene.first.http + target, {
    ...init,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...init.headers },
  });
const post = (letter: { partition: number; offset: number }, body?: unknown) =>
  ask(`${path}/${letter.partition}/${letter.offset}/replay`, {
    method: "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });

/** Answers 503 while the request before is served. */
const patiently = async (request: () => Promise<Response>): Promise<Response> =>
  (await eventually(
    async () => {
      const response = await request();
      return response.status === 503 ? null : response;
    },
    30_000,
    "a free turn",
  ))!;

/** The dead letter of the message at that position, as an operator sees it. */
async function letterOf(partition: number, offset: number): Promise<DeadLetter> {
  const found = await eventually(
    async () => {
      const list = (await (await patiently(() => ask(`${path}?limit=100`))).json()) as DeadLetterList;
      return list.data.find((one) => one.source?.partition === partition && one.source.offset === offset);
    },
    30_000,
    `the dead letter of ${partition}/${offset}`,
  );
  return found as DeadLetter;
}

test("a poison record is looked at, repaired and sent again over REST, and arrives once at the till", async () => {
  const offset = await produce([cut], 1);
  const letter = await letterOf(1, offset);
  expect(letter).toMatchObject({
    source: { topic: scene.place.topic, partition: 1, offset },
    key: "o1",
    headers: { traceparent },
    value: cut,
    truncated: false,
    replaced: false,
  });
  expect(letter.reason).toMatch(/./);
  expect(Math.abs(Date.now() - Date.parse(letter.time!))).toBeLessThan(600_000);

  const again = await patiently(() => post(letter));
  expect({ status: again.status, body: await again.text() }).toMatchObject({ status: 422 });
  const unrepaired = await patiently(() => post(letter, { value: '{"recipientScope":"planet"}' }));
  expect(unrepaired.status).toBe(422);
  expect(await unrepaired.text()).toContain("recipientScope");

  const sent = await patiently(() => post(letter, { value: message("repaired") }));
  expect({ status: sent.status, body: await sent.json() }).toMatchObject({
    status: 200,
    body: { topic: scene.place.topic, partition: 1 },
  });
  await eventually(
    () => till.heard("repaired"),
    30_000,
    () => `the repaired hint; ${scene.first.tail()}`,
  );

  const twice = await patiently(() => post(letter, { value: message("repaired") }));
  expect(twice.status).toBe(200);
  await scene.pulse();
  expect(await rows("repaired")).toBe(1);
  expect(till.hints.filter((hint) => hint.title === "repaired").length).toBe(1);

  const audited = scene.first.lines.filter((line) => line.event === "dead letter sent again by operator");
  expect(audited.length).toBe(2);
  expect(audited[0]).toMatchObject({
    operator: "boss",
    peer: "127.0.0.1",
    dlq_partition: letter.partition,
    dlq_offset: letter.offset,
    partition: 1,
    repaired: true,
  });
  expect(String(audited[0]!.source)).toStartWith(`${scene.place.topic}/1/${offset}/`);
}, 300_000);

test("the routes of dead letters refuse who is no operator, and what is no letter, cursor or body", async () => {
  const user = await scene.stack.issuer.token({ userId: "u1", roles: [{ identifier: "100_cashier" }] });
  expect((await ask(path, {}, null)).status).toBe(401);
  expect((await ask(path, {}, user)).status).toBe(403);
  expect((await ask(`${path}/0/0/replay`, { method: "POST" }, user)).status).toBe(403);
  expect((await ask(`${path}?cursor=x`)).status).toBe(422);
  expect((await ask(`${path}?limit=101`)).status).toBe(422);
  for (const nowhere of ["0/99999", "7/0"])
    expect((await patiently(() => ask(`${path}/${nowhere}/replay`, { method: "POST" }))).status).toBe(404);
  expect((await ask(`${path}/a/-1/replay`, { method: "POST" })).status).toBe(404);
  const text = { method: "POST", body: "{}", headers: { "content-type": "text/plain" } };
  expect((await ask(`${path}/0/0/replay`, text)).status).toBe(415);
  for (const body of [{ value: 5 }, { values: message("misspelt") }, {}])
    expect((await post({ partition: 0, offset: 0 }, body)).status).toBe(422);
});

test("pages of dead letters lead through each of them once, the newest first", async () => {
  const values = Array.from({ length: 7 }, (_, n) => `[${n}`);
  const first = await produce(values, 0);
  await letterOf(0, first + values.length - 1);
  const seen: string[] = [];
  for (let next: string | undefined = `${path}?limit=3`; next; ) {
    const response: Response = await patiently(() => ask(next!));
    const list = (await response.json()) as DeadLetterList;
    expect(list.count).toBeLessThanOrEqual(3);
    seen.push(...list.data.map((one) => one.value));
    next = response.headers.get("link")?.match(/^<([^>]*)>; rel="next"$/)?.[1];
  }
  expect(seen.slice(0, values.length)).toEqual([...values].reverse());
  expect(seen.at(-1)).toBe(cut);
});

test("nx-signal replay shows what it would do with a dead letter, sends it repaired, and stores it once", async () => {
  const offset = await produce([cut], 2);
  const letter = await letterOf(2, offset);
  const file = join(folder, "repaired.json");
  writeFileSync(file, message("repaired by hand"));
  const line = ["replay", "--from", "dlq", "--partition", `${letter.partition}`, "--offset", `${letter.offset}`];

  const broken = await run(line, scene.env);
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.out).toContain(`refused 0:${letter.offset}: `);
  const dry = await run([...line, "--value", file, "--dry-run"], scene.env);
  expect({ code: dry.code, out: dry.out }).toMatchObject({ code: 0 });
  expect(dry.out).toMatch(
    new RegExp(
      `^would send 0:${letter.offset}, the message ${scene.place.topic}/2/${offset}/\\d+\n` +
        "1 would be sent, 0 refused\n$",
    ),
  );
  for (const input of [undefined, readFileSync(file, "utf8")]) {
    const words = [...line, "--value", input === undefined ? file : "-"];
    const { code, out, err } = await command(words, scene.env, { input });
    expect({ code, out, err }).toMatchObject({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^sent 0:${letter.offset} as 2:\\d+\n1 sent, 0 refused\n$`));
  }
  await eventually(() => till.heard("repaired by hand"), 30_000, "the repaired hint");
  await scene.pulse();
  expect(await rows("repaired by hand")).toBe(1);
  expect(till.hints.filter((hint) => hint.title === "repaired by hand").length).toBe(1);
}, 300_000);

test("nx-signal replay of a range stores the message that was lost, and the others not again", async () => {
  const titles = Array.from({ length: 5 }, (_, n) => `range ${n}`);
  const first = await produce(titles.map(message), 0);
  await eventually(() => titles.every((title) => till.heard(title)), 30_000, "the hints of the range");
  const lost = `${scene.place.topic}/0/${first + 3}/%`;
  await scene.database.query(`DELETE FROM signal."ActivityNotificationKey" WHERE source LIKE $1`, [lost]);

  const range = ["replay", "--from", "offset", `0:${first}..${first + 4}`];
  expect(await run(range, scene.env)).toMatchObject({ code: 0, out: "5 sent, 0 refused\n" });
  await scene.pulse();
  expect(await rowsOf(titles)).toEqual([1, 1, 1, 2, 1]);
  const since = ["replay", "--from", "time", new Date(Date.now() - 3_600_000).toISOString()];
  const { code, out } = await run(since, scene.env);
  expect(code).toBe(1); // the poison of the tests before is still in the topic
  expect(out).toMatch(/^\d+ sent, 9 refused, 5 left out that an earlier replay sent$/m);
  await scene.pulse();
  expect(await rowsOf(titles)).toEqual([1, 1, 1, 2, 1]);
}, 300_000);

test("while Kafka does not answer, the routes of dead letters answer 503, and other routes are served", async () => {
  await scene.stack.kafka.pause();
  try {
    const answers = await Promise.all([ask(path), ask(path)]);
    expect(answers.map((one) => one.status)).toEqual([503, 503]);
    expect(answers.every((one) => one.headers.has("retry-after"))).toBe(true);
    const texts = (await Promise.all(answers.map((one) => one.text()))).join("\n");
    expect(texts).toContain("Kafka does not answer");
    expect(texts).toContain("Another request for dead letters is being served");
    expect((await ask("/v1/notifications")).status).toBe(200);
  } finally {
    await scene.stack.kafka.resume();
  }
  expect((await patiently(() => ask(path))).status).toBe(200);
}, 300_000);

test("without a DLQ topic the command and the routes say so", async () => {
  const { SIGNAL_KAFKA_DLQ_TOPIC: _, ...env } = scene.env;
  const { code, out } = await run(["replay", "--from", "dlq"], env);
  expect({ code, out }).toEqual({ code: 2, out: "nx-signal replay: --from dlq needs SIGNAL_KAFKA_DLQ_TOPIC\n" });
});

test("a stopped replay ends with 3 after a slice, and continues where it was", async () => {
  const stack = await Stack.shared();
  const topic = stack.name("stopped").replaceAll("_", ".");
  await stack.kafka.createTopic(topic, 2);
  const producer = await stack.kafka.producer();
  const messages = Array.from({ length: 1_200 }, (_, n) => ({ value: message(`n${n}`), partition: 1 }));
  await producer.send({ topic, messages });
  await producer.disconnect();
  const env = {
    SIGNAL_KAFKA_BROKERS: stack.kafka.broker,
    SIGNAL_KAFKA_TOPIC: topic,
    SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "60000",
  };

  await stack.kafka.pause();
  const child = Bun.spawn([binary, "replay", "--from", "offset", "1:0.."], {
    env: { ...bareEnvironment, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  try {
    const term = 1n << 14n;
    const blocksTerm = () =>
      (BigInt(`0x${readFileSync(`/proc/${child.pid}/status`, "utf8").match(/^SigBlk:\s*(\w+)$/m)![1]}`) & term) !== 0n;
    await eventually(blocksTerm, 20_000, "the program to take signals itself");
    child.kill("SIGTERM");
    await Bun.sleep(1_000); // the signal has arrived before the first slice
  } finally {
    await stack.kafka.resume();
  }
  const stopped = await ended(child);
  expect(stopped).toEqual({
    code: 3,
    out: "500 sent, 0 refused so far\n",
    error:
      "nx-signal replay: stopped before the end; " +
      "continue with `nx-signal replay --from offset 1:0.. --continue-at 1:500`\n",
  });

  const rest = await run(["replay", "--from", "offset", "1:0..", "--continue-at", "1:500"], env);
  expect(rest).toMatchObject({ code: 0, out: "700 sent, 0 refused, 500 left out that an earlier replay sent\n" });
  const offsets = await stack.kafka.admin((admin) => admin.fetchTopicOffsets(topic));
  expect(offsets.find((one) => one.partition === 1)!.high).toBe("2400");
}, 300_000);
