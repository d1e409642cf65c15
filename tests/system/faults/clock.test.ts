// The wall clock is stepped by an hour, forwards and back, under a running instance (libfaketime; the monotonic clock goes on as kernels keep it).
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "../harness/instance";
import { eventually, seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

afterEach(() => Instance.endAll());

const library = readdirSync("/usr/lib", { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("faketime/libfaketimeMT.so.1"));

// A sanitizer's runtime must be the first library of a process and intercepts the same functions: there this test is not registered.
if ((process.env.NX_SIGNAL_PRESET ?? "dev") === "dev") {
  test("the clock is stepped by +1 h and −1 h: ingest, hints, handshakes and open sockets go on", async () => {
    expect(library).toBeDefined();
    const folder = mkdtempSync(join(tmpdir(), "signal-clock-"));
    const set = (offset: string) => writeFileSync(`${folder}/offset`, `${offset}\n`);
    set("+0");
    const scene = await Scene.open({ env: {
      LD_PRELOAD: `/usr/lib/${library}`, FAKETIME_TIMESTAMP_FILE: `${folder}/offset`, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1",
      SIGNAL_HINT_MAX_AGE_MS: String(3 * 3_600_000),   // a record of now is an hour old after the step: too old for news by default, rightly
    } });
    const till = async (user: string, hours: number) => {
      const client = new StreamClient(user, await scene.stack.issuer.token({ userId: user }, { exp: Math.floor(Date.now() / 1000) + hours * 3600 }));
      await client.connect(scene.first.ws);
      scene.clients.push(client);
      return client;
    };
    await till("u1", 4);
    const short = new StreamClient("short", await scene.stack.issuer.token({ userId: "short" }, { exp: Math.floor(Date.now() / 1000) + 1800 }));
    await short.connect(scene.first.ws);
    await scene.pulse();
    const steps: string[] = [];
    for (const [offset, user] of [["+3600", "u2"], ["+0", "u3"], ["-3600", "u4"], ["+0", "u5"]] as const) {
      set(offset);
      const began = performance.now();
      scene.flow(50);
      await Bun.sleep(seconds(2_000, 10_000));
      await till(user, 4);
      await scene.quiet();
      await scene.pulse();
      steps.push(`${offset} s: a pulse and a handshake within ${((performance.now() - began) / 1000 - seconds(2, 10)).toFixed(1)} s`);
      expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
      if (offset === "+3600") {   // its clock says so: the log proves that the step reached the process
        const line = scene.first.lines.findLast((one) => typeof one.time === "string")!;
        expect(Date.parse(String(line.time)) - Date.now()).toBeGreaterThan(3_000_000);
      }
    }
    // The token of 30 minutes ran out in the hour that was stepped over.
    await eventually(() => short.closed, 70_000, "the short token's close");
    expect(short.closed).toEqual({ code: 4005, reason: "Token expired" });
    rmSync(folder, { recursive: true });
    console.log(`fault: clock stepped: ${steps.join(", ")}; ${await scene.close()}`);
  }, 180_000);
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
}, 60_000);
