// Nobody reads what the program prints: its pipe is full. Clients are served all the same, SIGTERM ends it in time, and
// what fits is there for a late reader.
import { afterEach, expect, test } from "bun:test";
import { freePort } from "../harness/free_ports";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { FullPipe } from "../harness/full_pipe";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { Stack } from "../harness/stack";
import { StreamClient } from "../harness/stream_client";
import { bareEnvironment, binary, patience } from "../support/signal";

const children: Bun.Subprocess[] = [];
const pipes: FullPipe[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null) child.kill("SIGKILL");
    await child.exited;
  }
  for (const pipe of pipes.splice(0)) pipe.end();
  await Instance.endAll();
  await Stack.shared();
});

/** With stdout and stderr at one full pipe. */
function spawn(command: string[], env: Record<string, string>): { child: Bun.Subprocess; pipe: FullPipe } {
  const pipe = new FullPipe();
  pipes.push(pipe);
  const child = Bun.spawn([binary, ...command], {
    env: { ...bareEnvironment, ...env },
    stdin: "ignore",
    stdout: pipe.writer,
    stderr: pipe.writer,
  });
  children.push(child);
  return { child, pipe };
}

const accepting = (port: number) =>
  eventually(
    async () =>
      (await fetch(`http://127.0.0.1:${port}/health/accept`, { signal: AbortSignal.timeout(1_000) })).status === 200,
    30_000,
    "the instance to accept clients",
  );

/** The exit code after SIGTERM, or `late`. */
async function stop(child: Bun.Subprocess): Promise<number | "late"> {
  child.kill("SIGTERM");
  return Promise.race([child.exited, Bun.sleep(25_000 * patience).then(() => "late" as const)]);
}

/** Ends with a refusal; each is a reason to write a line. */
async function refusedToken(url: string): Promise<number> {
  const socket = new WebSocket(url);
  return new Promise((resolve) => {
    socket.onopen = () =>
      socket.send(
        JSON.stringify({ event: "authenticate", data: { type: "Bearer", token: "a.b.c", clientPublicKey: "x" } }),
      );
    socket.onclose = (event) => resolve(event.code);
    socket.onerror = () => undefined;
  });
}

/** Everything that `serve` needs; the instance that made the tables has ended. */
async function emptyPlace(): Promise<Scene> {
  const scene = await Scene.open();
  await scene.first.stop();
  return scene;
}

test("while nobody reads the log of serve, clients hear what is sent, and SIGTERM ends it in order", async () => {
  const scene = await emptyPlace();
  const port = await freePort();
  const { child } = spawn(["serve"], { ...scene.env, SIGNAL_HTTP_PORT: String(port), SIGNAL_LOG_LEVEL: "trace" });
  await accepting(port);
  const url = `ws://127.0.0.1:${port}/stream`;
  const client = new StreamClient("u1", await scene.stack.issuer.token({ userId: "u1" }));
  await client.connect(url);
  // Strangers fill it.
  expect(await Promise.all(Array.from({ length: 40 }, () => refusedToken(url)))).toEqual(Array(40).fill(4003));
  const note = scene.note(0, ["u1"]);
  await scene.send([note]);
  await eventually(() => client.heard(note.title!), 30_000, "the hint");
  child.kill("SIGHUP"); // its line has no room either
  client.send({ event: "ping", id: 1 });
  await eventually(() => client.other.find((frame) => frame.event === "pong"), 10_000, "the pong");
  expect(await stop(child)).toBe(0);
  expect(client.closed).toMatchObject({ code: 1001 });
  client.close();
});

test("while nobody reads its log, a start-up of serve that fails ends with 1", async () => {
  const scene = await emptyPlace();
  const nowhere = { SIGNAL_KAFKA_TOPIC: "signal.nowhere", SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "2000" };
  const { child } = spawn(["serve"], { ...scene.env, ...nowhere });
  expect(await Promise.race([child.exited, Bun.sleep(25_000 * patience).then(() => "late")])).toBe(1);
});

test("while nobody reads its log, a start-up of serve that waits for Kafka ends with 0 at SIGTERM", async () => {
  const scene = await emptyPlace();
  await scene.stack.kafka.pause();
  const { child } = spawn(["serve"], { ...scene.env, SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "60000" });
  await Bun.sleep(1_500);
  expect(await stop(child)).toBe(0);
});

/** `nx-signal dev` in a folder of its own. */
async function inFolder(story: (start: () => ReturnType<typeof spawn>, port: number) => Promise<void>) {
  const folder = mkdtempSync(`${tmpdir()}/signal-dev-`);
  const port = await freePort();
  const line = `dev --http-port ${port} --database-url sqlite:${folder}/signal.sqlite --log-format json`;
  await story(() => spawn(line.split(" "), {}), port);
  rmSync(folder, { recursive: true, force: true });
}

test("while nobody reads the log of dev its page is served, and who reads later finds the lines", () =>
  inFolder(async (start, port) => {
    const { child, pipe } = start();
    await accepting(port);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    let text = "";
    await eventually(() => (text += pipe.read()).includes('"event":"listening"'), 10_000, "the lines");
    expect(await stop(child)).toBe(0);
  }));

test("dev ends with 0 at SIGTERM though nobody has read its log", () =>
  inFolder(async (start, port) => {
    const { child } = start();
    await accepting(port);
    expect(await stop(child)).toBe(0);
  }));
