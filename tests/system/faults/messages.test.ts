// Messages at and beyond every bound: what can be stored is stored, what never can is set aside, and neighbours wait
// for neither.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readDeadLetters, type DeadLetterSeen } from "../harness/dead_letters";
import type { Message } from "../harness/history";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { World } from "../harness/world";

const users = (more: string) => `{"recipientScope":"users","recipientIds":["u1"],"type":"t",${more}}`;
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

const poison: [what: string, value: string][] = [
  ["U+0000 in the title", users('"title":"a\\u0000b"')],
  ["U+0000 in an unknown field", users('"title":"x","colour":"\\u0000"')],
  ["U+0000 in a name", users('"title":"x","a\\u0000":1')],
  ["a raw NUL byte", users('"title":"a\0b"')],
  ["a lone high surrogate in an id", users('"title":"x","actorId":"\\ud83d"')],
  ["a lone low surrogate in a name", users('"title":"x","data":{"\\udc00":1}')],
  ["1e200000 in data", users('"title":"x","data":{"n":1e200000}')],
  ["-1e200000 in an unknown field", users('"title":"x","n":-1e200000')],
  ["10,000 deep in data", users(`"title":"x","data":{"d":${deep(10_000)}}`)],
  ["10,000 deep at the top", deep(10_000)],
  ["65 deep", users(`"title":"x","data":{"d":${deep(70)}}`)],
  ["1 MiB of title", users(`"title":"${"a".repeat(1 << 20)}"`)],
  ["1 MiB of data", users(`"title":"x","data":{"a":"${"a".repeat(1 << 20)}"}`)],
  ["1 MiB of no JSON", "x".repeat(1 << 20)],
  ["U+FFFD before JSON", "\ufffd{"],
];

describe("messages at every bound", () => {
  let scene: Scene;
  let letters: Map<string, DeadLetterSeen>; // by partition and offset
  beforeAll(async () => {
    scene = await Scene.open({ watch: ["u1", "u2"], dlq: true, topic: { "max.message.bytes": "4194304" } });
    const { history } = scene;
    const sent = poison.flatMap(([, value], n) => [
      history.bad(value, n % 3),
      scene.note(n % 3),
      scene.note((n + 1) % 3),
    ]);
    const to = (...recipientIds: string[]) => ({ recipientScope: "users", recipientIds });
    sent.push(history.good(to("u1"), { data: { n: 1 }, emoji: "\ud83d\ude00" }));
    sent.push(history.good(to("u1", "u2"), { filler: "f".repeat(1 << 20) }));
    for (let from = 0; from < sent.length; from += 12) await scene.send(sent.slice(from, from + 12));
    const read = await readDeadLetters(scene.stack, scene.place.dlq!, poison.length);
    const placeOf = ({ headers }: DeadLetterSeen) => `${headers["signal.partition"]}/${headers["signal.offset"]}`;
    letters = new Map(read.map((letter) => [placeOf(letter), letter]));
  });
  afterAll(() => Instance.endAll());

  test.each(poison)("a message with %s is a dead letter with its reason, its topic and its bytes", (_, value) => {
    const one = scene.history.sent.find((sent) => sent.value === value)!;
    const letter = letters.get(`${one.partition}/${one.offset}`);
    expect(letter).toBeDefined();
    expect(letter!.headers["signal.reason"]).toMatch(/./);
    expect(letter!.headers["signal.topic"]).toBe(scene.place.topic);
    expect(letter!.value!.equals(Buffer.from(value))).toBe(true);
  });

  test("the neighbours of poison are stored", async () => {
    await scene.history.waitStored(scene.database, 30_000);
    await eventually(
      () => scene.first.count("message can never be handled") >= poison.length,
      20_000,
      "all poison to be logged",
    );
    expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
  });

  test("an unknown field of 1 MiB is dropped, and the row says so", async () => {
    const dropped = `SELECT extra::text FROM signal."ActivityNotification" WHERE extra ? '$dropped'`;
    expect((await scene.database.query(dropped)).length).toBe(1);
  });

  test("at the end every row is there once", async () => {
    console.log(`messages: ${poison.length} kinds of poison; ${await scene.close({ deadLetters: poison.length })}`);
  });
});

describe("messages to many", () => {
  const crowd = Array.from({ length: 100_000 }, (_, n) => `member-${n}`);
  const everybody = { recipientScope: "org", organizerId: "large" };
  let scene: Scene;
  let member: StreamClient, bystander: StreamClient;
  beforeAll(async () => {
    const world = new World();
    for (const user of crowd) world.join(user, "Organizer", "large");
    scene = await Scene.open({ world });
    [member, bystander] = [await scene.watch("member-7"), await scene.watch("bystander")];
  });
  afterAll(() => Instance.endAll());

  /** Sends messages of one partition; how many milliseconds later the till heard the last of them. */
  const heardAfter = async (till: StreamClient, messages: Message[]) => {
    const began = performance.now();
    await scene.send(messages);
    const title = messages.at(-1)!.title!;
    await eventually(
      () => till.heard(title),
      60_000,
      () => `the hint of ${title}; ${scene.first.tail()}`,
    );
    return (till.heard(title)!.at - began).toFixed(0);
  };

  test("a message to 10,000 users by name is heard", async () => {
    const scope = { recipientScope: "users", recipientIds: crowd.slice(0, 10_000) };
    const took = await heardAfter(member, [scene.history.good(scope, { id: "ten thousand" }, 0)]);
    console.log(`messages: 10,000 recipients heard after ${took} ms`);
  });

  test("a message to an organisation of 100,000 members is heard", async () => {
    const scope = { ...everybody, excludeUserIds: ["member-99999"] };
    const took = await heardAfter(member, [scene.history.good(scope, { id: "all" }, 0)]);
    console.log(`messages: 100,000 recipients heard after ${took} ms`);
  });

  test("a message behind one to 100,000 members, on the same partition, is heard", async () => {
    const second = scene.history.good(everybody, { id: "again" }, 0);
    const took = await heardAfter(bystander, [second, scene.note(0, ["bystander"])]);
    expect((await scene.first.health()).ready).toBe(200);
    console.log(`messages: one behind another 100,000 heard after ${took} ms`);
  });

  test("at the end each of the 210,000 rows is there once", async () => {
    expect(scene.history.rowsExpected()).toBe(10_000 + 99_999 + 100_000 + 1);
    console.log(`messages: to many: ${await scene.close({ waitMs: 60_000 })}`);
  });
});
