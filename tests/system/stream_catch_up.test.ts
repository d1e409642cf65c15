// What a client gets that comes back with `since`.
import { beforeAll, expect, test } from "bun:test";
import { created, devStage } from "./support/dev_stage";
import type { Frame, IgnisClient } from "./support/ignis_client";
import { binary, until } from "./support/signal";

const { stage, connect, notify, unread, stored } = devStage("--ws-messages-per-second", "0");
const titlesTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, n) => `n${from + n}`);
const hints = (client: IgnisClient): Frame[] => client.frames.filter((frame) => frame.event === created);
const titles = (client: IgnisClient) => hints(client).map((hint) => hint.data.title);
const caughtUp = async (client: IgnisClient) => client.waitFrame((frame) => frame.event === "caught-up", 20_000);

beforeAll(async () => {
  await notify("absent", titlesTo(510));
  await notify("moved", ["n1", "n2"]);
  await stored("absent", 510);
  await stored("moved", 2);
});

test.each([-1, 1.5, "x", null, true, {}])(
  "a since of %p is answered `Invalid since` without a catch-up, and the connection stays",
  async (since) => {
    const client = await connect("amy", { since });
    const failed = await client.waitFrame((frame) => frame.event === "error");
    expect(failed).toEqual({ event: "error", data: { message: "Invalid since" } });
    client.send({ event: "ping" });
    await client.waitFrame((frame) => frame.event === "pong");
    expect(client.events()).toEqual(["error", "pong"]);
    client.close();
  },
);

test("who missed more than 500 rows gets the first 500 in order, and is told that there are more", async () => {
  const client = await connect("absent", { since: 0 });
  const done = await caughtUp(client);
  expect(done.data).toMatchObject({ count: 500, complete: false, seq: 500, unread: 510 });
  expect(titles(client)).toEqual(titlesTo(500));
  expect(hints(client).map((hint) => hint.seq)).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
  expect(client.frames.at(-1)).toBe(done);
  client.close();
});

test("who comes back with the 500th row gets the rest, and is told that this is all", async () => {
  const client = await connect("absent", { since: 500 });
  expect((await caughtUp(client)).data).toMatchObject({ count: 10, complete: true, seq: 510, unread: 510 });
  expect(titles(client)).toEqual(titlesTo(510, 500));
  client.close();
});

test("a position of the current epoch is caught up from", async () => {
  const { epoch } = await unread("moved");
  const client = await connect("moved", { since: 1, epoch });
  expect((await caughtUp(client)).data).toEqual({ count: 1, complete: true, seq: 2, unread: 2, epoch });
  expect(titles(client)).toEqual(["n2"]);
  client.close();
});

test("a position above the inbox is answered with the inbox's own, from which live hints go on", async () => {
  await notify("ahead", ["n1"]);
  await stored("ahead", 1);
  const { epoch } = await unread("ahead");
  const client = await connect("ahead", { since: 1_000_000 });
  expect((await caughtUp(client)).data).toEqual({ count: 0, complete: false, seq: 1, unread: 1, epoch });
  await notify("ahead", ["n2"]);
  await until(() => titles(client).includes("n2"), 20_000, "a live hint below the position that the client named");
  client.close();
});

test("after `migrate --new-epoch` a position of the old epoch gets every row, and REST names the new one", async () => {
  const { epoch } = await unread("moved");
  const url = `sqlite:${stage.signal.databasePath}`;
  const renewed = Bun.spawnSync([binary, "migrate", "--new-epoch", "--database-url", url]);
  expect(renewed.exitCode).toBe(0);
  const now = (await unread("moved")).epoch;
  expect(now).not.toBe(epoch);
  expect(renewed.stdout.toString()).toContain(`new epoch: ${now}`);

  const client = await connect("moved", { since: 2, epoch });
  expect((await caughtUp(client)).data).toEqual({ count: 2, complete: true, seq: 2, unread: 2, epoch: now });
  expect(titles(client)).toEqual(["n1", "n2"]);
  client.close();

  const headers = { authorization: `Bearer ${await stage.issuer.token({ userId: "moved" })}` };
  const list = await fetch(`${stage.signal.http}/v1/notifications`, { headers });
  expect(list.headers.get("x-inbox-epoch")).toBe(now);
});
