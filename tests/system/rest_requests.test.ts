// What the REST side refuses, and what it answers whatever is asked: tokens, paths, values, request ids, health.
import { expect, test } from "bun:test";
import { json, restStage } from "./support/rest_stage";

const { stage, get, send } = restStage();
const refused = [400, 422];

test.each([
  ["no token", () => undefined],
  ["a token that is none", () => "Bearer x"],
  ["the scheme in small letters", () => `bearer ${stage.token}`],
  ["another scheme", () => "Basic abc"],
])("a request with %s is answered 401 with the framework's text", async (_, authorization) => {
  const value = authorization();
  const response = await fetch(`${stage.signal.http}/v1/notifications`, {
    headers: value ? { authorization: value } : {},
  });
  expect(response.status).toBe(401);
  const message = "Authentication failed. Tried strategies: jwt";
  expect(await response.json()).toMatchObject({ message, statusCode: 401 });
});

test.each([
  ["GET", "/nope"],
  ["PUT", "/v1/notifications"],
  ["GET", "/v1/notifications/"],
  ["DELETE", "/v1/notifications/x"],
])("%s %s is answered 404", async (method, path) => {
  const response = await get(path, {}, { method });
  expect(response.status).toBe(404);
  expect(await json(response)).toMatchObject({ message: "URL NOT FOUND", statusCode: 404, path });
});

test.each([
  ["?limit=0", "limit"],
  ["?limit=101", "limit"],
  ["?limit=x", "limit"],
  ["?since=-1", "since"],
  ["?cursor=zzz", "cursor"],
  ["?unread=maybe", "unread"],
  ["?filter={", "filter"],
  ["?filter={%22limit%22:101}", "filter.limit"],
  ["?where={%22nope%22:1}", "nope"],
])("a list with %s is refused, and the answer names %s", async (query, field) => {
  const response = await get(`/v1/notifications${query}`);
  expect(refused).toContain(response.status);
  expect(JSON.stringify(await json(response))).toContain(field);
});

test.each(["{", "[]", '{"read":1}', "{}", '{"archived":"yes"}'])("a PATCH with %s is refused", async (body) => {
  const { id } = (await json(await get("/v1/notifications?limit=1&archived=false"))).data[0];
  expect(refused).toContain((await send("PATCH", `/v1/notifications/${id}`, body)).status);
});

test.each([
  "{}",
  '{"ids":[]}',
  '{"ids":["x"]}',
  '{"ids":"x"}',
  '{"all":false}',
  '{"all":true,"upTo":-1}',
  '{"ids":[5]}',
])("a mark as read with %s is refused", async (body) => {
  expect(refused).toContain((await send("POST", "/v1/notifications/read", body)).status);
});

test("a mark as read that is not JSON by its type is answered 415", async () => {
  const text = { "content-type": "text/plain" };
  expect((await get("/v1/notifications/read", text, { method: "POST", body: "x" })).status).toBe(415);
});

test("a valid x-request-id comes back", async () => {
  const response = await get("/health", { "x-request-id": "a-b_c=1" });
  expect(response.headers.get("x-request-id")).toBe("a-b_c=1");
});

test("instead of an invalid x-request-id a UUID comes back", async () => {
  const response = await get("/health", { "x-request-id": "bad id" });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("fifty requests over kept connections are answered", async () => {
  for (let n = 0; n < 50; ++n) expect((await get("/health")).status).toBe(200);
});

test("health says ok, and every probe is answered 200", async () => {
  expect(await json(await get("/health"))).toMatchObject({ status: "ok" });
  for (const path of ["/health/live", "/health/accept", "/health/ready"]) expect((await get(path)).status).toBe(200);
});
