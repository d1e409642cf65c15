// The command line and the settings: help, exit codes, and what is said about a bad setting.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { command } from "./support/command";
import { Signal } from "./support/signal";

/** All that `check` needs, at addresses where nobody is. */
const whole = {
  SIGNAL_JWKS_URL: "http://127.0.0.1:9/jw-certs",
  SIGNAL_KAFKA_BROKERS: "127.0.0.1:9",
  SIGNAL_KAFKA_BOOT_TIMEOUT_MS: "500",
  SIGNAL_REDIS_URL: "redis://127.0.0.1:9",
  SIGNAL_DATABASE_URL: "postgresql://127.0.0.1:9/d",
};
const linesOf = (text: string) => text.trim().split("\n");

test.each([
  "--help",
  "--version",
  "dev --help",
  "listen --help",
  "notify --help",
  "migrate --help",
  "serve --help",
  "check --help",
  "conform --help",
  "config --help",
  "metrics --help",
  "health --help",
  "replay --help",
  "man --help",
  "completion --help",
])("nx-signal %s prints something and ends with 0", async (line) => {
  const { out, code } = await command(line.split(" "));
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(5);
});

test.each([
  ["without a command", ""],
  ["with an unknown command", "fly"],
  ["with `migrate` and no database", "migrate"],
  ["with `listen` and no URL", "listen"],
])("nx-signal %s ends with 2", async (_, line) => {
  expect((await command(line.split(" ").filter(Boolean))).code).toBe(2);
});

test.each([
  ["nope", "nope"],
  ["serve extra", "extra"],
  ["emit planet", "planet"],
])("nx-signal %s ends with 2 and names %s", async (line, word) => {
  const { code, err } = await command(line.split(" "));
  expect({ code, named: err.includes(`'${word}'`) }).toEqual({ code: 2, named: true });
});

test("an unknown flag is named without its value, which may be a secret", async () => {
  const { code, err } = await command(["dev", "--no-such-flag=hunter2"]);
  expect(code).toBe(2);
  expect(err).toContain("--no-such-flag");
  expect(err).not.toContain("hunter2");
});

test("a bad value of a flag is said in one line with the flag, the value and an example", async () => {
  const { code, err } = await command(["dev", "--http-port", "99999"]);
  expect(code).toBe(2);
  expect(err).toMatch(/--http-port.*99999.*for example/);
  expect(linesOf(err).length).toBe(1);
});

test("an unknown setting is named beside the one that was meant", async () => {
  const { code, err } = await command(["dev"], { SIGNAL_HTTP_PROT: "1" });
  expect(code).toBe(2);
  expect(err).toContain("SIGNAL_HTTP_PROT: unknown setting; did you mean SIGNAL_HTTP_PORT?");
});

test.each([
  ["SIGNAL_JWT_ISSUER", ""],
  ["SIGNAL_WS_MAX_MESSAGE_BYTES", "4294967296"],
  ["SIGNAL_HTTP_HOST", "not a host!"],
  ["SIGNAL_KAFKA_BROKERS", "127.0.0.1:notaport"],
  ["SIGNAL_CORS_ORIGINS", "pos.example"],
  ["SIGNAL_DATABASE_URL", "postgresql://h/d?pgbouncer=true"],
])("the setting %s=%p is refused in one line with an example", async (name, value) => {
  const { code, err } = await command(["check"], { ...whole, [name]: value });
  expect({
    code,
    named: err.includes(name),
    example: err.includes("; for example "),
    lines: linesOf(err).length,
  }).toEqual({ code: 2, named: true, example: true, lines: 1 });
});

test("a variable that resembles no setting is said in one line, and the command goes on", async () => {
  const { code, err } = await command(["check"], {
    ...whole,
    SIGNAL_DEPLOY_COLOUR: "blue",
    SIGNAL_LOG_FORMAT: "json",
  });
  expect(code).toBe(1); // nothing is there to be reached
  expect(linesOf(err).filter((line) => line.includes("SIGNAL_DEPLOY_COLOUR")).length).toBe(1);
});

test("a port that is taken ends the command with 1, the address and the reason", async () => {
  const signal = await Signal.start();
  const second = await command(["dev", "--http-port", String(signal.port)]);
  expect(second.code).toBe(1);
  expect(second.err).toContain(String(signal.port));
  expect(second.err.toLowerCase()).toContain("in use");
  await signal.stop();
});

test("config --doc prints every key, as docs/configuration.md has it", async () => {
  const { out, code } = await command(["config", "--doc"]);
  expect(code).toBe(0);
  for (const key of ["SIGNAL_HTTP_PORT", "SIGNAL_JWKS_URL", "SIGNAL_WS_TOKEN_EXPIRY", "SIGNAL_SHUTDOWN_GRACE_MS"])
    expect(out).toContain(key);
  expect(readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8")).toContain(out);
});

test("metrics --doc prints docs/metrics.md", async () => {
  const { out, code } = await command(["metrics", "--doc"]);
  expect(code).toBe(0);
  expect(out).toBe(readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8"));
});
