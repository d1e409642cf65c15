// REST by way of a proxy beside REST without one: the same answers, to the limits.
import { expect } from "bun:test";
import { eventually } from "../harness/patience";
import type { Kind } from "./kinds";
import type { Stage } from "./stage";

/** Of the connection, or of the moment: not of the answer. */
const apart = [
  "connection",
  "keep-alive",
  "date",
  "server",
  "via",
  "alt-svc",
  "transfer-encoding",
  "content-length",
  "x-request-id",
];
const fields = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => !apart.includes(name)));

async function http2(url: string): Promise<string> {
  const child = Bun.spawn(
    ["curl", "-sk", "--http2", "-o", "/dev/null", "-w", "%{http_version} %{response_code}", url],
    { stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  return new Response(child.stdout).text();
}

export async function holdRest(stage: Stage, kind: Kind): Promise<void> {
  const proxy = stage.proxies.get(kind)!;
  const user = `reader ${kind.name}`;
  const authorization = `Bearer ${await stage.token(user)}`;
  for (let n = 0; n < 3; ++n) await stage.scene.send([stage.scene.note(undefined, [user])]);
  const count = async () =>
    (
      (await (await proxy.fetch("/v1/notifications/unread-count", { headers: { authorization } })).json()) as {
        count: number;
      }
    ).count;
  await eventually(async () => (await count()) === 3, 10_000, "three notifications");

  for (const [path, headers] of [
    ["/v1/notifications?limit=2", { authorization }],
    ["/v1/notifications", {}],
    ["/v1/none", { authorization }],
    ["/health/ready", {}],
    ["/metrics", {}],
    ["/v1/notifications?limit=1", { authorization, origin: "https://shop.example" }],
  ] as [string, Record<string, string>][]) {
    const [direct, through] = await Promise.all([
      fetch(stage.scene.first.http + path, { headers }),
      proxy.fetch(path, { headers }),
    ]);
    // The client speaks TLS with the proxy, so the URL in an error is https://… whoever answers.
    const body = (text: string) => text.replace(/"requestId":"[^"]*"/, "").replace(/"url":"https:\/\/[^/]*/, "");
    expect({ path, status: through.status, fields: fields(through.headers), body: body(await through.text()) }).toEqual(
      { path, status: direct.status, fields: fields(direct.headers), body: body(await direct.text()) },
    );
  }
  expect(
    (await proxy.fetch("/v1/notifications", { headers: { authorization, "x-request-id": "till-17" } })).headers.get(
      "x-request-id",
    ),
  ).toBe("till-17");

  const rows = (await (await proxy.fetch("/v1/notifications", { headers: { authorization } })).json()) as {
    data: { id: string }[];
  };
  const patched = await proxy.fetch(`/v1/notifications/${rows.data[0]!.id}`, {
    method: "PATCH",
    headers: { authorization, "content-type": "application/json" },
    body: '{"read":true}',
  });
  expect(patched.status).toBe(200);
  const read = await proxy.fetch("/v1/notifications/read", {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ ids: [rows.data[1]!.id] }),
  });
  expect([read.status, await read.json(), await count()]).toEqual([200, { count: 1 }, 1]);
  await holdLimits(stage, kind, authorization);
  if (kind.http2) expect(await http2(`${proxy.https}/health/accept`)).toBe("2 200");
}

/** What Signal takes, the proxy passes on (docs/security.md#bounds-against-overload); what Signal refuses for its
 *  size, nobody else answers in its place. */
async function holdLimits(stage: Stage, kind: Kind, authorization: string): Promise<void> {
  const proxy = stage.proxies.get(kind)!;
  const long = await stage.token("long", { more: "x".repeat(5_700) });
  expect(long.length).toBeGreaterThan(7_800);
  expect(long.length).toBeLessThanOrEqual(8_192);
  expect((await proxy.fetch("/v1/notifications", { headers: { authorization: `Bearer ${long}` } })).status).toBe(200);
  const filter = encodeURIComponent(
    JSON.stringify({ where: { title: { in: Array.from({ length: 40 }, (_, n) => `${"ä".repeat(45)}${n}`) } } }),
  );
  expect(filter.length).toBeGreaterThan(11_000);
  expect((await proxy.fetch(`/v1/notifications?filter=${filter}`, { headers: { authorization } })).status).toBe(200);
  const post = async (bytes: number) => {
    const answer = await proxy.fetch("/v1/notifications/read", {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: `{"ids":["${"x".repeat(bytes - 12)}"]}`,
    });
    return { status: answer.status, type: answer.headers.get("content-type") };
  };
  expect((await post(65_536)).status).toBe(422);
  expect(await post(65_537)).toMatchObject({ status: 413, type: expect.stringContaining("application/json") });
  expect((await post(100_000)).status).toBe(413);
  expect((await post(1_000_000)).status).toBe(413);
}
