// The wall clock is stepped by an hour, forwards and back, under a running instance (harness/stepped_clock.c; the
// monotonic clock goes on).
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "../harness/instance";
import { seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

/** The library that steps the clock of a process, and `step`, which takes the seconds it is to be away from the true
 *  time. */
function steppedClock(folder: string) {
  const library = `${folder}/stepped_clock.so`;
  const source = join(import.meta.dir, "../harness/stepped_clock.c");
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  writeFileSync(`${folder}/offset`, Buffer.alloc(8));
  const step = (seconds: number) => {
    const file = openSync(`${folder}/offset`, "r+"); // in place: the process has mapped it
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(BigInt(seconds) * 1_000_000_000n);
    writeSync(file, offset, 0, 8, 0);
    closeSync(file);
  };
  return { env: { LD_PRELOAD: library, STEPPED_CLOCK: `${folder}/offset` }, step };
}

// A sanitizer's runtime must be the first library of a process and intercepts the same functions: there this suite is
// not registered.
if ((process.env.NX_SIGNAL_PRESET ?? "dev") === "dev") {
  describe("clock that is stepped", () => {
    const folder = mkdtempSync(join(tmpdir(), "signal-clock-"));
    let clock: ReturnType<typeof steppedClock>;
    let scene: Scene;
    beforeAll(async () => {
      clock = steppedClock(folder);
      // A record of now is an hour old after the step: too old for news by default, rightly.
      const SIGNAL_HINT_MAX_AGE_MS = String(3 * 3_600_000);
      scene = await Scene.open({ env: { ...clock.env, SIGNAL_HINT_MAX_AGE_MS } });
      await enter("u1");
      await scene.pulse();
    });
    afterAll(async () => {
      await Instance.endAll();
      rmSync(folder, { recursive: true });
    });

    /** A till with a token that is good for four hours. */
    const enter = async (user: string) => {
      const exp = Math.floor(Date.now() / 1000) + 4 * 3600;
      const client = new StreamClient(user, await scene.stack.issuer.token({ userId: user }, { exp }));
      await client.connect(scene.first.ws);
      scene.clients.push(client);
    };
    // Backwards: longer than the group's session time-out.
    const lasts = (offset: number) => (offset < 0 ? 8_000 : seconds(2_000, 10_000));

    test.each([
      ["an hour ahead", 3_600, "u2"],
      ["back to the true time", 0, "u3"],
      ["an hour behind", -3_600, "u4"],
      ["forward to the true time", 0, "u5"],
    ])("after a step %s ingest, hints and handshakes go on", async (what, offset, user) => {
      clock.step(offset);
      scene.flow(50);
      await Bun.sleep(lasts(offset));
      const flowed = performance.now();
      await enter(user);
      await scene.quiet();
      await scene.pulse();
      expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
      const shown = Date.parse(String(scene.first.lines.findLast((one) => typeof one.time === "string")!.time));
      // The log proves that the step reached the process.
      expect(Math.abs((shown - Date.now()) / 1000 - offset)).toBeLessThan(600);
      console.log(`clock: ${what}: a pulse and a handshake in ${((performance.now() - flowed) / 1000).toFixed(1)} s`);
    });

    test("through all steps no client was closed, and the consumer stayed in its group", async () => {
      expect(scene.clients.map((client) => client.closed)).toEqual(scene.clients.map(() => null));
      expect(scene.first.count("kafka partitions assigned")).toBe(1); // heartbeats went on
      console.log(`fault: clock stepped: ${await scene.close()}`);
    });
  });
}

describe("clock of a record", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ watch: ["u1"] });
  });
  afterAll(() => Instance.endAll());

  /** Produces a message to u1 with a time of its own, and a pulse behind it. Resolves with its hint. */
  const stamped = async (id: string, milliseconds: number) => {
    const message = scene.history.good({ recipientScope: "users", recipientIds: ["u1"] }, { id }, 0);
    await scene.history.produce(scene.producer, [message], Date.now() + milliseconds);
    await scene.pulse();
    return scene.clients[0]!.heard(message.title!);
  };

  test("a record older than SIGNAL_HINT_MAX_AGE_MS is stored and not pushed", async () => {
    expect(await stamped("old", -3_660_000)).toBeUndefined();
    expect((await scene.first.metrics()).sum("signal_hints_total", { outcome: "too_old" })).toBe(1);
  });

  test("a record from the future is pushed", async () => {
    expect(await stamped("future", 3_600_000)).toBeDefined();
  });

  test("at the end every row is there once", async () => {
    console.log(`clock: an old record stored and not pushed; ${await scene.close({ live: false })}`);
  });
});
