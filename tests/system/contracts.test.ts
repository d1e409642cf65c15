// The documents under /doc: whole, served as composed, valid for public tools, and complete. That answers and frames
// keep to them is held by contracts/guard.ts in every test: contracts_guard.test.ts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Parser } from "@asyncapi/parser";
import { documents } from "./contracts/documents";
import { ended } from "./support/ended";
import { Signal } from "./support/signal";

const root = resolve(import.meta.dir, "../..");
let signal: Signal;
beforeAll(async () => {
  signal = await Signal.start({ env: { SIGNAL_ADMIN_PAGE: "true" } });
});
afterAll(() => signal.stop());

async function run(command: string[]) {
  const child = Bun.spawn(command, { cwd: import.meta.dir, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const { code, out, error } = await ended(child);
  return { code, text: out + error };
}

test("the documents are served as they are composed from contracts/", async () => {
  const { openapi, asyncapi, explorer } = documents();
  expect(await (await fetch(`${signal.http}/doc/openapi.json`)).json()).toEqual(openapi);
  expect(await (await fetch(`${signal.http}/doc/asyncapi.json`)).json()).toEqual(asyncapi);
  expect(await (await fetch(`${signal.http}/doc/explorer`)).text()).toBe(explorer);
  expect({ openapi: openapi.openapi, asyncapi: asyncapi.asyncapi }).toEqual({ openapi: "3.1.0", asyncapi: "3.0.0" });
  for (const document of [openapi, asyncapi]) expect(JSON.stringify(document)).not.toContain(".schema.json");
});

test("the explorer has no script and nothing from elsewhere, and its policy allows none", async () => {
  const response = await fetch(`${signal.http}/doc/explorer`);
  expect(response.headers.get("content-security-policy")).toMatch(
    new RegExp(
      "^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'$",
    ),
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
  expect([...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]!).filter((link) => !anchors.has(link))).toEqual(
    [],
  );
});

test("the OpenAPI document passes Redocly's recommended rules without a warning", async () => {
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

test("the AsyncAPI document passes the public parser", async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(documents().asyncapi));
  expect(document).toBeDefined();
  // 3.0 is what the tools of our clients read.
  expect(diagnostics.map((one) => [one.severity, one.code])).toEqual([[2, "asyncapi-latest-version"]]);
});

test("the TypeScript types are those of the shapes", async () => {
  expect(await run([join(root, "script/types"), "check"])).toMatchObject({ code: 0 });
}, 120_000);

const documented = Object.entries<any>(documents().openapi.paths).flatMap(([path, item]) =>
  ["get", "post", "patch", "delete", "put"]
    .filter((method) => item[method])
    .map((method) => `${method.toUpperCase()} ${path}`),
);

test("every route that the program adds is documented", () => {
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
  expect(routes.length).toBeGreaterThan(12);
  expect(routes.filter((route) => !documented.includes(route))).toEqual([]);
});

/** The path with the examples of its parameters. */
function examplePath(path: string): string {
  const { paths, components } = documents().openapi;
  const parameters: any[] = (paths[path].parameters ?? []).map((one: any) =>
    one.$ref ? components.parameters[one.$ref.split("/").at(-1)] : one,
  );
  return path.replace(/\{(\w+)\}/g, (_, name) => parameters.find((one) => one.name === name)?.example ?? "0190c2a4");
}

test.each(documented.filter((one) => !one.endsWith(" /metrics")))("the documented route %s is there", async (route) => {
  const [method, path] = route.split(" ") as [string, string];
  expect((await fetch(signal.http + examplePath(path), { method })).status).not.toBe(404);
});
