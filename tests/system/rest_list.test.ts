// GET /v1/notifications and its rows, without filters.
import { beforeAll, expect, test } from "bun:test";
import { json, newest, restStage, total } from "./support/rest_stage";

const { stage, get, walk } = restStage();
let stranger: Record<string, string>;
beforeAll(async () => {
  stranger = { authorization: `Bearer ${await stage.signal.token("stranger")}` };
});

test("a list without parameters has the ten newest rows, newest first", async () => {
  const body = await json(await get("/v1/notifications"));
  expect(body.count).toBe(10);
  expect(body.data.map((row: any) => row.title)).toEqual(newest(10));
});

test("a list says in headers which of how many rows it has, and where the next are", async () => {
  const response = await get("/v1/notifications");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-range")).toBe(`records 0-9/${total}`);
  expect(response.headers.get("x-response-count")).toBe("10");
  expect(response.headers.get("x-response-format")).toBe("array");
  expect(response.headers.get("content-type")).toContain("application/json");
  expect(response.headers.get("link")).toContain('rel="next"');
});

test("a row has the members of the framework in their order, with the values of its message", async () => {
  const [row] = (await json(await get("/v1/notifications?limit=1"))).data;
  const members =
    "id key seq type title body data recipientScope organizerId merchantId actorId " +
    "occurredAt createdAt modifiedAt readAt archivedAt extra";
  expect(Object.keys(row)).toEqual(members.split(" "));
  expect(row).toMatchObject({
    key: `id-${total - 1}`,
    seq: total,
    data: { n: total - 1 },
    recipientScope: "users",
    occurredAt: "2026-01-02T03:04:05.000Z",
    actorId: "7",
    readAt: null,
  });
});

test("the links of a list lead through every row once", async () => {
  expect(await walk("/v1/notifications?limit=7")).toEqual(newest(total));
});

test("a list with since has the rows behind it in ascending order", async () => {
  const { data } = await json(await get("/v1/notifications?since=20&limit=100"));
  expect(data.map((row: any) => row.seq)).toEqual([21, 22, 23, 24, 25]);
});

test("with x-request-count: false the rows come without their envelope", async () => {
  const rows = await json(await get("/v1/notifications?limit=1", { "x-request-count": "false" }));
  expect(rows.map((row: any) => row.seq)).toEqual([total]);
});

test("a user's own row is answered by its id", async () => {
  const { id } = (await json(await get("/v1/notifications?limit=1"))).data[0];
  expect((await json(await get(`/v1/notifications/${id}`))).data.id).toBe(id);
});

test("another user's row is answered like one that does not exist", async () => {
  const { id } = (await json(await get("/v1/notifications?limit=1"))).data[0];
  for (const response of [
    await get(`/v1/notifications/${id}`, stranger),
    await get("/v1/notifications/0190c2a4-8e3b-7cde-8f01-23456789abcd"),
  ]) {
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ count: 0, data: null });
  }
});

test("a user without rows has an empty list", async () => {
  const empty = await get("/v1/notifications", stranger);
  expect(empty.headers.get("content-range")).toBe("records */0");
  expect(await empty.json()).toEqual({ count: 0, data: [] });
});

test("HEAD answers like GET without a body", async () => {
  const response = await get("/v1/notifications", {}, { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-range")).toBe(`records 0-9/${total}`);
  expect(await response.text()).toBe("");
});
