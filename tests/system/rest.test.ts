// Reading back: /v1/notifications and the health routes of the built binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { connectProducer, topic } from "./support/producer";
import { Signal, until } from "./support/signal";

let signal: Signal;
let token: string;
const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(signal.http + path, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } });
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  get(
    path,
    { "content-type": "application/json", ...headers },
    { method, body: typeof body === "string" ? body : JSON.stringify(body) },
  );
const json = async (response: Response) => (await response.json()) as any;
const total = 25;

beforeAll(async () => {
  signal = await Signal.start();
  token = await signal.token("reader");
  const producer = await connectProducer(signal.broker);
  for (let n = 0; n < total; ++n) {
    await producer.send({
      topic,
      messages: [
        {
          key: "k",
          value: JSON.stringify({
            recipientScope: "users",
            recipientIds: ["reader", "other"],
            type: "t",
            title: `n${n}`,
            id: `id-${n}`,
            data: { n },
            occurredAt: "2026-01-02T03:04:05Z",
            actorId: 7,
          }),
        },
      ],
    });
  }
  await producer.disconnect();
  await until(
    async () => (await json(await get("/v1/notifications/unread-count"))).count === total,
    20_000,
    "the rows",
  );
});
afterAll(() => signal.stop());

describe("list", () => {
  test("newest first, ten of them, in the shape of the framework", async () => {
    const response = await get("/v1/notifications");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-range")).toBe(`records 0-9/${total}`);
    expect(response.headers.get("x-response-count")).toBe("10");
    expect(response.headers.get("x-response-format")).toBe("array");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("link")).toContain('rel="next"');
    const body = await json(response);
    expect(body.count).toBe(10);
    expect(body.data.map((row: any) => row.title)).toEqual(Array.from({ length: 10 }, (_, n) => `n${total - 1 - n}`));
    expect(Object.keys(body.data[0])).toEqual([
      "id",
      "key",
      "seq",
      "type",
      "title",
      "body",
      "data",
      "recipientScope",
      "organizerId",
      "merchantId",
      "actorId",
      "occurredAt",
      "createdAt",
      "modifiedAt",
      "readAt",
      "archivedAt",
      "extra",
    ]);
    expect(body.data[0]).toMatchObject({
      key: `id-${total - 1}`,
      seq: total,
      data: { n: total - 1 },
      recipientScope: "users",
      occurredAt: "2026-01-02T03:04:05.000Z",
      actorId: "7",
      readAt: null,
    });
  });

  test("Link leads through every row exactly once", async () => {
    const titles: string[] = [];
    let path: string | null = "/v1/notifications?limit=7";
    while (path) {
      const response: Response = await get(path);
      titles.push(...(await json(response)).data.map((row: any) => row.title));
      path = response.headers.get("link")?.match(/<([^>]+)>; rel="next"/)?.[1] ?? null;
      if (path?.startsWith("http")) path = path.slice(path.indexOf("/v1"));
    }
    expect(titles).toEqual(Array.from({ length: total }, (_, n) => `n${total - 1 - n}`));
  });

  test("since walks upwards; x-request-count: false unwraps", async () => {
    const rows = await json(await get("/v1/notifications?since=20&limit=100", { "x-request-count": "false" }));
    expect(rows.map((row: any) => row.seq)).toEqual([21, 22, 23, 24, 25]);
  });

  test("a user sees only their own: a foreign id is as one that does not exist", async () => {
    const mine = (await json(await get("/v1/notifications?limit=1"))).data[0].id;
    expect((await json(await get(`/v1/notifications/${mine}`))).data.id).toBe(mine);
    const stranger = await signal.token("stranger");
    const foreign = await fetch(`${signal.http}/v1/notifications/${mine}`, {
      headers: { authorization: `Bearer ${stranger}` },
    });
    expect(foreign.status).toBe(200);
    expect(await foreign.json()).toEqual({ count: 0, data: null });
    expect(await json(await get("/v1/notifications/0190c2a4-8e3b-7cde-8f01-23456789abcd"))).toEqual({
      count: 0,
      data: null,
    });
    const empty = await fetch(`${signal.http}/v1/notifications`, { headers: { authorization: `Bearer ${stranger}` } });
    expect(empty.headers.get("content-range")).toBe("records */0");
    expect(await empty.json()).toEqual({ count: 0, data: [] });
  });
});

