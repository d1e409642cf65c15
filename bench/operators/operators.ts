// What an operator waits for over three instances: lists and searches, the same with one instance stopped, and how soon
// a kicked user's token is refused everywhere.
//   operators.ts CLIENTS QUESTIONS, in tests/stack/with; see script/bench-operators
import { Instance, type Place } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import { emptyPlace } from "../../tests/system/harness/place";
import { RedisServer } from "../../tests/system/harness/redis";
import { Stack } from "../../tests/system/harness/stack";
import { connectAll, Till } from "../bus/till";

const [clientCount, questionCount] = process.argv.slice(2).map(Number) as [number, number];
const path = "/v1/socket/websocket/clients";

type Page = { count: number; clients: { instance: string }[]; missing?: string[] };

const quantile = (times: number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))]!;
const shown = (times: number[]) =>
  `p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms, ` +
  `worst ${Math.max(...times).toFixed(1)} ms`;

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const value = await work();
  times.push(performance.now() - began);
  return value;
}

async function list(at: Instance, token: string, query: string): Promise<Page> {
  const response = await fetch(`${at.http}${path}${query}`, { headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 200) throw new Error(`${query}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Page;
}

async function open(place: Place): Promise<Instance[]> {
  const instances: Instance[] = [];
  const env = { SIGNAL_WORKERS: "1", SIGNAL_LOG_LEVEL: "info" };
  for (let n = 0; n < 3; ++n) instances.push(await Instance.start(place, { name: `instance ${n}`, env }));
  for (const one of instances)
    await eventually(
      async () => (await one.metrics()).sum("signal_instances") === 3,
      30_000,
      `${one.name} to know the others`,
    );
  return instances;
}

async function measureLists(instances: Instance[], boss: string): Promise<void> {
  const kinds: [string, (n: number) => string, number][] = [
    ["first page of 100", () => "?limit=100", clientCount],
    ["one user", (n) => `?userId=user-${n % clientCount}`, 1],
    ["a room that nobody is in", () => "?room=org%3A1", 0],
  ];
  for (const [name, query, count] of kinds) {
    const times: number[] = [];
    for (let n = 0; n < questionCount; ++n) {
      const page = await timed(times, () => list(instances[n % 3]!, boss, query(n)));
      if (page.count !== count || page.missing)
        throw new Error(`${name}: ${page.count} of ${count}, missing ${page.missing}`);
    }
    console.log(
      `bench-operators: ${clientCount} clients at three instances, ${name}, ${questionCount} times: ${shown(times)}`,
    );
  }
}

/** The user of `kicked` is thrown out. `token`: of that user, from before. */
async function measureKick(instances: Instance[], boss: string, kicked: Till, token: string): Promise<void> {
  const refusals: number[] = [];
  const began = performance.now();
  const kick = await fetch(`${instances[1]!.http}${path}?userId=user-0`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${boss}` },
  });
  if (((await kick.json()) as Page).count !== 1) throw new Error("nobody was disconnected");
  const answered = performance.now() - began;
  for (const one of instances) {
    const unread = () =>
      fetch(`${one.http}/v1/notifications/unread-count`, { headers: { authorization: `Bearer ${token}` } });
    await eventually(async () => (await unread()).status === 401, 10_000, `${one.name} to refuse the token`);
    refusals.push(performance.now() - began);
  }
  await eventually(() => kicked.closed?.code === 4009, 10_000, "the close");
  console.log(
    `bench-operators: a kick was answered after ${answered.toFixed(1)} ms; every instance had refused the token ` +
      `${Math.max(...refusals).toFixed(1)} ms after it was asked for`,
  );
}

async function measureWithOneStopped(instances: Instance[], boss: string): Promise<void> {
  const stopped = instances[2]!;
  const name = String(stopped.lines.find((line) => line.event === "listening")!.instance);
  process.kill(stopped.pid, "SIGSTOP");
  const times: number[] = [];
  const until = performance.now() + 8_000; // who is silent for 15 s is forgotten
  try {
    do {
      const page = await timed(times, () => list(instances[0]!, boss, "?limit=100"));
      if (page.missing?.length !== 1 || page.missing[0] !== name)
        throw new Error(`the instance that is stopped is not named: ${page.missing}`);
    } while (performance.now() < until && times.length < questionCount);
  } finally {
    process.kill(stopped.pid, "SIGCONT");
  }
  console.log(`bench-operators: with one instance stopped, and named, ${times.length} times: ${shown(times)}`);
}

async function measure(place: Place): Promise<void> {
  const instances = await open(place);
  const { issuer } = place.stack;
  const boss = await issuer.token({ userId: "boss", roles: [{ identifier: "999_super-admin" }] });
  const tills = Array.from({ length: clientCount }, (_, n) => new Till(`user-${n}`));
  await connectAll(
    tills,
    (_, n) => instances[n % 3]!.ws,
    (userId) => issuer.token({ userId }),
  );
  await measureLists(instances, boss);
  await measureKick(instances, boss, tills[0]!, await issuer.token({ userId: "user-0" }));
  await measureWithOneStopped(instances, boss);
  for (const till of tills) till.close();
  for (const one of instances) await one.stop();
}

const leave = async (code: number) => {
  await Instance.endAll(); // and the Redis
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void leave(130));
let code = 0;
try {
  const stack = await Stack.shared();
  const place = await emptyPlace(stack, await RedisServer.start(), "bench", 1);
  await measure(place);
  await place.database.close();
} catch (error) {
  console.error(`bench-operators: ${error}`);
  code = 1;
}
await leave(code);
