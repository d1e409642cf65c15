// `migrate`, `migrate --recount` and `check --deep` show how far they have come, can be stopped between two slices,
// and continue.
// A lock of the test's own keeps them within a slice, so that they are stopped there however fast the machine is.
import type { Subprocess } from "bun";
import { afterEach, expect, test } from "bun:test";
import type { Client } from "pg";
import { Database } from "./harness/database";
import { environment, run } from "./harness/instance";
import { eventually } from "./harness/patience";
import { RedisServer } from "./harness/redis";
import { Stack } from "./harness/stack";
import { ended } from "./support/ended";
import { bareEnvironment, binary } from "./support/signal";

const users = 1_000; // five slices
const arrived = 1_000; // ms until a signal has surely reached the program, which is then still kept by the lock

/** Ended also after a failed test. */
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function migrated(): Promise<{ stack: Stack; database: Database; env: Record<string, string> }> {
  const stack = await Stack.shared();
  const database = await Database.create(stack);
  ends.push(() => database.close());
  const env = { SIGNAL_DATABASE_URL: database.url };
  const { code, out } = await run(["migrate"], env);
  expect({ code, out }).toMatchObject({ code: 0 });
  return { stack, database, env };
}

/** Inboxes without rows; `unread` is then right if it is 0. */
const addUsers = (database: Database, unread: number) =>
  database.query(
    `INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread)
      SELECT 'u' || n, 0, 0, $1 FROM generate_series(1, $2::int) n`,
    [unread, users],
  );