describe("marks", () => {
  test("PATCH moves read and archived, the counters and the list follow, the user's sessions hear it", async () => {
    const client = await IgnisClient.connect(signal.ws, token);
    const row = (await json(await get("/v1/notifications?limit=1"))).data[0];
    const read = (await json(await send("PATCH", `/v1/notifications/${row.id}`, { read: true }))).data;
    expect(read.readAt).toMatch(/Z$/);
    expect(await json(await get("/v1/notifications/unread-count"))).toMatchObject({ count: total - 1, seq: total });
    const heard = await client.waitFrame((frame) => frame.event === "observation/signal/notification/updated");
    expect(heard).toEqual({
      event: "observation/signal/notification/updated",
      data: { ids: [row.id], readAt: read.readAt },
      unread: total - 1,
    });
    expect(
      (await json(await get("/v1/notifications?unread=true&limit=100"))).data.some((one: any) => one.id === row.id),
    ).toBe(false);
    await send("PATCH", `/v1/notifications/${row.id}`, { archived: true });
    expect((await json(await get("/v1/notifications?limit=100"))).data.some((one: any) => one.id === row.id)).toBe(
      false,
    );
    expect((await json(await get("/v1/notifications?archived=true"))).data.map((one: any) => one.id)).toEqual([row.id]);
    await send("PATCH", `/v1/notifications/${row.id}`, { read: false, archived: false });
    expect((await json(await get("/v1/notifications/unread-count"))).count).toBe(total);
    client.close();
  });

  test("POST read marks ids once, then all", async () => {
    const client = await IgnisClient.connect(signal.ws, token);
    const ids = (await json(await get("/v1/notifications?limit=3"))).data.map((row: any) => row.id);
    expect(await json(await send("POST", "/v1/notifications/read", { ids }))).toEqual({ count: 3 });
    expect(await json(await send("POST", "/v1/notifications/read", { ids }))).toEqual({ count: 0 });
    expect(await json(await send("POST", "/v1/notifications/read", { all: true, upTo: 10 }))).toEqual({ count: 10 });
    expect(await json(await send("POST", "/v1/notifications/read", { all: true }))).toEqual({ count: total - 13 });
    expect(await json(await get("/v1/notifications/unread-count"))).toMatchObject({ count: 0, seq: total });
    const all = await client.waitFrame((frame) => frame.data?.all === true && frame.data.upTo === total);
    expect(all).toMatchObject({ event: "observation/signal/notification/updated", unread: 0 });
    client.close();
  });
});

