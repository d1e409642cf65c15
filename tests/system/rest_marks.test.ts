// Marks as read and as archived: the rows, the counters, the lists, and what the user's clients hear of them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { json, restStage, total } from "./support/rest_stage";

const { stage, get, send } = restStage();
const updated = "observation/signal/notification/updated";
const unread = async () => json(await get("/v1/notifications/unread-count"));
const idsOf = async (query: string) =>
  (await json(await get(`/v1/notifications?${query}`))).data.map((row: any) => row.id);
const patch = (id: string, body: unknown) => send("PATCH", `/v1/notifications/${id}`, body);
const read = async (body: unknown) => json(await send("POST", "/v1/notifications/read", body));

let id: string; // of the newest row
let client: IgnisClient;
beforeEach(async () => {
  [id] = await idsOf("limit=1");
  client = await IgnisClient.connect(stage.signal.ws, stage.token);
});
/** Every row is unread and in the list again. */
afterEach(async () => {
  client.close();
  for (const one of [...(await idsOf("limit=100")), ...(await idsOf("archived=true&limit=100"))])
    await patch(one, { read: false, archived: false });
  expect(await unread()).toMatchObject({ count: total, seq: total });
});

test("a row marked as read leaves the count and the list of unread rows", async () => {
  expect((await json(await patch(id, { read: true }))).data.readAt).toMatch(/Z$/);
  expect(await unread()).toMatchObject({ count: total - 1, seq: total });
  expect(await idsOf("unread=true&limit=100")).not.toContain(id);
  expect(await idsOf("limit=100")).toContain(id);
});

test("the user's clients hear which row was marked as read, and how many are unread", async () => {
  const { readAt } = (await json(await patch(id, { read: true }))).data;
  expect(await client.waitFrame((frame) => frame.event === updated)).toEqual({
    event: updated,
    data: { ids: [id], readAt },
    unread: total - 1,
  });
});

test("an archived row leaves the list for that of archived rows", async () => {
  await patch(id, { archived: true });
  expect(await idsOf("limit=100")).not.toContain(id);
  expect(await idsOf("archived=true")).toEqual([id]);
});

test("a row marked as unread and not archived counts again", async () => {
  await patch(id, { read: true, archived: true });
  await patch(id, { read: false, archived: false });
  expect((await unread()).count).toBe(total);
  expect(await idsOf("unread=true&limit=100")).toContain(id);
});

test("rows marked as read by their ids are counted once", async () => {
  const ids = await idsOf("limit=3");
  expect(await read({ ids })).toEqual({ count: 3 });
  expect(await read({ ids })).toEqual({ count: 0 });
});

test("all rows up to a position are marked as read, and the newer ones are not", async () => {
  expect(await read({ all: true, upTo: 10 })).toEqual({ count: 10 });
  expect((await unread()).count).toBe(total - 10);
});

test("after all rows are marked as read the user's clients hear of none unread", async () => {
  expect(await read({ all: true })).toEqual({ count: total });
  expect(await unread()).toMatchObject({ count: 0, seq: total });
  const all = await client.waitFrame((frame) => frame.data?.all === true && frame.data.upTo === total);
  expect(all).toMatchObject({ event: updated, unread: 0 });
});
