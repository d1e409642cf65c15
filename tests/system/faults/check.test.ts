// `nx-signal check` with each dependency away or wrong in turn: exit 1, the line of that dependency, what is wrong and
// what to do, and no secret.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance, run } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { Stack, withDatabase } from "../harness/stack";

let scene: Scene;
let redis: RedisServer;
let token: string;
beforeAll(async () => {
  scene = await Scene.open({ watch: ["u1"], dlq: true });
  redis = scene.place.redis as RedisServer;
  token = await scene.stack.issuer.token({ userId: "checker" });
});
afterAll(async () => {
  await Instance.endAll();
  await Stack.shared(); // heals
});

const check = (more: Record<string, string> = {}) =>
  run(["check", "--url", scene.first.ws], { ...scene.env, SIGNAL_TOKEN: token, ...more });
/** The dependencies whose line begins with `verdict`. */
const named = (out: string, verdict: "ok" | "FAIL") =>
  out
    .split("\n")
    .map((line) => line.split(/\s+/))
    .filter(([first]) => first === verdict)
    .map(([, dependency]) => dependency);

test("check ends with 0 when every dependency is there, and says how long each took", async () => {
  const { code, out, seconds } = await check();
  expect({ code, fails: named(out, "FAIL") }).toEqual({ code: 0, fails: [] });
  expect(named(out, "ok")).toEqual(["database", "kafka", "redis", "identity", "stream"]);
  for (const line of out.split("\n").filter((one) => one.startsWith("ok"))) expect(line).toMatch(/ \d+ ms /);
  expect(out).toContain("handshake completed");
  console.log(`check: exit 0 when all is well (${seconds.toFixed(1)} s)`);
});

/** Exit 1 with the line of the one dependency that fails. */
async function fails(dependency: string, says: RegExp, more: Record<string, string> = {}) {
  const { code, out, seconds } = await check(more);
  expect({ code, fails: named(out, "FAIL"), out }).toMatchObject({ code: 1, fails: [dependency] });
  expect(out).toMatch(says);
  console.log(`check: exit 1 with ${dependency} after ${seconds.toFixed(1)} s`);
}

const postgres = () => scene.stack.postgres;
const kafka = () => scene.stack.kafka;
type Broken = [what: string, dependency: string, says: RegExp, begin: () => unknown, end: () => unknown];
test.each<Broken>([
  [
    "PostgreSQL is stopped",
    "database",
    /SIGNAL_DATABASE_URL|Connection refused/,
    () => postgres().immediate(),
    () => postgres().start(),
  ],
  ["PostgreSQL hangs", "database", /time|answer/, () => postgres().pause(), () => postgres().resume()],
  ["Kafka is stopped", "kafka", /SIGNAL_KAFKA_BROKERS/, () => kafka().kill9(), () => kafka().start()],
  ["Redis is stopped", "redis", /refused.*SIGNAL_REDIS_URL/, () => redis.kill(), () => redis.launch()],
  ["Redis hangs", "redis", /longer than 2000 ms.*SIGNAL_REDIS_URL/, () => redis.pause(), () => redis.resume()],
  [
    "the identity service answers 500",
    "identity",
    /SIGNAL_JWKS_URL/,
    () => (scene.stack.issuer.mode = "error"),
    () => (scene.stack.issuer.mode = "serve"),
  ],
])("while %s check ends with 1 and names the %s", async (_, dependency, says, begin, end) => {
  await begin();
  try {
    await fails(dependency, says);
  } finally {
    await end();
  }
});

type Wrong = [what: string, dependency: string, says: RegExp, env: () => Record<string, string>];
test.each<Wrong>([
  [
    "a wrong password of PostgreSQL",
    "database",
    /password|authentication/,
    () => {
      const { database, stack } = scene.place;
      const url = withDatabase(stack.postgres.url, database.name, database.role, "no-such-secret");
      return { SIGNAL_DATABASE_URL: url };
    },
  ],
  ["a schema without tables", "database", /nx-signal migrate/, () => ({ SIGNAL_DATABASE_SCHEMA: "elsewhere" })],
  ["a missing policy table", "database", /Nowhere/, () => ({ SIGNAL_POLICY_TABLE: "identity.Nowhere" })],
  ["a missing topic", "kafka", /SIGNAL_KAFKA_TOPIC/, () => ({ SIGNAL_KAFKA_TOPIC: "signal.nowhere" })],
  ["a missing DLQ topic", "kafka", /SIGNAL_KAFKA_DLQ_TOPIC/, () => ({ SIGNAL_KAFKA_DLQ_TOPIC: "signal.nowhere" })],
  [
    "an identity service that is not there",
    "identity",
    /SIGNAL_JWKS_URL/,
    () => ({ SIGNAL_JWKS_URL: "http://127.0.0.1:9/jw-certs" }),
  ],
  [
    "a token that is refused",
    "stream",
    /4003|Authentication failed/,
    () => ({ SIGNAL_TOKEN: `${token.slice(0, -8)}AAAAAAAA` }),
  ],
])("with %s check ends with 1 and names the %s", (_, dependency, says, env) => fails(dependency, says, env()));

test("with a wrong password of Redis check ends with 1 and names the redis", async () => {
  await redis.cli("config", "set", "requirepass", "another-secret");
  const url = redis.url.replace("//", "//:no-such-secret@");
  await fails("redis", /WRONGPASS.*SIGNAL_REDIS_URL/, { SIGNAL_REDIS_URL: url });
  await redis.cli("-a", "another-secret", "config", "set", "requirepass", "");
});

test("after all of these faults the instance stores every row once", async () => {
  await scene.pulse(30_000);
  console.log(`check: ${await scene.close()}`);
});

test("without an instance check ends with 1 and names the stream", async () => {
  const another = await RedisServer.start();
  await fails("stream", /refused|connect/i, { SIGNAL_REDIS_URL: another.url });
  await another.end();
});

test("no command has printed a secret", () => {
  checkNoLeaks([], [...scene.secrets(), token.split(".")[2]!, "no-such-secret", "another-secret"]);
});
