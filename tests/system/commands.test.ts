// The command line: exit codes, help, listen, migrate, and what `dev` allows itself.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bareEnvironment, binary, Signal, until } from "./support/signal";

const run = async (flags: string[], env: Record<string, string> = {}) => {
  const child = Bun.spawn([binary, ...flags], { env: { ...bareEnvironment, ...env }, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { out, err, code };
};
/** All that `check` needs, at addresses where nobody is. */
const whole = { SIGNAL_JWKS_URL: "http://127.0.0.1:9/jw-certs", SIGNAL_KAFKA_BROKERS: "127.0.0.1:9", SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "500", SIGNAL_REDIS_URL: "redis://127.0.0.1:9", SIGNAL_DATABASE_URL: "postgresql://127.0.0.1:9/d" };
const folder = mkdtempSync(join(tmpdir(), "signal-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("--help of every command is 0, --version too", async () => {
  for (const flags of [["--help"], ["--version"], ["dev", "--help"], ["listen", "--help"], ["notify", "--help"], ["migrate", "--help"], ["serve", "--help"], ["check", "--help"], ["conform", "--help"], ["config", "--help"], ["health", "--help"], ["man", "--help"], ["completion", "--help"]]) {
    const { out, code } = await run(flags);
    expect({ flags, code }).toEqual({ flags, code: 0 });
    expect(out.length).toBeGreaterThan(5);
  }
});

test("bad usage and configuration: exit 2, one line that names the key, the value and an example", async () => {
  expect((await run([])).code).toBe(2);
  expect((await run(["fly"])).code).toBe(2);
  const flag = await run(["dev", "--no-such-flag=hunter2"]);
  expect(flag.code).toBe(2);
  expect(flag.err).toContain("--no-such-flag");
  expect(flag.err).not.toContain("hunter2");
  const port = await run(["dev", "--http-port", "99999"]);
  expect(port.code).toBe(2);
  expect(port.err).toMatch(/--http-port.*99999.*for example/);
  expect(port.err.trim().split("\n").length).toBe(1);
  const unknown = await run(["dev"], { SIGNAL_HTTP_PROT: "1" });
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain("SIGNAL_HTTP_PROT: unknown setting; did you mean SIGNAL_HTTP_PORT?");
  for (const [flags, word] of [[["nope"], "nope"], [["serve", "extra"], "extra"], [["emit", "planet"], "planet"]] as const) {
    const { code, err } = await run([...flags]);
    expect({ word, code, named: err.includes(`'${word}'`) }).toEqual({ word, code: 2, named: true });
  }
  for (const [name, value] of [["SIGNAL_JWT_ISSUER", ""], ["SIGNAL_WS_MAX_MESSAGE_BYTES", "4294967296"], ["SIGNAL_HTTP_HOST", "not a host!"], ["SIGNAL_KAFKA_BROKERS", "127.0.0.1:notaport"],
    ["SIGNAL_CORS_ORIGINS", "pos.example"], ["SIGNAL_DATABASE_URL", "postgresql://h/d?pgbouncer=true"]] as const) {
    const { code, err } = await run(["check"], { ...whole, [name]: value });
    expect({ name, code, named: err.includes(name), example: err.includes("; for example "), lines: err.trim().split("\n").length }).toEqual({ name, code: 2, named: true, example: true, lines: 1 });
  }
  const other = await run(["check"], { ...whole, SIGNAL_DEPLOY_COLOUR: "blue", SIGNAL_LOG_FORMAT: "json" });
  expect(other.code).toBe(1);   // nothing is there to be reached
  expect(other.err.split("\n").filter((line) => line.includes("SIGNAL_DEPLOY_COLOUR")).length).toBe(1);
  expect((await run(["migrate"])).code).toBe(2);
  expect((await run(["listen"])).code).toBe(2);
});

test("a port that is taken: exit 1 with the address and the reason", async () => {
  const signal = await Signal.start();
  const second = await run(["dev", "--http-port", String(signal.port)]);
  expect(second.code).toBe(1);
  expect(second.err).toContain(String(signal.port));
  expect(second.err.toLowerCase()).toContain("in use");
  await signal.stop();
});

test("migrate says what it did, is safe twice and side by side", async () => {
  const url = `sqlite:${folder}/a.sqlite`;
  const first = await run(["migrate", "--database-url", url]);
  expect(first.code).toBe(0);
  expect(first.out + first.err).not.toBe("");
  expect((await run(["migrate", "--database-url", url])).code).toBe(0);
  const many = await Promise.all(Array.from({ length: 6 }, () => run(["migrate", "--database-url", `sqlite:${folder}/b.sqlite`])));
  expect(many.map((one) => one.code)).toEqual(Array(6).fill(0));
  const nowhere = await run(["migrate", "--database-url", "sqlite:/no/such/folder/x.sqlite"]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.err).toContain("/no/such/folder");
});

test("config --doc lists every key, as docs/configuration.md does", async () => {
  const { out, code } = await run(["config", "--doc"]);
  expect(code).toBe(0);
  for (const key of ["SIGNAL_HTTP_PORT", "SIGNAL_JWKS_URL", "SIGNAL_WS_TOKEN_EXPIRY", "SIGNAL_SHUTDOWN_GRACE_MS"]) expect(out).toContain(key);
  expect(readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8")).toContain(out);
});

test("bash completes commands, flags and values with the program's own script", async () => {
  const script = `${folder}/completion`;
  await Bun.write(script, (await run(["completion", "bash"])).out);
  const completed = (...words: string[]) => {
    const asked = `. ${script}; COMP_WORDS=(${["nx-signal", ...words].map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _nx_signal; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = Bun.spawnSync(["bash", "-c", asked]);
    expect(stderr.toString()).toBe("");
    return stdout.toString().trim().split("\n");
  };
  expect(completed("ser")).toEqual(["serve"]);
  expect(completed("serve", "--http-")).toEqual(["--http-host", "--http-port"]);
  expect(completed("serve", "--http-port", "0", "--log-level", "")).toEqual(["trace", "debug", "info", "warn", "error"]);
  expect(completed("emit", "b")).toEqual(["broadcast"]);
  expect(completed("emit", "room", "--ex")).toEqual(["--exclude"]);
});

test("--version names commit, build and libraries; the manual is in the language of man; config --env sets nothing", async () => {
  const version = (await run(["--version"])).out;
  expect(version).toMatch(/^nx-signal \d+\.\d+\.\d+\ncommit +([0-9a-f]{40}(\+changes)?|unknown)\nbuild +(Debug|Release), \S+ \d.*\nlinked +OpenSSL 3\.\S+, librdkafka \d.*\nbuilt with simdjson \d/);
  for (const page of ["nx-signal", "nx-signal.env"]) expect((await run(["man", page])).out).toStartWith(`.TH ${page.toUpperCase()} `);
  const lines = (await run(["config", "--env"])).out.split("\n");
  expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
  expect((await run(["config"])).code).toBe(2);
});

test("health: 0 while the instance answers, 1 when nobody does", async () => {
  const signal = await Signal.start();
  const asked = (probe: string, port: number) => run(["health", probe], { SIGNAL_ADMIN_LISTEN: "", SIGNAL_HTTP_PORT: String(port), SIGNAL_HTTP_HOST: "127.0.0.1" });
  for (const probe of ["live", "accept", "ready"]) expect(await asked(probe, signal.port)).toMatchObject({ code: 0, err: "" });
  expect((await asked("dead", signal.port)).code).toBe(2);
  await signal.stop();
  expect(await asked("live", signal.port)).toMatchObject({ code: 1, out: "" });
});

test("notify validates, counts, and says which line is wrong", async () => {
  const signal = await Signal.start();
  const child = Bun.spawn([binary, "notify", "--kafka-brokers", signal.broker], { stdin: "pipe", stdout: "pipe", stderr: "pipe", env: bareEnvironment });
  child.stdin.write('{"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"one"}\n{"recipientScope":"nobody"}\n');
  child.stdin.end();
  expect(await child.exited).toBe(1);
  expect(await new Response(child.stderr).text()).toContain("line 2");
  const away = await run(["notify", "--kafka-brokers", "127.0.0.1:1", "--scope", "users", "--to", "u1", "--type", "t", "--title", "x"]);
  expect(away.code).toBe(1);
  expect(away.err).toContain("127.0.0.1:1");
  await signal.stop();
});

test("listen prints each frame as a JSON line, ends with 0 on SIGINT, and tells why it was closed", async () => {
  const signal = await Signal.start();
  const token = await signal.token("u1");
  const child = Bun.spawn([binary, "listen", "--url", signal.ws, "--since", "0"], { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { ...bareEnvironment, SIGNAL_TOKEN: token } });
  let out = "";
  (async () => { const decoder = new TextDecoder(); for await (const chunk of child.stdout) out += decoder.decode(chunk, { stream: true }); })();
  await until(() => out.includes("caught-up"), 10_000, "caught-up");
  await signal.publish("ws:user:u1", { serverId: "emitter", type: "user", target: "u1", event: "hello", data: { "ü": [1, null] } });
  await until(() => out.includes("hello"), 10_000, "the push");
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  expect(lines[0].event).toBe("connected");
  expect(lines.at(-1)).toEqual({ event: "hello", data: { "ü": [1, null] } });
  child.kill("SIGINT");
  expect(await child.exited).toBe(0);
  const refused = await run(["listen", "--url", signal.ws, "--token", "x"]);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("4003");
  const nobody = await run(["listen", "--url", "ws://127.0.0.1:1/stream", "--token", "x"]);
  expect(nobody.code).toBe(1);
  expect(nobody.err).toContain("127.0.0.1:1");
  await signal.stop();
});

describe("dev", () => {
  let signal: Signal;
  beforeAll(async () => { signal = await Signal.start(); });
  afterAll(() => signal.stop());
  const raw = (head: string) => new Promise<string>((resolve, reject) => {
    const socket = connect(signal.port, "127.0.0.1", () => socket.write(head.replaceAll("\n", "\r\n") + "\r\n\r\n"));
    let text = "";
    socket.on("data", (chunk) => { text += chunk; socket.end(); });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });

  test("answers its own Host alone, a foreign Origin never, and side effects need the header", async () => {
    expect(await raw(`GET / HTTP/1.1\nHost: localhost:${signal.port}\nConnection: close`)).toContain(" 200 ");
    expect(await raw(`GET / HTTP/1.1\nHost: evil.example\nConnection: close`)).toContain(" 403 ");
    expect(await raw(`GET /dev/info HTTP/1.1\nHost: 127.0.0.1:${signal.port}\nOrigin: http://evil.example\nConnection: close`)).toContain(" 403 ");
    const upgrade = (more: string) => raw(`GET /stream HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n${more}`);
    expect(await upgrade(`Host: 127.0.0.1:${signal.port}`)).toContain(" 101 ");
    expect(await upgrade(`Host: 127.0.0.1:${signal.port}\nOrigin: http://evil.example`)).toContain(" 403 ");
    expect(await upgrade(`Host: evil.example\nOrigin: http://evil.example`)).toContain(" 403 ");
    const without = await fetch(signal.http + "/dev/token", { method: "POST", headers: { "content-type": "application/json" }, body: '{"userId":"u1"}' });
    expect(without.status).toBe(403);
    expect(await without.text()).toContain("x-signal-dev");
  });

  test("listens on loopback only", () => { expect(signal.address.startsWith("127.0.0.1:")).toBe(true); });

  test("serves its key set, and tokens of nx-signal-dev", async () => {
    const { keys } = await (await signal.fetch("/jw-certs")).json() as any;
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" });
    expect(keys[0]).not.toHaveProperty("d");
    const token = await signal.token("u1");
    expect(JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString())).toMatchObject({ iss: "nx-signal-dev", userId: "u1" });
  });

  test("the ready-to-paste lines are printed, with the URL and the broker's address", async () => {
    await until(() => signal.stdout.includes("kcat"), 5_000, "the welcome text");
    for (const part of [signal.http, signal.broker, "nx-signal notify", "nx-signal listen", "kcat", "curl", "not for production"]) expect(signal.stdout.toLowerCase()).toContain(part.toLowerCase());
  });

  test("the database is empty at each start unless --keep", async () => {
    const path = `${folder}/keep.sqlite`;
    const titles = async (flags: string[]) => {
      const one = await Signal.start({ database: path, flags });
      const token = await one.token("keeper");
      const client = await fetch(one.http + "/v1/notifications", { headers: { authorization: `Bearer ${token}` } });
      const body = await client.json() as any;
      Bun.spawnSync([binary, "notify", "--kafka-brokers", one.broker, "--scope", "users", "--to", "keeper", "--type", "t", "--title", "x"]);
      await until(async () => (await (await fetch(one.http + "/v1/notifications/unread-count", { headers: { authorization: `Bearer ${token}` } })).json() as any).count === body.count + 1, 10_000, "the row");
      await one.stop();
      return body.count;
    };
    expect(await titles([])).toBe(0);
    expect(await titles(["--keep"])).toBe(1);
    expect(await titles([])).toBe(0);
  });
});
