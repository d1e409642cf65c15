// One `nx-signal dev` with an identity service that the tests of a file command, clients of it, and pushes to them.
import { afterAll, beforeAll } from "bun:test";
import { IgnisClient } from "./ignis_client";
import { Issuer } from "./issuer";
import { connectProducer, topic } from "./producer";
import { Signal, until } from "./signal";

export const created = "observation/signal/notification/created";

/** Of a file: the instance begins and ends with its tests. */
export function devStage(...flags: string[]) {
  const stage = {} as { issuer: Issuer; signal: Signal };
  beforeAll(async () => {
    stage.issuer = await Issuer.start();
    stage.signal = await start(...flags);
  });
  afterAll(async () => {
    await stage.signal.stop();
    stage.issuer.stop();
  });

  /** Another instance with the same identity service. */
  const start = (...more: string[]) => Signal.start({ flags: ["--jwks-url", stage.issuer.url, ...more] });
  const connect = async (userId: unknown, more: Record<string, unknown> = {}, at = stage.signal) =>
    IgnisClient.connect(at.ws, await stage.issuer.token({ userId, roles: [] }), more);

  /** Stores a row for each title in the inbox of `userId`. */
  const notify = async (userId: string, titles: string[]) => {
    const producer = await connectProducer(stage.signal.broker);
    const value = (title: string) =>
      JSON.stringify({ recipientScope: "users", recipientIds: [userId], type: "t", title });
    await producer.send({ topic, messages: titles.map((title) => ({ key: "k", value: value(title) })) });
    await producer.disconnect();
  };
  const unread = async (userId: string) => {
    const headers = { authorization: `Bearer ${await stage.issuer.token({ userId })}` };
    const response = await fetch(`${stage.signal.http}/v1/notifications/unread-count`, { headers });
    return (await response.json()) as { count: number; seq: number; epoch: string };
  };
  const stored = (userId: string, count: number) =>
    until(async () => (await unread(userId)).count === count, 30_000, `${count} unread rows of ${userId}`);

  /** What another service says in a room. */
  const say = (room: string, data: unknown, exclude?: string[]) =>
    stage.signal.publish(`ws:room:${room}`, {
      serverId: "emitter",
      type: "room",
      target: room,
      event: "said",
      data,
      ...(exclude && { exclude }),
    });
  /** A broadcast behind everything that was published: when it is there, so is what came before. */
  const settle = async (...clients: IgnisClient[]) => {
    const mark = crypto.randomUUID();
    await stage.signal.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "mark", data: mark });
    for (const client of clients) await client.waitFrame((frame) => frame.event === "mark" && frame.data === mark);
  };
  const heard = (client: IgnisClient) =>
    client.frames.filter((frame) => frame.event === "said").map((frame) => frame.data);

  return { stage, start, connect, notify, unread, stored, say, settle, heard };
}
