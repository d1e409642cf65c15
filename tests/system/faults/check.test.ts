// `nx-signal check` with each dependency stopped in turn: exit 1, the line of that dependency, what is wrong and what
// to do, and no secret.
import { afterEach, expect, test } from "bun:test";
import { Instance, run } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { Stack, withDatabase } from "../harness/stack";

afterEach(async () => {
  await Instance.endAll();
  await Stack.shared(); // heals
});

test("nx-signal check names the dependency that is away, how long it took, and what to do", async () => {
  const scene = await Scene.open({ watch: ["u1"], dlq: true });
  const { stack, place, env } = scene;
  const redis = place.redis as RedisServer;
  const token = await stack.issuer.token({ userId: "checker" });
  const stream = ["check", "--url", scene.first.ws];
  const figures: string[] = [];
  const lines = (out: string) => out.split("\n").filter((line) => /^(ok|FAIL|warn)\s/.test(line));
  const fails = (out: string) =>
    lines(out)
      .filter((line) => line.startsWith("FAIL"))
      .map((line) => line.split(/\s+/)[1]);

  const well = await run(stream, { ...env, SIGNAL_TOKEN: token });
  expect({ code: well.code, fails: fails(well.out) }).toEqual({ code: 0, fails: [] });
  expect(
    lines(well.out)
      .filter((line) => line.startsWith("ok"))
      .map((line) => line.split(/\s+/)[1]),
  ).toEqual(["database", "kafka", "redis", "identity", "stream"]);
  expect(
    lines(well.out)
      .filter((line) => line.startsWith("ok"))
      .every((line) => / \d+ ms /.test(line)),
  ).toBe(true);
  expect(well.out).toContain("handshake completed");

  const broken = async (what: string, failing: string[], says: RegExp, more: Record<string, string> = {}) => {
    const found = await run(stream, { ...env, SIGNAL_TOKEN: token, ...more });
    expect({ what, code: found.code, fails: fails(found.out), out: found.out }).toMatchObject({
      what,
      code: 1,
      fails: failing,
    });
    expect(found.out).toMatch(says);
    figures.push(`${what} ${found.seconds.toFixed(1)} s`);
  };

  await stack.postgres.immediate();
  await broken("PostgreSQL stopped", ["database"], /SIGNAL_DATABASE_URL|Connection refused/);
  await stack.postgres.start();
  await stack.postgres.pause();
  await broken("PostgreSQL hangs", ["database"], /time|answer/);
  await stack.postgres.resume();
  await broken("wrong password", ["database"], /password|authentication/, {
    SIGNAL_DATABASE_URL: withDatabase(stack.postgres.url, place.database.name, place.database.role, "no-such-secret"),
  });
  await broken("no tables", ["database"], /nx-signal migrate/, { SIGNAL_DATABASE_SCHEMA: "elsewhere" });
  await broken("no policy table", ["database"], /identity.Nowhere|Nowhere/, {
    SIGNAL_POLICY_TABLE: "identity.Nowhere",
  });
  await stack.kafka.kill9();
  await broken("Kafka stopped", ["kafka"], /SIGNAL_KAFKA_BROKERS/);
  await stack.kafka.start();
  await broken("topic missing", ["kafka"], /SIGNAL_KAFKA_TOPIC/, { SIGNAL_KAFKA_TOPIC: "signal.nowhere" });
  await broken("DLQ topic missing", ["kafka"], /SIGNAL_KAFKA_DLQ_TOPIC/, { SIGNAL_KAFKA_DLQ_TOPIC: "signal.nowhere" });
  await redis.kill();
  await broken("Redis stopped", ["redis"], /refused.*SIGNAL_REDIS_URL/);
  await redis.launch();
  redis.pause();
  await broken("Redis hangs", ["redis"], /longer than 2000 ms.*SIGNAL_REDIS_URL/);
  redis.resume();
  await redis.cli("config", "set", "requirepass", "another-secret");
  await broken("wrong Redis password", ["redis"], /WRONGPASS.*SIGNAL_REDIS_URL/, {
    SIGNAL_REDIS_URL: redis.url.replace("//", "//:no-such-secret@"),
  });
  await redis.cli("-a", "another-secret", "config", "set", "requirepass", "");
  stack.issuer.mode = "error";
  await broken("identity answers 500", ["identity"], /SIGNAL_JWKS_URL/);
  stack.issuer.mode = "serve";
  await broken("identity stopped", ["identity"], /SIGNAL_JWKS_URL/, { SIGNAL_JWKS_URL: "http://127.0.0.1:9/jw-certs" });
  await broken("token refused", ["stream"], /4003|Authentication failed/, {
    SIGNAL_TOKEN: `${token.slice(0, -8)}AAAAAAAA`,
  });
  await scene.pulse(30_000);
  const closing = await scene.close();
  const another = await RedisServer.start();
  await broken("serve stopped", ["stream"], /refused|connect/i, { SIGNAL_REDIS_URL: another.url });
  await another.end();
  const texts = checkNoLeaks([], [...scene.secrets(), token.split(".")[2]!, "no-such-secret"]);
  console.log(
    `check: exit 0 when all is well (${well.seconds.toFixed(1)} s); exit 1 and the reason: ${figures.join(", ")}; ` +
      `no secret in ${texts} texts; ${closing}`,
  );
});
