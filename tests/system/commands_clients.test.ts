// `nx-signal notify` and `nx-signal listen` beside `nx-signal dev`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readLines } from "./harness/lines";
import { command } from "./support/command";
import { bareEnvironment, binary, Signal, until } from "./support/signal";

let signal: Signal;
beforeAll(async () => {
  signal = await Signal.start();
});
afterAll(() => signal.stop());

test("notify ends with 1 and names the line of its input that is no message", async () => {
  const input =
    '{"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"one"}\n{"recipientScope":"nobody"}\n';
  const { code, err } = await command(["notify", "--kafka-brokers", signal.broker], {}, { input });
  expect(code).toBe(1);
  expect(err).toContain("line 2");
});

test("notify ends with 1 and names the broker that is not there", async () => {
  const line = "notify --kafka-brokers 127.0.0.1:1 --scope users --to u1 --type t --title x";
  const { code, err } = await command(line.split(" "));
  expect(code).toBe(1);
  expect(err).toContain("127.0.0.1:1");
});

const endings: NodeJS.Signals[] = ["SIGINT", "SIGHUP"]; // SIGHUP: its terminal is closed
test.each(endings)("listen prints each frame as a line of JSON, and ends with 0 at %s", async (ending) => {
  const child = Bun.spawn([binary, "listen", "--url", signal.ws, "--since", "0"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...bareEnvironment, SIGNAL_TOKEN: await signal.token("u1") },
  });
  const frames: any[] = [];
  void readLines(child.stdout, (line) => frames.push(JSON.parse(line)));
  const last = (event: string) => until(() => frames.at(-1)?.event === event, 10_000, event);
  await last("caught-up");
  const push = { serverId: "emitter", type: "user", target: "u1", event: "hello", data: { ü: [1, null] } };
  await signal.publish("ws:user:u1", push);
  await last("hello");
  expect(frames[0].event).toBe("connected");
  expect(frames.at(-1)).toEqual({ event: "hello", data: { ü: [1, null] } });
  child.kill(ending);
  expect(await child.exited).toBe(0);
});

test("listen with a bad token ends with 1 and the close code", async () => {
  const { code, err } = await command(["listen", "--url", signal.ws, "--token", "x"]);
  expect(code).toBe(1);
  expect(err).toContain("4003");
});

test("listen ends with 1 and names the server that is not there", async () => {
  const { code, err } = await command(["listen", "--url", "ws://127.0.0.1:1/stream", "--token", "x"]);
  expect(code).toBe(1);
  expect(err).toContain("127.0.0.1:1");
});
