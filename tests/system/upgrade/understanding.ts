// What two instances tell each other over the bus: hints, changes of rows, questions of operators, revocations.
import { expect } from "bun:test";
import type { Instance } from "../harness/instance";
import { ask, bossOf, idOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import type { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

const clientsPath = "/v1/socket/websocket/clients";
const updated = "observation/signal/notification/updated";
let users = 0;

/** Both instances of the scene, each way. Returns what was shown. */
export async function holdUnderstanding(scene: Scene): Promise<string> {
  const [a, b] = scene.instances as [Instance, Instance];
  expect(scene.instances.length).toBe(2);
  await bothStore(a, b);
  const boss = await bossOf(scene);
  for (const [asked, other] of [
    [a, b],
    [b, a],
  ] as [Instance, Instance][]) {
    const user = `pair-${++users}`;
    const token = await scene.stack.issuer.token({ userId: user });
    const here = new StreamClient(user, token);
    const there = new StreamClient(user, token);
    await Promise.all([here.connect(asked.ws), there.connect(other.ws)]);
    const ids = await hints(scene, user, [here, there]);
    await changes(asked, there, ids[0]!);
    await operators(boss, asked, other, user, ids[1]!);
    await revocation(boss, asked, other, [here, there]);
  }
  return "hints, changes of rows, operators' questions and revocations went both ways";
}

/** Each has partitions, and has stored a batch of the traffic since now. */
async function bothStore(a: Instance, b: Instance): Promise<void> {
  for (const one of [a, b]) {
    const before = one.batches().length;
    await eventually(
      () => one.batches().length > before,
      60_000,
      () => `${one.name} to store; ${one.tail()}`,
    );
  }
}

/** A message on each partition, some stored here and some there, is heard live and with one position by both. */
async function hints(scene: Scene, user: string, pair: StreamClient[]): Promise<string[]> {
  const messages = Array.from({ length: scene.partitions }, (_, partition) => scene.note(partition, [user]));
  await scene.send(messages);
  const heard = (client: StreamClient) => messages.map((message) => client.heard(message.title!));
  await eventually(
    () => pair.every((client) => heard(client).every((hint) => hint?.live)),
    30_000,
    () => `the hints of ${user}; heard: ${pair.map((client) => heard(client).filter(Boolean).length)}`,
  );
  const [here, there] = pair.map((client) => heard(client).map((hint) => ({ id: hint!.id, seq: hint!.seq })));
  expect(here).toEqual(there!);
  return here!.map(({ id }) => id);
}

/** Rows that are marked at one instance are told to the clients of the other. */
async function changes(asked: Instance, there: StreamClient, id: string): Promise<void> {
  const answer = await fetch(`${asked.http}/v1/notifications/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${there.token}`, "content-type": "application/json" },
    body: '{"read":true}',
  });
  expect(answer.status).toBe(200);
  const told = () => there.other.some((frame) => frame.event === updated && frame.data.ids?.[0] === id);
  await eventually(told, 20_000, `${there.user} to be told of a mark at the other instance`);
}

/** A list has the clients of both; an explanation has what both did with the hint. */
async function operators(boss: string, asked: Instance, other: Instance, user: string, id: string): Promise<void> {
  const list = (await (await ask(asked, boss, `${clientsPath}?userId=${user}`)).json()) as any;
  expect({ count: list.count, missing: list.missing ?? [] }).toEqual({ count: 2, missing: [] });
  const both = [idOf(asked), idOf(other)].sort();
  expect(list.clients.map((client: { instance: string }) => client.instance).sort()).toEqual(both);
  const path = `/v1/notifications/${id}/explain?userId=${user}`;
  const explained = (await (await ask(asked, boss, path)).json()) as any;
  expect({ code: explained.code, missing: explained.missing }).toEqual({ code: "pushed", missing: [] });
  expect([...new Set(explained.pushes.map((push: { instance: string }) => push.instance))].sort()).toEqual(both);
}

/** A user who is disconnected at one instance is disconnected at the other, and both refuse the token. */
async function revocation(boss: string, asked: Instance, other: Instance, pair: StreamClient[]): Promise<void> {
  const { user, token } = pair[0]!;
  const answer = (await (await ask(asked, boss, `${clientsPath}?userId=${user}`, "DELETE")).json()) as any;
  // The other instance has answered; it may have read the revocation in the database, and closed, before the question.
  expect(answer.missing ?? []).toEqual([]);
  expect(answer.count).toBeGreaterThan(0);
  for (const client of pair) {
    await eventually(() => client.closed, 20_000, `${user} to be disconnected`);
    expect(client.closed!.code).toBe(4009);
    client.close();
  }
  for (const one of [asked, other]) {
    const refused = async () => (await ask(one, token, "/v1/notifications/unread-count")).status === 401;
    await eventually(refused, 20_000, `${one.name} to refuse the token of ${user}`);
  }
}
