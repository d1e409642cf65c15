// Stands at the front door in a process of its own, so that whoever attacks does not slow what is measured: the
// balancer's probe from one address, and from another a till that gets in, end to end, again and again.   bun
// front_door_prober.ts HTTP-URL WS-URL   with the till's token in SIGNAL_TOKEN Writes `ready` when it has begun. Each
// line on stdin ends a part; its figures are one line of JSON.
import { createECDH } from "node:crypto";
import { RawClient } from "../support/raw_client";
import { patience, until } from "../support/signal";

export type Passage = { ms: number; problem: string | null };
export type Part = { probes: Passage[]; entries: Passage[] };

async function timed(pass: () => Promise<string | null>): Promise<Passage> {
  const began = performance.now();
  const problem = await pass().catch((error) => String(error));
  return { ms: performance.now() - began, problem };
}

async function probe(url: string): Promise<string | null> {
  const client = await RawClient.dial(url);
  const answer = new Promise<void>((resolve) =>
    client.socket.once("data", () => resolve()).once("close", () => resolve()),
  );
  client.write("GET /health/accept HTTP/1.1\r\nHost: balancer\r\nConnection: close\r\n\r\n");
  await Promise.race([answer, Bun.sleep(10_000 * patience)]);
  client.destroy();
  return client.status === 200 ? null : `answered ${client.status || "nothing"}`;
}

async function enter(url: string, token: string): Promise<string | null> {
  const client = await RawClient.upgrade(url, {}, "127.0.0.2");
  try {
    if (client.status !== 101) return `upgrade answered ${client.status || "nothing"}`;
    client.text({
      event: "authenticate",
      data: { token, clientPublicKey: createECDH("prime256v1").generateKeys("base64") },
    });
    const frame = await until(
      () => client.frames[0] ?? (client.ended && "the end"),
      10_000,
      "an answer to authenticate",
    );
    const said = frame === "the end" ? frame : frame.payload.toString("utf8");
    return said.startsWith('{"event":"connected"') ? null : `heard ${said.slice(0, 100)}`;
  } finally {
    client.destroy();
  }
}

async function main() {
  const [http, ws] = process.argv.slice(2) as [string, string];
  const token = process.env.SIGNAL_TOKEN!;
  let part: Part = { probes: [], entries: [] };
  const again = async (pass: () => Promise<string | null>, into: (passage: Passage) => void, everyMs: number) => {
    for (;;) {
      into(await timed(pass));
      await Bun.sleep(everyMs);
    }
  };
  void again(
    () => probe(http),
    (passage) => part.probes.push(passage),
    20,
  );
  void again(
    () => enter(ws, token),
    (passage) => part.entries.push(passage),
    50,
  );
  console.log("ready");
  for await (const _ of console) {
    console.log(JSON.stringify(part));
    part = { probes: [], entries: [] };
  }
  process.exit(0);
}

if (import.meta.main) await main();

/** The process, for a test. */
export class FrontDoorProber {
  private readonly child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  private readonly lines: AsyncIterator<string>;
  private constructor(http: string, ws: string, token: string) {
    this.child = Bun.spawn(["nice", "-n", "-20", process.execPath, import.meta.path, http, ws], {
      env: { ...process.env, SIGNAL_TOKEN: token },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.lines = linesOf(this.child.stdout);
  }
  /** It has priority over other processes, where that is allowed: otherwise it would measure its own wait for a core,
   *  and a connection that it opens and leaves silent for that time looks like one of the crowd. */
  static async start(http: string, ws: string, token: string): Promise<FrontDoorProber> {
    const prober = new FrontDoorProber(http, ws, token);
    if ((await prober.lines.next()).value !== "ready") throw new Error("the prober of the front door did not start");
    return prober;
  }
  /** What passed since the last part ended. */
  async part(): Promise<Part> {
    this.child.stdin.write("\n");
    this.child.stdin.flush();
    return JSON.parse((await this.lines.next()).value);
  }
  async end() {
    this.child.stdin.end();
    await this.child.exited;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** p50, p99 and the worst, in milliseconds. */
export function figures(passages: Passage[]): { p50: number; p99: number; worst: number; text: string } {
  const sorted = passages.map((passage) => passage.ms).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Infinity;
  const [p50, p99, worst] = [at(0.5), at(0.99), at(1)];
  return {
    p50,
    p99,
    worst,
    text: `${sorted.length}, p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, worst ${worst.toFixed(1)} ms`,
  };
}
