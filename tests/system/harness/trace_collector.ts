// What receives the spans of instances: an HTTP server that keeps every body, or answers with an error, or not at all.
// The bodies are read by the published Protobuf schema of OTLP (tests/otlp/decode.py).
import { resolve } from "node:path";

export type Span = {
  trace: string;
  id: string;
  parent: string; // empty: the first of its trace
  name: string;
  kind: string;
  flags: number;
  begin: string; // nanoseconds
  end: string;
  status: number;
  message: string;
  attributes: Record<string, string | number>;
  links: { trace: string; id: string }[];
  resource: Record<string, string>;
};

const root = resolve(import.meta.dir, "../../..");

export class TraceCollector {
  readonly bodies: string[] = [];
  requests = 0;
  /** A status, or "hang" for no answer. */
  answer: number | "hang" = 200;
  private readonly server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      ++this.requests;
      if (request.method !== "POST" || new URL(request.url).pathname !== "/v1/traces")
        return new Response("", { status: 404 });
      const body = await request.text();
      if (this.answer === "hang") return new Promise<Response>(() => undefined);
      if (this.answer === 200) this.bodies.push(body);
      return new Response("{}", { status: this.answer, headers: { "content-type": "application/json" } });
    },
  });

  get url() {
    return `http://127.0.0.1:${this.server.port}`;
  }
  async end() {
    await this.server.stop(true);
  }

  /** All spans so far, as the schema reads them. */
  async spans(): Promise<Span[]> {
    const decode = Bun.spawn([`${root}/build/otlp/bin/python`, `${root}/tests/otlp/decode.py`], {
      stdin: new Blob([this.bodies.map((body) => `${body}\n`).join("")]),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, error, code] = await Promise.all([
      new Response(decode.stdout).text(),
      new Response(decode.stderr).text(),
      decode.exited,
    ]);
    if (code !== 0) throw new Error(`tests/otlp/decode.py ended with ${code}: ${error}`);
    return JSON.parse(out);
  }
  async trace(id: string): Promise<Span[]> {
    return (await this.spans()).filter((span) => span.trace === id);
  }
}

/** Installs the schema, unless they are there. */
export async function installSchema(): Promise<void> {
  const install = Bun.spawn([`${root}/tests/otlp/install`, `${root}/build/otlp`], { stderr: "pipe" });
  const [error, code] = await Promise.all([new Response(install.stderr).text(), install.exited]);
  if (code !== 0) throw new Error(`tests/otlp/install ended with ${code}: ${error}`);
}

/** The trace as a tree, one span a line. `names`: of the instances, by their ids. */
export function tree(spans: Span[], root: string, names: Map<string, string>): string[] {
  const earliest = spans.reduce((least, span) => (BigInt(span.begin) < least ? BigInt(span.begin) : least), 1n << 63n);
  const ms = (from: bigint, to: bigint) => (Number(to - from) / 1e6).toFixed(2);
  const lines: string[] = [];
  const add = (parent: string, indent: string) => {
    const children = spans.filter((span) => span.parent === parent);
    children.sort((a, b) => Number(BigInt(a.begin) - BigInt(b.begin)));
    for (const span of children) {
      const [begin, end] = [BigInt(span.begin), BigInt(span.end)];
      const instance = names.get(span.resource["service.instance.id"]!) ?? "?";
      const facts = Object.entries(span.attributes)
        .filter(([name]) => /^signal\.|offset$|partition\.id$/.test(name))
        .map(([name, value]) => `${name.replace(/^.*\.(?=\w+$)/, "")}=${value}`);
      lines.push(
        `${indent}${span.name} [${instance}, ${span.kind.replace("SPAN_KIND_", "").toLowerCase()}] ` +
          `+${ms(earliest, begin)} ms, ${ms(begin, end)} ms, ${facts.join(" ")}`,
      );
      add(span.id, `${indent}  `);
    }
  };
  add(root, "");
  return lines;
}
