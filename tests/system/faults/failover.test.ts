// The database's own failover: two servers in streaming replication, a URL with both. Signal leaves a primary that says
// nothing, finds the standby once it is promoted, and what it had acknowledged is there as far as the servers' own
// setting promises it.
import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { Instance, run } from "../harness/instance";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { PostgresPair } from "../harness/postgres_pair";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

afterEach(async () => {
  await Instance.endAll();
  await PostgresPair.endAll();
});

type Failover = {
  name: string;
  synchronous: boolean;
  fail: (pair: PostgresPair) => unknown;
  cut: boolean;
  wait: number;
};

/** Traffic, the failure, the promotion, traffic. Resolves when everything flows again. */
async function failOver({ name, synchronous, fail, cut, wait }: Failover) {
  const pair = await PostgresPair.start(synchronous);
  const scene = await Scene.open({ postgres: pair, watch: ["u1", "u2"] });
  await scene.pulse();
  scene.flow();
  await Bun.sleep(1_000);
  if (cut) {
    await pair.cutReplication();
    await Bun.sleep(1_000);
  }
  const acknowledged = () => {
    const batches = scene.first.batches();
    return scene.history.sent.filter((sent) =>
      batches.some(
        (batch) => batch.partition === sent.partition && batch.first <= sent.offset && sent.offset <= batch.last,
      ),
    );
  };
  await fail(pair);
  const failed = performance.now();
  await Bun.sleep(1_000 * wait);
  const sure = acknowledged();
  expect((await scene.first.health()).live).toBe(200);

  const before = await pair.notifications(scene.database.name);
  const promoting = performance.now();
  await pair.promote();
  scene.database.leave();
  await eventually(
    async () => (await scene.database.count("ActivityNotification")) > before,
    60_000,
    () => `a row on the new primary; last lines:\n${scene.first.tail()}`,
  );
  const writing = (performance.now() - promoting) / 1000;
  const marks = [scene.note(0), scene.note(1), scene.note(2)];
  await scene.send(marks);
  await eventually(
    () => scene.clients.every((client) => marks.every((mark) => client.heard(mark.title!))),
    60_000,
    () => `the hints; last lines:\n${scene.first.tail()}`,
  );
  const flowing = (performance.now() - promoting) / 1000;
  await eventually(async () => (await scene.first.health()).ready === 200, 20_000, "/health/ready to be 200 again");
  await scene.quiet();
  await scene.pulse(); // what was sent before it is stored, and its rows and hints can be counted
  expect({ name, writing, inTime: writing <= resumeWithinSeconds }).toMatchObject({ inTime: true });

  const there = new Set((await scene.database.notifications()).map((row) => row.title));
  const lost = sure.filter((sent) => !there.has(sent.title!));
  const line =
    `failover: ${name}: promoted ${((promoting - failed) / 1000).toFixed(1)} s later; ` +
    `writing again ${writing.toFixed(1)} s after the promotion, everything heard ` +
    `${flowing.toFixed(1)} s after it; ${sure.length} records acknowledged before it, ${lost.length} of them lost`;
  return { pair, scene, line, lost, sure };
}

const cases: Failover[] = [
  {
    name: "primary stopped (SIGSTOP) under remote_apply",
    synchronous: true,
    fail: (pair) => pair.pause(),
    cut: false,
    wait: seconds(4, 15),
  },
  {
    name: "standby cut off and then the primary stopped under remote_apply",
    synchronous: true,
    fail: (pair) => pair.pause(),
    cut: true,
    wait: 0,
  },
  {
    name: "primary swallowed by the network under remote_apply",
    synchronous: true,
    fail: (pair) => pair.blackHole(),
    cut: false,
    wait: seconds(4, 15),
  },
];
for (const one of cases) {
  test(`with the ${one.name}, nothing that was acknowledged is lost, and check is well`, async () => {
    const { pair, scene, line, lost } = await failOver(one);
    expect(lost.map((sent) => sent.title)).toEqual([]);
    const checked = await run(["check"], scene.env);
    expect({ code: checked.code, out: checked.out }).toMatchObject({ code: 0 });
    const late = await scene.add(); // the first host still says nothing
    await eventually(
      async () => (await late.health()).ready === 200,
      20_000,
      () => `the late one to be ready; last lines:\n${late.tail()}`,
    );
    await late.stop();
    scene.instances.pop();
    console.log(`${line}; check ${checked.seconds.toFixed(1)} s; ${await scene.close()}`);
    await pair.end();
  });
}