describe("filters", () => {
  const list = (filter: unknown, more = "") =>
    get(`/v1/notifications?filter=${encodeURIComponent(JSON.stringify(filter))}${more}`);
  const titles = async (filter: unknown) => (await json(await list(filter))).data.map((row: any) => row.title);

  test("where, order, limit, skip and fields, with the range among all that match", async () => {
    const response = await list({
      limit: 2,
      skip: 3,
      order: ["data.n DESC"],
      where: { "data.n": { gte: 2 } },
      fields: ["title", "data"],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-range")).toBe(`records 3-4/${total - 2}`);
    expect(response.headers.get("x-response-count")).toBe("2");
    expect(await json(response)).toEqual({
      count: 2,
      data: [
        { title: "n21", data: { n: 21 } },
        { title: "n20", data: { n: 20 } },
      ],
    });
  });

  test("every kind of operator finds its rows", async () => {
    expect(await titles({ where: { seq: { between: [2, 3] } } })).toEqual(["n2", "n1"]);
    expect(await titles({ where: { title: { inq: ["n1", "n7"] } }, order: ["title"] })).toEqual(["n1", "n7"]);
    expect(await titles({ where: { title: { like: "n_0" } } })).toEqual(["n20", "n10"]);
    expect(await titles({ where: { title: { iregexp: "^N2[34]$" } } })).toEqual(["n24", "n23"]);
    expect(
      await titles({ where: { or: [{ key: "id-5" }, { and: [{ seq: { gt: 1 } }, { seq: { lt: 3 } }] }] } }),
    ).toEqual(["n5", "n1"]);
    expect(await titles({ where: { body: null, actorId: 7, occurredAt: "2026-01-02T03:04:05Z" }, limit: 1 })).toEqual([
      "n24",
    ]);
  });

  test("count, find-one and {id}", async () => {
    const where = encodeURIComponent('{"data.n":{"lt":5}}');
    expect(await json(await get(`/v1/notifications/count?where=${where}`))).toEqual({ count: 5 });
    expect((await get("/v1/notifications/count")).status).toBe(422);
    const first = await json(await get(`/v1/notifications/find-one?where=${where}&fields=id,title`));
    expect(first).toMatchObject({ count: 1, data: { title: "n4" } });
    expect(await json(await get(`/v1/notifications/${first.data.id}?fields=title`))).toEqual({
      count: 1,
      data: { title: "n4" },
    });
    expect(await json(await get("/v1/notifications/find-one?where=%7B%22seq%22%3A99%7D"))).toEqual({
      count: 0,
      data: null,
    });
  });

  test("Link leads through a filter, too", async () => {
    let path: string | null =
      `/v1/notifications?limit=4&where=${encodeURIComponent('{"data.n":{"lt":11}}')}&fields=title`;
    const found: string[] = [];
    while (path) {
      const response: Response = await get(path);
      found.push(...(await json(response)).data.map((row: any) => row.title));
      path = response.headers.get("link")?.match(/<([^>]+)>; rel="next"/)?.[1] ?? null;
    }
    expect(found).toEqual(Array.from({ length: 11 }, (_, n) => `n${10 - n}`));
  });

  test("hostile ones are 400 or 422 within two seconds", async () => {
    const deep = '{"and":['.repeat(9) + "{}" + "]}".repeat(9);
    for (const filter of [
      "{",
      '{"where":{"__proto__":1}}',
      '{"where":{"constructor":{"gt":1}}}',
      '{"where":{"title":"a\\u0000b"}}',
      '{"where":{"seq":1e999}}',
      `{"where":${deep}}`,
      `{"where":{"title":"${"x".repeat(4096)}"}}`,
      '{"where":{"title":{"regexp":"(?=a)"}}}',
      `{"where":{"title":{"regexp":"(a{200}){200}"}}}`,
      '{"skip":10001}',
      '{"include":[]}',
      `{"where":{"seq":{"inq":[${"1,".repeat(100)}1]}}}`,
      '{"order":["id; DROP TABLE x"]}',
      '{"where":{"id":"x\' OR 1=1"}}',
      '{"where":{"title":{"exists":true}}}',
      "[".repeat(3000),
    ]) {
      const started = Date.now();
      const response = await get(`/v1/notifications?filter=${encodeURIComponent(filter)}`);
      expect([filter, [400, 422].includes(response.status)]).toEqual([filter, true]);
      expect((await json(response)).statusCode).toBe(response.status);
      expect(Date.now() - started).toBeLessThan(20_000);
    }
    expect(await titles({ where: { title: { regexp: "^(t+)+$" } } })).toEqual([]);
  });
});

describe("bad input", () => {
  test("no token, a bad token: 401 with the framework's text", async () => {
    for (const authorization of [undefined, "Bearer x", "bearer " + token, "Basic abc"]) {
      const response = await fetch(signal.http + "/v1/notifications", {
        headers: authorization ? { authorization } : {},
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        message: "Authentication failed. Tried strategies: jwt",
        statusCode: 401,
      });
    }
  });
  test("unknown path or method: 404, never 405", async () => {
    for (const [method, path] of [
      ["GET", "/nope"],
      ["PUT", "/v1/notifications"],
      ["GET", "/v1/notifications/"],
      ["DELETE", "/v1/notifications/x"],
    ] as const) {
      const response = await get(path, {}, { method });
      expect(response.status).toBe(404);
      expect(await json(response)).toMatchObject({ message: "URL NOT FOUND", statusCode: 404, path });
    }
  });
  test("bad values are named", async () => {
    for (const [path, field] of [
      ["?limit=0", "limit"],
      ["?limit=101", "limit"],
      ["?limit=x", "limit"],
      ["?since=-1", "since"],
      ["?cursor=zzz", "cursor"],
      ["?unread=maybe", "unread"],
      ["?filter={", "filter"],
      ["?filter={%22limit%22:101}", "filter.limit"],
      ["?where={%22nope%22:1}", "nope"],
    ] as const) {
      const response = await get("/v1/notifications" + path);
      expect([400, 422]).toContain(response.status);
      expect(JSON.stringify(await json(response))).toContain(field);
    }
    const id = (await json(await get("/v1/notifications?limit=1&archived=false"))).data[0].id;
    for (const body of ["{", "[]", '{"read":1}', "{}", '{"archived":"yes"}']) {
      expect([400, 422]).toContain((await send("PATCH", `/v1/notifications/${id}`, body)).status);
    }
    for (const body of [
      {},
      { ids: [] },
      { ids: ["x"] },
      { ids: "x" },
      { all: false },
      { all: true, upTo: -1 },
      { ids: [5] },
    ]) {
      expect([400, 422]).toContain((await send("POST", "/v1/notifications/read", body)).status);
    }
    expect(
      (await get("/v1/notifications/read", { "content-type": "text/plain" }, { method: "POST", body: "x" })).status,
    ).toBe(415);
  });
  test("x-request-id is echoed when valid, else a UUID", async () => {
    expect((await get("/health", { "x-request-id": "a-b_c=1" })).headers.get("x-request-id")).toBe("a-b_c=1");
    expect((await get("/health", { "x-request-id": "bad id" })).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
  test("HEAD answers as GET without a body; keep-alive serves many", async () => {
    const response = await get("/v1/notifications", {}, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    for (let n = 0; n < 50; ++n) expect((await get("/health")).status).toBe(200);
  });
});

test("health tells the truth", async () => {
  expect(await json(await get("/health"))).toMatchObject({ status: "ok" });
  for (const path of ["/health/live", "/health/accept", "/health/ready"]) expect((await get(path)).status).toBe(200);
});

test("operators: dev alone, as over several instances", async () => {
  const boss = { authorization: `Bearer ${await signal.token("boss", { roles: ["999_super-admin"] })}` };
  const path = "/v1/socket/websocket/clients";
  const clients = [
    await IgnisClient.connect(signal.ws, await signal.token("out")),
    await IgnisClient.connect(signal.ws, await signal.token(7)),
    await IgnisClient.connect(signal.ws, await signal.token("out")),
  ];
  const ids = clients.map((client) => client.connected.id);
  expect((await get(path)).status).toBe(403);
  expect((await get(path, { authorization: "" })).status).toBe(401);
  const list = await json(await get(`${path}?limit=100`, boss));
  expect(list.clients.map((one: any) => one.id).filter((id: string) => ids.includes(id))).toEqual([...ids].sort());
  expect(list.clients.find((one: any) => one.id === ids[1]).userId).toBe(7);
  expect(list.missing).toBeUndefined();
  expect((await json(await get(`${path}/${ids[0]}`, boss))).userId).toBe("out");
  expect(await json(await get(`${path}/${ids[0]}`, boss, { method: "DELETE" }))).toEqual({ count: 1 });
  expect((await clients[0]!.waitClosed()).code).toBe(4009);
  const kick = await json(await get(`${path}?userId=out`, boss, { method: "DELETE" }));
  expect(kick).toEqual({ count: 1, revokedAt: expect.any(Number) });
  expect((await clients[2]!.waitClosed()).code).toBe(4009);
  expect((await get(path, boss, { method: "DELETE" })).status).toBe(400);
  clients[1]!.close();
});
