// 2,000 messages of three scopes, 5 % repeated keys, 1 % poison, 1 to 1,000 recipients, through `nx-signal dev`, while
// twelve of the users watch.
import { History, type Message } from "../harness/history";
import { poisons } from "../harness/poison";
import { Random } from "../harness/random";
import { thousandUsers, type Scope } from "../harness/world";
import { IgnisClient } from "./ignis_client";
import { addPolicies } from "./policies";
import { connectProducer, topic } from "./producer";
import { Rows } from "./rows";
import { Signal, until } from "./signal";

const partitions = 3;
const watching = [0, 7, 14, 21, 28, 35, 60, 100, 250, 500, 998, 999].map((n) => `user-${n}`);

/** Any of the three scopes, with a small or a large audience; one in ten excludes two of it. */
function scopeOf(random: Random, users: string[], history: History): Scope {
  const kind = random.of(["org", "merchant", "users"]);
  const scope: Scope = { recipientScope: kind };
  if (kind === "org") scope.organizerId = `organizer-${random.below(6)}`;
  if (kind === "merchant") scope.merchantId = `merchant-${random.below(6)}`;
  if (kind === "users") {
    const start = random.below(users.length);
    const size = random.of([1, 2, 5, 10, 40, 200, 1_000]);
    scope.recipientIds = Array.from({ length: size }, (_, n) => users[(start + n) % users.length]!);
  }
  if (random.chance(0.1)) scope.excludeUserIds = [...history.world.audience(scope)].slice(0, 2);
  return scope;
}

function makeMessages(random: Random, users: string[], history: History): Message[] {
  const keyed: Message[] = [];
  return Array.from({ length: 2_000 }, (_, n) => {
    const roll = random.next();
    const partition = random.below(partitions);
    if (roll < 0.01) return history.bad(random.of(poisons), partition);
    if (roll < 0.06 && keyed.length > 0) {
      const original = random.of(keyed);
      return history.again(original, original.partition);
    }
    const id = random.chance(0.7) ? { id: `id-${n}` } : {};
    const message = history.good(scopeOf(random, users, history), id, partition);
    if ("id" in id) keyed.push(message);
    return message;
  });
}

/** Produces all of it, and a marker behind everything on each partition: when these are stored, all before them was
 *  handled. */
export async function pipelineRun(seed: number) {
  const random = new Random(seed);
  const signal = await Signal.start({ flags: ["--ws-max-connections-per-user", "0"] });
  const { world, users } = thousandUsers(random);
  addPolicies(signal.databasePath, world.edges);
  const watchers = new Map<string, IgnisClient>();
  for (const user of watching) {
    const client = await IgnisClient.connect(signal.ws, await signal.token(user));
    client.keepWire = false;
    watchers.set(user, client);
  }
  const history = new History(topic, world, partitions);
  const messages = makeMessages(random, users, history);
  for (let partition = 0; partition < partitions; ++partition)
    messages.push(history.good({ recipientScope: "users", recipientIds: ["marker"] }, {}, partition));

  const producer = await connectProducer(signal.broker);
  const began = performance.now();
  for (let at = 0; at < messages.length; at += 100) await history.produce(producer, messages.slice(at, at + 100));
  await producer.disconnect();
  const rows = new Rows(signal.databasePath);
  await until(
    () => rows.recipients().length >= history.rowsExpected() && rows.notifications().length >= history.expected.size,
    120_000,
    `${history.expected.size} notifications and ${history.rowsExpected()} recipient rows`,
  );
  const seconds = (performance.now() - began) / 1000;
  const end = async () => {
    rows.close();
    await signal.stop();
  };
  return { signal, history, rows, watchers, seconds, end };
}