test("what asynchronous replication loses is counted, and a new epoch takes back the numbers of clients", async () => {
  const { pair, scene, line, lost, sure } = await failOver({
    name: "standby cut off, then the primary stopped, asynchronous",
    synchronous: false,
    fail: (pair) => pair.pause(),
    cut: true,
    wait: seconds(2, 15),
  });
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.length).toBeLessThan(sure.length);
  expect(await scene.database.wrongCounters()).toEqual([]);
  const [till] = scene.clients;
  const kept = till!.hints.filter((hint) => lost.some((sent) => sent.title === hint.title));
  expect(kept.length).toBeGreaterThan(0); // heard, and gone: their numbers were given out again
  const token = await scene.stack.issuer.token({ userId: till!.user });
  const asked = async () =>
    (await (
      await fetch(`${scene.first.http}/v1/notifications/unread-count`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).json()) as { epoch: string };
  const before = (await asked()).epoch;
  const rows = await scene.database.inbox(till!.user);
  const newest = Math.max(...kept.map((hint) => hint.seq));
  expect(
    rows.some((row) => row.seq <= newest && !till!.hints.some((hint) => hint.id === row.id && hint.seq !== row.seq)),
  ).toBe(true);

  const renewed = await run(["migrate", "--new-epoch"], { SIGNAL_DATABASE_URL: scene.env.SIGNAL_DATABASE_URL! });
  expect({ code: renewed.code, out: renewed.out }).toMatchObject({ code: 0 });
  expect((await asked()).epoch).not.toBe(before);
  const back = new StreamClient(till!.user, token);
  await back.connect(scene.first.ws, { since: newest, epoch: before });
  expect(back.caughtUp).toMatchObject({ complete: true, seq: rows.at(-1)!.seq, count: rows.length });
  expect(back.hints.map(({ id, seq }) => ({ id, seq }))).toEqual(rows.map(({ id, seq }) => ({ id, seq })));
  back.close();
  for (const client of scene.clients) client.close();
  await scene.first.stop();
  await scene.producer.disconnect();
  await scene.database.close();
  console.log(
    `${line}; ${kept.length} of them were heard by a till, which got all ${rows.length} rows of its inbox after ` +
      `--new-epoch`,
  );
  await pair.end();
});

// A sanitizer's runtime must be the first library of a process: there this test is not registered.
if ((process.env.NX_SIGNAL_PRESET ?? "dev") === "dev") {
  test("check is well when the database's name has two addresses of which one says nothing", async () => {
    const scene = await Scene.open();
    const url = new URL(scene.env.SIGNAL_DATABASE_URL!);
    let visits = 0;
    const mute = createServer(() => {
      ++visits;
    });
    await new Promise<void>((resolve) => {
      mute.listen(Number(url.port), "127.0.0.2", resolve);
    });
    const hosts = `${process.env.NX_TEST_STACK}/hosts`;
    url.hostname = "database.test";
    const env = {
      ...scene.env,
      SIGNAL_DATABASE_URL: url.toString(),
      LD_PRELOAD: "libnss_wrapper.so",
      NSS_WRAPPER_HOSTS: hosts,
    };
    for (const addresses of [
      ["127.0.0.2", "127.0.0.1"],
      ["127.0.0.1", "127.0.0.2"],
    ]) {
      writeFileSync(hosts, addresses.map((address) => `${address} database.test\n`).join(""));
      const checked = await run(["check"], env);
      expect({ addresses, code: checked.code, out: checked.out }).toMatchObject({ code: 0 });
    }
    expect(visits).toBeGreaterThan(0);
    mute.close();
    console.log(
      `a name with two addresses: check is well with ${visits} visits to the one that says nothing; ` +
        `${await scene.close()}`,
    );
  });
}
