// An instance lets clients in before Kafka has answered, which may take until SIGNAL_KAFKA_BOOT_TIMEOUT_MS: who is
// thrown out in that time is closed there, too.
import { afterEach, expect, test } from "bun:test";
import { createServer, type AddressInfo } from "node:net";
import { freePort } from "../harness/free_ports";
import { environment, Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";
import { bareEnvironment, binary } from "../support/signal";

afterEach(() => Instance.endAll());

test("a kick that only the database tells of closes a client of an instance that is still starting", async () => {
  const scene = await Scene.open(); // the tables
  const mute = createServer(() => undefined); // a broker that says nothing
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const broker = (mute.address() as AddressInfo).port;
  const http = await freePort();
  const starting = Bun.spawn([binary, "serve"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: {
      ...bareEnvironment,
      ...environment(scene.place),
      SIGNAL_HTTP_PORT: String(http),
      SIGNAL_KAFKA_BROKERS: `127.0.0.1:${broker}`,
      SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "600000",
      SIGNAL_REDIS_URL: "redis://127.0.0.1:1",
    },
  });
  let said = "";
  void (async () => {
    for await (const chunk of starting.stderr) said += new TextDecoder().decode(chunk);
  })();
  try {
    const till = new StreamClient("u1", await scene.stack.issuer.token({ userId: "u1" }));
    await eventually(
      async () => {
        await till.connect(`ws://127.0.0.1:${http}/stream`);
        return true;
      },
      20_000,
      () => `to be let in; ${said}`,
    );
    await Bun.sleep(1_100); // `iat` has whole seconds
    await scene.database.query(`
      INSERT INTO signal."ActivityRevocation" (user_id, revoked_at, revoked_by)
      VALUES ('u1', clock_timestamp(), 'boss')`);
    await eventually(
      () => till.closed,
      10_000,
      () => `the close; ${said}`,
    );
    expect(till.closed).toEqual({ code: 4009, reason: "Disconnected by operator" });
    expect(said).not.toContain('"listening"');
    till.close();
  } finally {
    starting.kill("SIGKILL");
    await starting.exited;
    mute.close();
  }
  await scene.close();
});
