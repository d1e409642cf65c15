// The language of filters on /v1/notifications (docs/rest.md), and filters that mean harm.
import { expect, test } from "bun:test";
import { json, newest, restStage, total } from "./support/rest_stage";

const { get, walk } = restStage();
const list = (filter: unknown) => get(`/v1/notifications?filter=${encodeURIComponent(JSON.stringify(filter))}`);
const titles = async (filter: unknown) => (await json(await list(filter))).data.map((row: any) => row.title);
const fewer = encodeURIComponent('{"data.n":{"lt":5}}');

test("a filter chooses rows, order, range and fields, and the answer counts all that match", async () => {
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
  const data = [21, 20].map((n) => ({ title: `n${n}`, data: { n } }));
  expect(await json(response)).toEqual({ count: 2, data });
});

test.each([
  ["between", { seq: { between: [2, 3] } }, ["n2", "n1"]],
  ["inq", { title: { inq: ["n1", "n7"] } }, ["n7", "n1"]],
  ["like", { title: { like: "n_0" } }, ["n20", "n10"]],
  ["iregexp", { title: { iregexp: "^N2[34]$" } }, ["n24", "n23"]],
  ["or and and", { or: [{ key: "id-5" }, { and: [{ seq: { gt: 1 } }, { seq: { lt: 3 } }] }] }, ["n5", "n1"]],
  ["null and equality", { body: null, actorId: 7, occurredAt: "2026-01-02T03:04:05Z", seq: { gt: 24 } }, ["n24"]],
])("a condition with %s finds its rows", async (_, where, found) => {
  expect(await titles({ where })).toEqual(found);
});

test("an order by title sorts the rows by their titles", async () => {
  expect(await titles({ where: { title: { inq: ["n1", "n7"] } }, order: ["title"] })).toEqual(["n1", "n7"]);
});

test("count answers how many rows match", async () => {
  expect(await json(await get(`/v1/notifications/count?where=${fewer}`))).toEqual({ count: 5 });
});

test("count without a condition is answered 422", async () => {
  expect((await get("/v1/notifications/count")).status).toBe(422);
});

test("find-one answers the first row that matches", async () => {
  const first = await json(await get(`/v1/notifications/find-one?where=${fewer}&fields=id,title`));
  expect(first).toEqual({ count: 1, data: { id: expect.any(String), title: "n4" } });
});

test("find-one answers no row where none matches", async () => {
  const none = await json(await get(`/v1/notifications/find-one?where=${encodeURIComponent('{"seq":99}')}`));
  expect(none).toEqual({ count: 0, data: null });
});

test("a row by its id has the fields that were asked for", async () => {
  const { id } = (await json(await get(`/v1/notifications/find-one?where=${fewer}`))).data;
  expect(await json(await get(`/v1/notifications/${id}?fields=title`))).toEqual({ count: 1, data: { title: "n4" } });
});

test("the links of a filtered list lead through every row that matches", async () => {
  const where = encodeURIComponent('{"data.n":{"lt":11}}');
  expect(await walk(`/v1/notifications?limit=4&where=${where}&fields=title`)).toEqual(newest(11, 10));
});

test.each([
  ["is not closed", "{"],
  ["names __proto__", '{"where":{"__proto__":1}}'],
  ["names constructor", '{"where":{"constructor":{"gt":1}}}'],
  ["has a NUL character", '{"where":{"title":"a\\u0000b"}}'],
  ["has an infinite number", '{"where":{"seq":1e999}}'],
  ["is nested too deeply", `{"where":${'{"and":['.repeat(9)}{}${"]}".repeat(9)}}`],
  ["has a text of 4 KiB", `{"where":{"title":"${"x".repeat(4096)}"}}`],
  ["has a look-ahead", '{"where":{"title":{"regexp":"(?=a)"}}}'],
  ["has an expression that grows", '{"where":{"title":{"regexp":"(a{200}){200}"}}}'],
  ["skips more than 10,000 rows", '{"skip":10001}'],
  ["includes relations", '{"include":[]}'],
  ["has 101 alternatives", `{"where":{"seq":{"inq":[${"1,".repeat(100)}1]}}}`],
  ["has SQL in its order", '{"order":["id; DROP TABLE x"]}'],
  ["has SQL in an id", '{"where":{"id":"x\' OR 1=1"}}'],
  ["has an operator that is not supported", '{"where":{"title":{"exists":true}}}'],
  ["is 3,000 brackets", "[".repeat(3000)],
])("a filter that %s is answered 400 or 422", async (_, filter) => {
  const started = Date.now();
  const response = await get(`/v1/notifications?filter=${encodeURIComponent(filter)}`);
  expect([400, 422]).toContain(response.status);
  expect((await json(response)).statusCode).toBe(response.status);
  expect(Date.now() - started).toBeLessThan(20_000);
});

test("an expression that other engines never finish is answered", async () => {
  expect(await titles({ where: { title: { regexp: "^(t+)+$" } } })).toEqual([]);
});