/** Keeps everybody from the table until `release`. */
async function hold(
  database: Database,
  table: string,
): Promise<{ release: () => Promise<unknown>; keepsSomebody: () => Promise<unknown> }> {
  const holder: Client = await database.connection();
  ends.push(() => holder.end());
  await holder.query(`BEGIN; LOCK TABLE signal."${table}" IN ACCESS EXCLUSIVE MODE`);
  const keepsSomebody = () =>
    eventually(
      async () =>
        (
          await database.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
              AND application_name LIKE 'nx-signal%' AND wait_event_type = 'Lock'`,
          )
        ).length > 0,
      20_000,
      "a wait for the lock",
    );
  return { release: () => holder.query("ROLLBACK"), keepsSomebody };
}

function endLater(child: Subprocess) {
  ends.push(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
}

/** A command on a pseudo terminal of `script`, which passes what is typed. */
function onTerminal(command: string, env: Record<string, string>) {
  const child = Bun.spawn(["script", "-qefc", `exec ${binary} ${command}`, "/dev/null"], {
    env: { ...bareEnvironment, TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  endLater(child);
  const terminal = {
    shown: "",
    type: (keys: string) => {
      child.stdin.write(keys);
      child.stdin.flush();
    },
    code: async () => {
      await read;
      return child.exited;
    },
  };
  const read = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) terminal.shown += decoder.decode(chunk, { stream: true });
  })();
  return terminal;
}

function piped(words: string[], env: Record<string, string>) {
  const child = Bun.spawn([binary, ...words], {
    env: { ...bareEnvironment, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  endLater(child);
  return child;
}

const ctrlC = "\x03";
const erased = "\r\x1b[K";

test("check --deep on a terminal shows a bar, ends after the slice of Ctrl-C with 3, and continues", async () => {
  const { stack, database } = await migrated();
  await addUsers(database, 0);
  const redis = await RedisServer.start();
  ends.push(() => redis.end());
  const topic = stack.name("long");
  await stack.kafka.createTopic(topic, 1);
  const env = environment({ stack, database, redis, topic, group: topic });
  const lock = await hold(database, "ActivityNotificationRecipient");

  const terminal = onTerminal("check --deep", env);
  await lock.keepsSomebody();
  terminal.type(ctrlC);
  await Bun.sleep(arrived);
  await lock.release();

  expect({ code: await terminal.code(), shown: terminal.shown }).toMatchObject({ code: 3 });
  expect(terminal.shown).toMatch(/counters  \[####-{16}\]  20 %, 200 users, [\d.,]+\/s, \d+ s left/);
  const stop = terminal.shown.slice(terminal.shown.lastIndexOf(erased) + erased.length);
  expect(stop).toMatch(/^stop  counters +\d+ ms  200 users, every counter equals its rows; continue with /);
  expect(stop).toEndWith("; continue with `nx-signal check --deep --continue-at 200`\r\n");

  const rest = await run(["check", "--deep", "--continue-at", "200"], env);
  expect({ code: rest.code, out: rest.out }).toMatchObject({ code: 0 });
  expect(rest.out).toMatch(/^ok    counters +\d+ ms  800 users, every counter equals its rows$/m);
}, 600_000);

test("check --deep: a second Ctrl-C ends it at once with exit code 1", async () => {
  const { stack, database } = await migrated();
  await addUsers(database, 0);
  const lock = await hold(database, "ActivityNotificationRecipient");
  const nobody = { url: "redis://127.0.0.1:9" };

  const terminal = onTerminal(
    "check --deep",
    environment({ stack, database, redis: nobody, topic: "none", group: "none" }),
  );
  await lock.keepsSomebody();
  terminal.type(ctrlC);
  await Bun.sleep(arrived);
  terminal.type(ctrlC);

  expect(await terminal.code()).toBe(1);
  await lock.release();
}, 600_000);

// A shell and the kernel each send a SIGHUP when a terminal ends.
test("migrate --recount: a second SIGHUP ends nothing before it has said how to continue", async () => {
  const { database, env } = await migrated();
  await addUsers(database, 1);
  const lock = await hold(database, "ActivityNotificationRecipient");

  const child = piped(["migrate", "--recount"], env);
  await lock.keepsSomebody();
  child.kill("SIGHUP");
  child.kill("SIGHUP");
  await Bun.sleep(arrived);
  child.kill("SIGHUP");
  await lock.release();

  const { code, out, error } = await ended(child);
  expect({ code, out, error }).toMatchObject({ code: 3 });
  expect(out).toEndWith("recounted: 200 users were wrong so far\n");
  expect(error).toEndWith("; continue with `nx-signal migrate --recount --continue-at 200`\n");
}, 600_000);

test("migrate --recount on a pipe says a line in five seconds, ends at SIGTERM with 3, and continues", async () => {
  const { database, env } = await migrated();
  await addUsers(database, 1);
  const lock = await hold(database, "ActivityNotificationRecipient");

  const child = piped(["migrate", "--recount"], env);
  await lock.keepsSomebody();
  await Bun.sleep(5_000); // the program began to measure before it waited for the lock
  child.kill("SIGTERM");
  await Bun.sleep(arrived);
  await lock.release();

  const { code, out, error } = await ended(child);
  expect({ code, out, error }).toMatchObject({ code: 3 });
  expect(out).toMatch(/^recounted: 200 users were wrong so far$/m);
  expect(error).toMatch(
    new RegExp(
      String.raw`^counters: 20 %, 200 users, [\d.]+/s, (\d+ min )?\d+ s left\n` +
        "nx-signal migrate: stopped before the end; continue with `nx-signal migrate --recount --continue-at 200`\n$",
    ),
  );

  const rest = await run(["migrate", "--recount", "--continue-at", "200"], env);
  expect({ code: rest.code, out: rest.out }).toMatchObject({ code: 0 });
  expect(rest.out).toMatch(/^recounted: 800 users were wrong$/m);
  expect(rest.out).not.toContain("counters:");
  expect(await database.wrongCounters()).toEqual([]);
}, 600_000);

test("migrate on a terminal says that it waits for a table in use, ends at Ctrl-C with 3, and continues", async () => {
  const { database, env } = await migrated();
  const [{ newest }] = await database.query(
    `SELECT max(inhrelid::regclass::text) AS newest FROM pg_inherits
      WHERE inhparent = 'signal."ActivityNotification"'::regclass`,
  );
  await database.query(`DROP TABLE ${newest}`);
  const lock = await hold(database, "ActivityNotification");

  const terminal = onTerminal("migrate", env);
  await eventually(() => terminal.shown.includes("waits: a table is in use"), 20_000, "the words that it waits");
  terminal.type(ctrlC);

  expect({ code: await terminal.code(), shown: terminal.shown }).toMatchObject({ code: 3 });
  expect(terminal.shown).toMatch(/tables  \[########-{12}\]  40 %, 2 steps, /);
  expect(terminal.shown.slice(terminal.shown.lastIndexOf(erased) + erased.length)).toBe(
    "nx-signal migrate: stopped before the end; run `nx-signal migrate` again to continue\r\n",
  );
  await lock.release();
  const rest = await run(["migrate"], env);
  expect({ code: rest.code, out: rest.out }).toMatchObject({ code: 0 });
  expect(rest.out).toContain("1 partitions made");

  const plain = onTerminal("migrate", { ...env, TERM: "dumb" });
  expect({ code: await plain.code(), shown: plain.shown }).toEqual({ code: 0, shown: "version 6, nothing to do\r\n" });
}, 600_000);
