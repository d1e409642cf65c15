// Faults of PostgreSQL. The consumer keeps its partitions and its place; nothing is lost, nothing stored twice, sockets
// and tokens go on.
import { afterEach, expect, test } from "bun:test";
import type { Client } from "pg";
import { Instance } from "../harness/instance";
import { seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import { connect, Stack } from "../harness/stack";

afterEach(async () => {
  await Instance.endAll();
  const stack = await Stack.shared(); // heals
  await stack.postgres.owner(async (owner) => {
    await owner.query("SET default_transaction_read_only = off");
    await owner.query("ALTER SYSTEM RESET ALL");
    await owner.query("SELECT pg_reload_conf()");
  });
});

test("while PostgreSQL is stopped (immediate) batches are held back, and all flows when it is back", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { postgres } = scene.stack;
  const { line } = await scene.suffer({
    name: "PostgreSQL stopped immediately",
    begin: postgres.immediate,
    seconds: seconds(6, 20),
    end: postgres.start,
    says: /batch held back/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close({ anySource: false })}`);
});

test("while PostgreSQL hangs (SIGSTOP) its batches are held back, and all flows when it goes on", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { postgres } = scene.stack;
  const { line } = await scene.suffer({
    name: "PostgreSQL hangs (SIGSTOP)",
    begin: postgres.pause,
    seconds: seconds(12, 30),
    end: postgres.resume,
    says: /batch held back/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close({ anySource: false })}`);
});

test("while PostgreSQL is read-only (25006) its batches are held back, and all flows when it is not", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { postgres } = scene.stack;
  const set = (value: string) =>
    postgres.owner(async (owner) => {
      await owner.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
      await owner.query("SELECT pg_reload_conf()");
    });
  const { line } = await scene.suffer({
    name: "PostgreSQL read-only (25006)",
    begin: () => set("on"),
    seconds: seconds(4, 20),
    end: () => set("off"),
    says: /read-only|25006/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close({ anySource: false })}`);
});

test("while PostgreSQL has no connection left (53300) nothing is lost, and all flows when it has", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { database, stack } = scene;
  const others = await stack.postgres.owner(async (owner) => {
    await owner.query("CREATE ROLE crowd LOGIN PASSWORD 'crowd-secret'").catch(() => undefined);
    return withUser(stack.postgres.url);
  });
  const owner = await connect(stack.postgres.url);
  const crowd: Client[] = [];
  let filling = true;
  let filled: Promise<void> = Promise.resolve();
  const kick = () =>
    owner.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = $2", [
      database.name,
      database.role,
    ]);
  const { line } = await scene.suffer({
    name: "PostgreSQL out of connections (53300)",
    begin: async () => {
      // Every free place is taken; Signal's connections are ended, and the places they leave are taken too.
      filled = (async () => {
        while (filling) {
          const some = await Promise.allSettled(Array.from({ length: 8 }, () => connect(others)));
          for (const one of some) if (one.status === "fulfilled") crowd.push(one.value);
          if (some.some((one) => one.status === "rejected")) {
            await kick();
            await Bun.sleep(50);
          }
        }
      })();
    },
    seconds: seconds(6, 20),
    end: async () => {
      filling = false;
      await filled;
      await Promise.all(crowd.map((client) => client.end()));
    },
    says: /too many clients|connection slots|53300/,
    notReady: true,
  });
  await owner.end();
  console.log(`${line}; ${crowd.length} connections held; ${await scene.close({ anySource: false })}`);
});

test("while a statement takes over 5 s (57014) its batch is held back, and all flows when it does not", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const slow = (body: string) =>
    scene.database.query(
      `CREATE OR REPLACE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW;
        END $$`,
    );
  await slow("");
  await scene.database.query(
    `CREATE TRIGGER slow BEFORE INSERT ON signal."ActivityNotificationKey" FOR EACH ROW EXECUTE FUNCTION public.slow()`,
  );
  const { line } = await scene.suffer({
    name: "statement time-out (57014)",
    begin: () => slow("PERFORM pg_sleep(30);"),
    seconds: seconds(8, 20),
    end: () => slow(""),
    says: /batch held back.*57014/,
    notReady: false,
  });
  console.log(`${line}; ${await scene.close({ anySource: false })}`);
});

test("while a table is locked for over 5 s batches are held back, and all flows when it is not", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const lock = await scene.database.connection();
  const { line } = await scene.suffer({
    name: "statement time-out (a table lock)",
    begin: () => lock.query(`BEGIN; LOCK TABLE signal."ActivityNotificationRecipient" IN SHARE MODE`),
    seconds: seconds(8, 20),
    end: () => lock.end(),
    says: /batch held back.*time/,
    notReady: false,
  });
  console.log(`${line}; ${await scene.close({ anySource: false })}`);
});

test("an outage longer than max.poll.interval.ms causes no rebalance", async () => {
  // In the field: 12 minutes against librdkafka's 5; here the interval is lowered in the same proportion.
  const scene = await Scene.open({
    watch: ["u1", "u2"],
    env: { SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS: String(seconds(6_000, 10_000)), SIGNAL_KAFKA_SESSION_TIMEOUT_MS: "6000" },
  });
  const { postgres } = scene.stack;
  await scene.pulse();
  const assigned = scene.first.count("kafka partitions assigned");
  const { line } = await scene.suffer({
    name: `PostgreSQL away for 2.4 × max.poll.interval.ms`,
    begin: postgres.immediate,
    seconds: seconds(14.4, 24),
    end: postgres.start,
    says: /batch held back/,
    notReady: true,
  });
  expect(scene.first.count("kafka partitions assigned")).toBe(assigned);
  expect(scene.first.count("kafka partitions revoked")).toBe(0);
  console.log(`${line}; no rebalance; ${await scene.close({ anySource: false })}`);
});

function withUser(url: string): string {
  const changed = new URL(url);
  changed.username = "crowd";
  changed.password = "crowd-secret";
  return changed.toString();
}
