// The documents under /doc: whole, served as composed, valid for public tools, and complete. That answers and frames
// keep to them is held by contracts/guard.ts in every test.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Parser } from "@asyncapi/parser";
import { answerBreaches, breaches, checked } from "./contracts/answers";
import { documents } from "./contracts/documents";
import { busBreach, frameBreach } from "./contracts/frames";
import { Signal } from "./support/signal";

const root = resolve(import.meta.dir, "../..");
let signal: Signal;
beforeAll(async () => {
  signal = await Signal.start();
});
afterAll(() => signal.stop());

async function run(command: string[]) {
  const child = Bun.spawn(command, { cwd: import.meta.dir, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, text: out + error };
}

describe("the documents", () => {
  test("are served as they are composed from contracts/", async () => {
    const { openapi, asyncapi, explorer } = documents();
    expect(await (await fetch(`${signal.http}/doc/openapi.json`)).json()).toEqual(openapi);
    expect(await (await fetch(`${signal.http}/doc/asyncapi.json`)).json()).toEqual(asyncapi);
    expect(await (await fetch(`${signal.http}/doc/explorer`)).text()).toBe(explorer);
    expect({ openapi: openapi.openapi, asyncapi: asyncapi.asyncapi }).toEqual({ openapi: "3.1.0", asyncapi: "3.0.0" });
    for (const document of [openapi, asyncapi]) expect(JSON.stringify(document)).not.toContain(".schema.json");
  });

  test("the page has no script and nothing from elsewhere, and its policy allows none", async () => {
    const response = await fetch(`${signal.http}/doc/explorer`);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    // or a browser would ask for one
    const page = (await response.text()).replace('<link rel="icon" href="data:,">', "");
    expect(page.match(/<(script|link|img|iframe|object|embed|form)\b|\son\w+=|\bstyle=|url\(|@import/gi)).toBeNull();
    expect(
      [...page.matchAll(/(?:href|src)="([^"]*)"/g)]
        .map((match) => match[1]!)
        .filter((link) => !link.startsWith("#"))
        .sort(),
    ).toEqual(["asyncapi.json", "openapi.json"]);
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!));
    expect(
      [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]!).filter((link) => !anchors.has(link)),
    ).toEqual([]);
  });

  test("OpenAPI passes Redocly's recommended rules without a warning", async () => {
    const folder = mkdtempSync(join(tmpdir(), "signal-openapi-"));
    writeFileSync(join(folder, "openapi.json"), JSON.stringify(documents().openapi));
    const { code, text } = await run([
      "node",
      "node_modules/@redocly/cli/bin/cli.js",
      "lint",
      join(folder, "openapi.json"),
      "--config",
      "contracts/redocly.yaml",
      "--format",
      "json",
    ]);
    rmSync(folder, { recursive: true });
    const { totals, problems } = JSON.parse(text.slice(text.indexOf('{\n  "totals"'), text.lastIndexOf("}") + 1));
    expect(
      problems.map((problem: any) => `${problem.ruleId} ${problem.location[0]?.pointer} ${problem.message}`),
    ).toEqual([]);
    expect({ code, totals }).toEqual({ code: 0, totals: { errors: 0, warnings: 0, ignored: 0 } });
  }, 120_000);

  test("AsyncAPI passes the public parser", async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(documents().asyncapi));
    expect(document).toBeDefined();
    // 3.0 is what the tools of our clients read.
    expect(diagnostics.map((one) => [one.severity, one.code])).toEqual([[2, "asyncapi-latest-version"]]);
  });

  test("the TypeScript types are those of the shapes", async () => {
    expect(await run([join(root, "script/types"), "check"])).toMatchObject({ code: 0 });
  }, 120_000);

  test("every route of the program is documented, every documented one is there", async () => {
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".cpp") && !name.startsWith("dev/"),
    );
    const routes = sources.flatMap((name) => {
      const text = readFileSync(join(root, "src", name), "utf8");
      const constants = new Map(
        [...text.matchAll(/constexpr const char\*\s*(k\w+) = "(\/[^"]*)"/g)].map((match) => [match[1]!, match[2]!]),
      );
      return [...text.matchAll(/\badd\(\s*"(GET|POST|PATCH|DELETE|PUT)",\s*(?:"(\/[^"]*)"|(k\w+))/g)].map(
        (match) => `${match[1]} ${match[2] ?? constants.get(match[3]!)}`,
      );
    });
    const documented = Object.entries<any>(documents().openapi.paths).flatMap(([path, item]) =>
      ["get", "post", "patch", "delete", "put"]
        .filter((method) => item[method])
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.length).toBeGreaterThan(12);
    expect(routes.filter((route) => !documented.includes(route))).toEqual([]);
    for (const route of documented.filter((one) => !one.endsWith(" /metrics"))) {
      const [method, path] = route.split(" ") as [string, string];
      const { status } = await fetch(signal.http + path.replace(/\{\w+\}/g, "0190c2a4-8e3b-7cde-8f01-23456789abcd"), {
        method,
      });
      expect({ route, there: status !== 404 }).toEqual({ route, there: true });
    }
  });
});

