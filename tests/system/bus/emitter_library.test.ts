// A C++ service outside the tree: installs the emitter, builds examples/emitter with find_package, and its push
// arrives. And `nx-signal emit`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Instance, run } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { ended } from "../support/ended";
import { binary } from "../support/signal";

const source = resolve(import.meta.dir, "../../..");
const sanitizers: Record<string, string> = { asan: "-fsanitize=address,undefined", tsan: "-fsanitize=thread" };
const folder = mkdtempSync(join(tmpdir(), "signal-emitter-"));
const nowhere = { SIGNAL_REDIS_URL: "redis://:no-such-secret@127.0.0.1:9" };

let scene: Scene;
let till: StreamClient; // of u1
beforeAll(async () => {
  scene = await Scene.open({ watch: ["u1"] });
  till = scene.clients[0]!;
  await scene.ready();
  await done(["cmake", "--install", dirname(binary), "--prefix", `${folder}/installed`, "--component", "emitter"]);
  await done(["cp", "-r", `${source}/examples/emitter`, `${folder}/push`]);
  const flags = sanitizers[process.env.NX_SIGNAL_PRESET ?? ""];
  const configure = `cmake -G Ninja -S ${folder}/push -B ${folder}/build -DCMAKE_PREFIX_PATH=${folder}/installed`;
  await done([...configure.split(" "), ...(flags ? [`-DCMAKE_CXX_FLAGS=${flags}`] : [])]);
  await done(["cmake", "--build", `${folder}/build`]);
});
afterAll(async () => {
  await Instance.endAll();
  rmSync(folder, { recursive: true });
});

const environment = () => ({ SIGNAL_REDIS_URL: scene.place.redis.url });

async function program(words: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  const child = Bun.spawn(words, {
    env: { ...(process.env as Record<string, string>), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const { code, out, error } = await ended(child);
  return { code, out: out + error };
}
async function done(words: string[]): Promise<void> {
  const { code, out } = await program(words);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${out}`);
}
const push = (...words: string[]) => program([`${folder}/build/push`, ...words], environment());
const emit = (...words: string[]) => run(["emit", ...words], environment());

/** What the till hears of what `publishes` publishes. */
async function heardOf(publishes: () => Promise<{ code: number }>): Promise<unknown[]> {
  const before = till.other.length;
  expect((await publishes()).code).toBe(0);
  expect((await emit("user", "u1", "last")).code).toBe(0);
  await eventually(() => till.other.slice(before).some((frame) => frame.event === "last"), 10_000, "the last push");
  return till.other.slice(before, -1);
}

test("a program outside the tree that is built with find_package pushes an event with its data", async () => {
  const heard = await heardOf(() => push("u1", "from C++", '{"amount": 12.50, "text": "Zażółć"}'));
  expect(heard).toEqual([{ event: "from C++", data: { amount: 12.5, text: "Zażółć" } }]);
});

test("a program outside the tree pushes an event without data", async () => {
  expect(await heardOf(() => push("u1", "without data"))).toEqual([{ event: "without data" }]);
});

test("a program outside the tree is refused data that is not JSON", async () => {
  expect((await push("u1", "e", "no json")).code).toBe(1);
});

test("a program outside the tree is told which Redis is not there, without its password", async () => {
  const away = await program([`${folder}/build/push`, "u1", "e"], nowhere);
  expect(away.code).toBe(1);
  expect(away.out).toContain("127.0.0.1:9");
  expect(away.out).not.toContain("no-such-secret");
});

test.each<[what: string, words: () => string[], heard: unknown[]]>([
  ["to a user", () => ["user", "u1", "e", "[1,2]"], [{ event: "e", data: [1, 2] }]],
  ["to a client without data", () => ["client", till.id, "e"], [{ event: "e" }]],
  ["to a room with null", () => ["room", "ws-default", "e", "null"], [{ event: "e", data: null }]],
  ["to all", () => ["broadcast", "e", '"text"'], [{ event: "e", data: "text" }]],
  ["to a room without the client", () => ["room", "ws-default", "e", "--exclude", till.id], []],
  ["to another user, whose id is a number", () => ["user", "5", "e", "--number"], []],
])("nx-signal emit pushes %s", async (_, words, heard) => {
  expect(await heardOf(() => emit(...words()))).toEqual(heard);
});

test("nx-signal emit of data that is not JSON ends with 2", async () => {
  expect((await emit("user", "u1", "e", "no json")).code).toBe(2);
});

test("nx-signal emit without an event ends with 2", async () => {
  expect((await emit("user")).code).toBe(2);
});

test("nx-signal emit without a Redis ends with 1", async () => {
  expect((await run(["emit", "user", "u1", "e"], nowhere)).code).toBe(1);
});

test("at the end every row is there once", async () => {
  console.log(`bus: pushes of a program outside the tree and of nx-signal emit: ${await scene.close()}`);
});
