// Producers of other kinds than kafkajs: kcat, and `nx-signal notify`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { command } from "./support/command";
import { created } from "./support/dev_stage";
import { IgnisClient, type Frame } from "./support/ignis_client";
import { topic } from "./support/producer";
import { Signal } from "./support/signal";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const text =
  '{"recipientScope":"USER","recipientIds":["u1"],"type":"payment.success","title":"kcat",' +
  '"data":{"big":9007199254740993.10},"colour":"red"}';

let signal: Signal;
let client: IgnisClient;
let hint: Frame; // of kcat's message
beforeAll(async () => {
  signal = await Signal.start();
  client = await IgnisClient.connect(signal.ws, await signal.token("u1"));
  const words = `-P -b ${signal.broker} -t ${topic} -k key -H traceparent=${traceparent}`;
  execFileSync("kcat", words.split(" "), { input: text, stdio: ["pipe", "ignore", "ignore"] });
  hint = await client.waitFrame((frame) => frame.event === created);
});
afterAll(async () => {
  client.close();
  await signal.stop();
});

test("the hint of a message has the members of the framework in their order", () => {
  const members =
    "id key type title body data recipientScope organizerId merchantId actorId " +
    "occurredAt createdAt modifiedAt readAt archivedAt extra";
  expect(Object.keys(hint.data)).toEqual(members.split(" "));
  expect(hint).toMatchObject({ seq: 1, unread: 1 });
});

test("a scope in capitals is that scope, and an unknown field is kept in extra", () => {
  expect(hint.data).toMatchObject({
    key: null,
    type: "payment.success",
    title: "kcat",
    recipientScope: "users",
    extra: { colour: "red" },
  });
});

test("a number that no double holds is answered by REST digit for digit", async () => {
  const headers = { authorization: `Bearer ${await signal.token("u1")}` };
  const list = await (await fetch(`${signal.http}/v1/notifications`, { headers })).text();
  expect(list).toContain('"big":9007199254740993.10');
});

test("the record's header traceparent comes with the hint", () => {
  expect(hint.traceparent).toBe(traceparent);
});

test("a message of `nx-signal notify` is heard", async () => {
  const words = `notify --kafka-brokers ${signal.broker} --scope users --to u1,u2 --type T --title by-hand`;
  expect((await command(words.split(" "))).code).toBe(0);
  expect((await client.waitFrame((frame) => frame.data?.title === "by-hand")).unread).toBe(2);
});