describe("what the guard of all tests finds", () => {
  const headers = (more: Record<string, string> = {}) =>
    new Headers({ "content-type": "application/json", "x-request-id": "r", ...more });
  const counted = { count: 1, seq: 2, epoch: "e" };
  const of = (path: string, status: number, body: unknown, more: Record<string, string> = {}, method = "GET") =>
    answerBreaches(method, path, status, headers(more), JSON.stringify(body)).join("; ");

  test("an answer that is documented: nothing", () => {
    expect(of("/v1/notifications/unread-count", 200, counted)).toBe("");
    expect(
      of("/v1/nope", 404, { message: "URL NOT FOUND", statusCode: 404, requestId: "r", path: "/v1/nope", url: "u" }),
    ).toBe("");
  });
  test("an undocumented route, status, field, header, media type; a missing field or header", () => {
    expect(of("/v1/nope", 200, {})).toBe("the route is not documented");
    expect(of("/v1/notifications", 200, {}, {}, "PUT")).toBe("the route is not documented");
    expect(of("/v1/notifications/unread-count", 418, {})).toBe("the status is not documented");
    expect(of("/v1/notifications/unread-count", 500, {})).toBe("the status is not documented");
    expect(of("/v1/notifications/unread-count", 200, { ...counted, more: 1 })).toContain(
      'must NOT have additional properties {"additionalProperty":"more"}',
    );
    expect(of("/v1/notifications/unread-count", 200, { count: 1, seq: 2 })).toContain(
      "must have required property 'epoch'",
    );
    expect(of("/v1/notifications/unread-count", 200, { ...counted, count: -1 })).toContain("/count must be >= 0");
    expect(of("/v1/notifications/unread-count", 200, counted, { "x-secret": "s" })).toBe(
      "the header x-secret is not documented",
    );
    expect(of("/v1/notifications/unread-count", 200, counted, { "content-type": "text/plain" })).toBe(
      "the media type text/plain is not documented",
    );
    expect(
      of("/v1/notifications/unread-count", 503, {
        message: "m",
        statusCode: 503,
        requestId: "r",
        details: { path: "/" },
      }),
    ).toBe("the header retry-after is missing");
    expect(of("/v1/nope", 404, { error: "not found" })).toContain("must have required property 'message'");
  });
  test("a part of a row, where no fields were asked for", () => {
    const list = {
      "content-range": "records 0-0/1",
      "x-inbox-epoch": "e",
      "x-response-count": "1",
      "x-response-format": "array",
    };
    const part = JSON.stringify({ count: 1, data: [{ title: "t" }] });
    expect(answerBreaches("GET", "/v1/notifications", 200, headers(list), part, "?fields=title")).toEqual([]);
    expect(answerBreaches("GET", "/v1/notifications", 200, headers(list), part, "?limit=1").join()).toContain(
      "must have required property",
    );
  });
  test("frames and messages of the bus", () => {
    const caughtUp = { event: "caught-up", data: { count: 0, complete: true, seq: 0, unread: 0, epoch: "e" } };
    expect(frameBreach(caughtUp)).toBeNull();
    expect(frameBreach({ ...caughtUp, more: 1 })).toContain("additional properties");
    expect(frameBreach({ event: "caught-up", data: { ...caughtUp.data, seq: "0" } })).toContain(
      "/data/seq must be integer",
    );
    expect(frameBreach({ event: "error", data: { message: "Something new" } })).toContain(
      "must be equal to one of the allowed values",
    );
    expect(frameBreach({ event: "pushed", data: [1] })).toBeNull();
    expect(frameBreach({ event: "pushed", data: [1], secret: 1 })).toContain("additional properties");
    const id = "4ce589d1-9505-4355-868e-405ab8ed0253";
    expect(
      busBreach(
        "ws:user:u1",
        JSON.stringify({ serverId: id, type: "user", target: "u1", event: "e", seq: 1, unread: 1 }),
      ),
    ).toBeNull();
    expect(busBreach("ws:user:u1", JSON.stringify({ serverId: id, type: "user", event: "e" }))).toContain(
      "must have required property 'target'",
    );
    expect(
      busBreach("ws:user:u1", JSON.stringify({ serverId: id, type: "user", target: "u1", event: "e", token: "t" })),
    ).toContain("additional properties");
    expect(busBreach("signal:new", "{}")).toBe("the channel is not documented");
  });
  test("a breach fails its test even where its error was swallowed", async () => {
    const child = Bun.spawn([process.execPath, "test", "./contracts/swallowed.fixture.ts"], {
      cwd: import.meta.dir,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, error, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    const said = (out + error).replace(/\u001b\[[0-9;]*m/g, "");
    expect(code).toBe(1);
    expect(said).toContain("(fail) a wait that would swallow the breach");
    expect(said).toContain("(fail) a test that catches everything");
    expect(said).toContain("(pass) a test that comes afterwards");
    expect(said).toContain("1 breaches of the contracts, the first:\ncaught");
  });
  test("every answer is looked at", async () => {
    const before = checked;
    expect((await fetch(`${signal.http}/health`)).status).toBe(200);
    expect(checked).toBe(before + 1);
    expect(breaches).toEqual([]);
  });
});
