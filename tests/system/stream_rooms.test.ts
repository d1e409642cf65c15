// Who is in which room, and hears what is said there.
import { beforeAll, expect, test } from "bun:test";
import { devStage } from "./support/dev_stage";
import type { IgnisClient } from "./support/ignis_client";
import { addPolicies, removePolicies } from "./support/policies";
import { until } from "./support/signal";

const { stage, connect, say, settle, heard } = devStage("--ws-messages-per-second", "0");

beforeAll(() =>
  addPolicies(stage.signal.databasePath, [
    { subject: ["User", "amy"], target: ["Merchant", "shop"] },
    { subject: ["User", "ben"], target: ["Organizer", "chain"] },
    { variant: "group", subject: ["User", "old"], target: ["Merchant", "shop"] },
    { variant: "domain_inherits", subject: ["Merchant", "shop"], target: ["Organizer", "chain"] },
    { subject: ["User", "gone"], target: ["Merchant", "shop"], deleted: true },
    { subject: ["User", "leaver"], target: ["Merchant", "shop"] },
  ]),
);

/** `join` has no answer: what is said in the room tells when it was handled. */
async function joined(client: IgnisClient, room: string) {
  const joins = async () => {
    const probe = crypto.randomUUID();
    await say(room, probe);
    await settle(client);
    return heard(client).includes(probe);
  };
  await until(joins, 5_000, `${room} to be joined`);
}

test("a new client is in ws-default, in ws-notification and in the room of its own id", async () => {
  const client = await connect("amy");
  await say("ws-default", 1);
  await say("ws-notification", 2);
  await say(client.connected.id, 3);
  await say("ws-other", 4);
  await settle(client);
  expect(heard(client)).toEqual([1, 2, 3]);
  client.close();
});

test.each([
  ["a merchant's member", "amy", ["merchant:shop"]],
  ["a member of an organisation that a merchant inherits from", "ben", ["org:chain", "merchant:shop"]],
  ["a member by the variant `group`", "old", ["merchant:shop"]],
  ["a user whose membership was deleted", "gone", []],
])("%s that asks for many rooms is let into those of the policy rows alone", async (_, user, rooms) => {
  const client = await connect(user);
  const wanted = ["org:chain", "merchant:shop", "merchant:other", "ws:room:x", "anything", "", 5, "x".repeat(257)];
  client.send({ event: "join", data: { rooms: wanted } });
  for (const room of rooms) await joined(client, room);
  if (rooms.length === 0) await Bun.sleep(300);
  client.frames.length = 0;
  for (const room of ["org:chain", "merchant:shop", "merchant:other", "anything"]) await say(room, room);
  await settle(client);
  expect(heard(client)).toEqual(rooms);
  client.close();
});

/** Resolves when what was sent before it was handled. */
async function handled(client: IgnisClient) {
  client.send({ event: "ping" });
  await client.waitFrame((frame) => frame.event === "pong");
}

test("a client that left a room does not hear it, and another client of the same user does", async () => {
  const [leaves, stays] = [await connect("amy"), await connect("amy")];
  leaves.send({ event: "leave", data: { rooms: ["ws-default"] } });
  await handled(leaves);
  await say("ws-default", "said");
  await settle(leaves, stays);
  expect(heard(leaves)).toEqual([]);
  expect(heard(stays)).toEqual(["said"]);
  leaves.close();
  stays.close();
});

test("a client that leaves the room of its own id stays in it", async () => {
  const client = await connect("amy");
  client.send({ event: "leave", data: { rooms: [client.connected.id] } });
  await handled(client);
  await say(client.connected.id, "own");
  await settle(client);
  expect(heard(client)).toEqual(["own"]);
  client.close();
});

test("a push that excludes a client reaches the others of the room", async () => {
  const [excluded, other] = [await connect("amy"), await connect("amy")];
  await say("ws-notification", "said", [excluded.connected.id]);
  await settle(excluded, other);
  expect(heard(excluded)).toEqual([]);
  expect(heard(other)).toEqual(["said"]);
  excluded.close();
  other.close();
});

test("a client whose membership ended has left the room after a refresh", async () => {
  const client = await connect("leaver");
  client.send({ event: "join", data: { rooms: ["merchant:shop"] } });
  await joined(client, "merchant:shop");
  removePolicies(stage.signal.databasePath, "leaver");
  client.send({ event: "refresh", data: { token: await stage.issuer.token({ userId: "leaver" }) } });
  await client.waitFrame((frame) => frame.event === "refreshed");
  const left = async () => {
    client.frames.length = 0;
    await say("merchant:shop", "still?");
    await settle(client);
    return heard(client).length === 0;
  };
  await until(left, 10_000, "the room to be left");
  client.close();
});
