// The wall clock is stepped by an hour, forwards and back, under a running instance (harness/stepped_clock.c; the
// monotonic clock goes on).
import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "../harness/instance";
import { seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

afterEach(() => Instance.endAll());

// A sanitizer's runtime must be the first library of a process and intercepts the same functions: there this test is
// not registered.
if ((process.env.NX_SIGNAL_PRESET ?? "dev") === "dev") {
  test("the clock is stepped by +1 h and −1 h: ingest, hints, handshakes and open sockets go on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "signal-clock-"));
    const library = `${folder}/stepped_clock.so`;
    execFileSync("cc", [
      "-shared",
      "-fPIC",
      "-O1",
      "-o",
      library,
      join(import.meta.dir, "../harness/stepped_clock.c"),
      "-ldl",
    ]);
    writeFileSync(`${folder}/offset`, Buffer.alloc(8));
    const step = (seconds: number) => {
      // in place: the process has mapped the file
      const file = openSync(`${folder}/offset`, "r+");
      const offset = Buffer.alloc(8);
      offset.writeBigInt64LE(BigInt(seconds) * 1_000_000_000n);
      writeSync(file, offset, 0, 8, 0);
      closeSync(file);
    };
    const scene = await Scene.open({
      env: {
        LD_PRELOAD: library,
        STEPPED_CLOCK: `${folder}/offset`,
        // a record of now is an hour old after the step: too old for news by default, rightly
        SIGNAL_HINT_MAX_AGE_MS: String(3 * 3_600_000),
      },
    });
    const till = async (user: string, hours: number) => {
      const client = new StreamClient(
        user,
        await scene.stack.issuer.token({ userId: user }, { exp: Math.floor(Date.now() / 1000) + hours * 3600 }),
      );
      await client.connect(scene.first.ws);
      scene.clients.push(client);
      return client;
    };
    await till("u1", 4);
    await scene.pulse();
    const steps: string[] = [];
    for (const [offset, user] of [
      [3_600, "u2"],
      [0, "u3"],
      [-3_600, "u4"],
      [0, "u5"],
    ] as const) {
      step(offset);
      scene.flow(50);
      await Bun.sleep(offset < 0 ? 8_000 : seconds(2_000, 10_000)); // backwards: longer than the group's session time-out
      const flowed = performance.now();
      await till(user, 4);
      await scene.quiet();
      await scene.pulse();
      steps.push(
        `to ${offset >= 0 ? "+" : ""}${offset} s: a pulse and a handshake within ` +
          `${((performance.now() - flowed) / 1000).toFixed(1)} s`,
      );
      expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
      if (offset === 3_600) {
        // its clock says so: the log proves that the step reached the process
        const line = scene.first.lines.findLast((one) => typeof one.time === "string")!;
        expect(Date.parse(String(line.time)) - Date.now()).toBeGreaterThan(3_000_000);
      }
    }
    expect(scene.clients.map((client) => client.closed)).toEqual(scene.clients.map(() => null));
    expect(scene.first.count("kafka partitions assigned")).toBe(1); // the group was never left: heartbeats went on
    rmSync(folder, { recursive: true });
    console.log(`fault: clock stepped: ${steps.join(", ")}; ${await scene.close()}`);
  });
}

test("a record's own timestamp decides: older than SIGNAL_HINT_MAX_AGE_MS is stored and not pushed, one from the future is pushed", async () => {
  const scene = await Scene.open({ watch: ["u1"] });
  const client = scene.clients[0]!;
  const old = scene.history.good({ recipientScope: "users", recipientIds: ["u1"] }, { id: "old" }, 0);
  const future = scene.history.good({ recipientScope: "users", recipientIds: ["u1"] }, { id: "future" }, 0);
  await scene.history.produce(scene.producer, [old], Date.now() - 3_600_000 - 60_000);
  await scene.history.produce(scene.producer, [future], Date.now() + 3_600_000);
  await scene.pulse();
  expect(client.heard(old.title!)).toBeUndefined();
  expect(client.heard(future.title!)).toBeDefined();
  expect((await scene.first.metrics()).sum("signal_hints_total", { outcome: "too_old" })).toBe(1);
  console.log(`clock: an old record stored and not pushed; ${await scene.close({ live: false })}`);
});
