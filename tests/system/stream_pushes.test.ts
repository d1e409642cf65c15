// Whom a push reaches that another service publishes.
import { expect, test } from "bun:test";
import { devStage } from "./support/dev_stage";
import type { IgnisClient } from "./support/ignis_client";

const { stage, connect, settle, heard } = devStage("--ws-messages-per-second", "0");

/** Two clients of one user, and one of another. */
async function withThree(story: (clients: [IgnisClient, IgnisClient, IgnisClient]) => Promise<unknown[][]>) {
  const clients: [IgnisClient, IgnisClient, IgnisClient] = [
    await connect("five"),
    await connect("five"),
    await connect("other"),
  ];
  const expected = await story(clients);
  await settle(...clients);
  expect(clients.map(heard)).toEqual(expected);
  for (const client of clients) client.close();
}
const publish = (channel: string, message: unknown) => stage.signal.publish(channel, message);

test("a push to a user reaches each connection of the user and no other", () =>
  withThree(async () => {
    await publish("ws:user:five", { serverId: "emitter", type: "user", target: "five", event: "said", data: 1 });
    return [[1], [1], []];
  }));

test("a push to a client reaches that client alone", () =>
  withThree(async ([a]) => {
    const { id } = a.connected;
    await publish(`ws:client:${id}`, { serverId: "emitter", type: "client", target: id, event: "said", data: 1 });
    return [[1], [], []];
  }));

test("a broadcast reaches every client", () =>
  withThree(async () => {
    await publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "said", data: 1 });
    return [[1], [1], [1]];
  }));

test("an envelope with topic and destination reaches each connection of the user that it names", () =>
  withThree(async () => {
    await publish("ws:broadcast", { topic: "said", data: 1, destination: "five" });
    return [[1], [1], []];
  }));

test("an envelope with topic and destination reaches the client that it names", () =>
  withThree(async ([, b]) => {
    await publish("ws:broadcast", { topic: "said", data: 1, destination: b.connected.id });
    return [[], [1], []];
  }));

test.each([
  ["whose destination is null", "ws:broadcast", { topic: "said", data: 1, destination: null }],
  ["that is not JSON", "ws:broadcast", "not json"],
  ["without a target", "ws:user:five", { serverId: "emitter", type: "user", event: "said", data: 1 }],
])("an envelope %s reaches nobody", (_, channel, message) =>
  withThree(async () => {
    await publish(channel, message);
    return [[], [], []];
  }),
);
