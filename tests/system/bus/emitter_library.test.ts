// A C++ service outside the tree: installs the emitter, builds examples/emitter with find_package, and its push
// arrives. And `nx-signal emit`.
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Instance, run } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { binary } from "../support/signal";

afterEach(() => Instance.endAll());

const source = resolve(import.meta.dir, "../../..");
const sanitizers: Record<string, string> = { asan: "-fsanitize=address,undefined", tsan: "-fsanitize=thread" };

async function command(words: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  const child = Bun.spawn(words, {
    env: { ...(process.env as Record<string, string>), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: out + error };
}
async function done(words: string[], env: Record<string, string> = {}): Promise<void> {
  const { code, out } = await command(words, env);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${out}`);
}

test("a C++ program outside the tree pushes, and so does nx-signal emit", async () => {
  const scene = await Scene.open({ watch: ["u1"] });
  const till = scene.clients[0]!;
  await eventually(async () => (await scene.first.health()).ready === 200, 20_000, "ready");
  const folder = mkdtempSync(join(tmpdir(), "signal-emitter-"));
  await done(["cmake", "--install", dirname(binary), "--prefix", `${folder}/installed`, "--component", "emitter"]);
  await done(["cp", "-r", `${source}/examples/emitter`, `${folder}/push`]);
  const flags = sanitizers[process.env.NX_SIGNAL_PRESET ?? ""];
  await done([
    "cmake",
    "-G",
    "Ninja",
    "-S",
    `${folder}/push`,
    "-B",
    `${folder}/build`,
    `-DCMAKE_PREFIX_PATH=${folder}/installed`,
    ...(flags ? [`-DCMAKE_CXX_FLAGS=${flags}`] : []),
  ]);
  await done(["cmake", "--build", `${folder}/build`]);

  const env = { SIGNAL_REDIS_URL: scene.place.redis.url };
  await done([`${folder}/build/push`, "u1", "from C++", '{"amount": 12.50, "text": "Zażółć"}'], env);
  await done([`${folder}/build/push`, "u1", "without data"], env);
  const refused = await command([`${folder}/build/push`, "u1", "e", "no json"], env);
  expect(refused.code).toBe(1);
  const away = await command([`${folder}/build/push`, "u1", "e"], {
    SIGNAL_REDIS_URL: "redis://:no-such-secret@127.0.0.1:9",
  });
  expect({
    code: away.code,
    says: /127\.0\.0\.1:9/.test(away.out),
    secret: away.out.includes("no-such-secret"),
  }).toEqual({ code: 1, says: true, secret: false });

  const emit = (...words: string[]) => run(["emit", ...words], env);
  for (const words of [
    ["user", "u1", "to the user", "[1,2]"],
    ["client", till.id, "to the client"],
    ["room", "ws-default", "to the room", "null"],
    ["broadcast", "to all", '"text"'],
    ["room", "ws-default", "not to u1", "--exclude", till.id],
    ["user", "5", "to a number", "--number"],
  ]) {
    expect(await emit(...words)).toMatchObject({ code: 0 });
  }
  expect((await emit("user", "u1", "e", "no json")).code).toBe(2);
  expect((await emit("user")).code).toBe(2);
  expect((await run(["emit", "user", "u1", "e"], { SIGNAL_REDIS_URL: "redis://127.0.0.1:9" })).code).toBe(1);
  expect(await emit("user", "u1", "last")).toMatchObject({ code: 0 });
  await eventually(() => till.other.some((frame) => frame.event === "last"), 10_000, "the last push");
  expect(till.other).toEqual([
    { event: "from C++", data: { amount: 12.5, text: "Zażółć" } },
    { event: "without data" },
    { event: "to the user", data: [1, 2] },
    { event: "to the client" },
    { event: "to the room", data: null },
    { event: "to all", data: "text" },
    { event: "last" },
  ]);
  rmSync(folder, { recursive: true });
  console.log(
    `bus: a program outside the tree, built with find_package(NxSignalEmitter), and nx-signal emit: ` +
      `${till.other.length} pushes arrived as sent; ${await scene.close()}`,
  );
});
