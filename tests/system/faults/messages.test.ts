// Messages at and beyond every bound: what can be stored is stored, what never can is set aside, and neighbours wait
// for neither.
import { afterEach, expect, test } from "bun:test";
import { readDeadLetters } from "../harness/dead_letters";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

afterEach(() => Instance.endAll());

const users = (more: string) => `{"recipientScope":"users","recipientIds":["u1"],"type":"t",${more}}`;
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

test("what can never be stored: NUL, lone surrogates in ids and names, 1e200000, JSON 10,000 deep, 1 MiB: set aside with its reason, neighbours are stored", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"], dlq: true, topic: { "max.message.bytes": "4194304" } });
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
    ["invalid UTF-8 is not JSON", "\ufffd{"],
  ];
  const sent = [];
  for (const [n, [, value]] of poison.entries())
    sent.push(scene.history.bad(value, n % 3), scene.note(n % 3), scene.note((n + 1) % 3));
  sent.push(
    scene.history.good({ recipientScope: "users", recipientIds: ["u1"] }, { data: { n: 1 }, emoji: "\ud83d\ude00" }),
  );
  sent.push(
    scene.history.good({ recipientScope: "users", recipientIds: ["u1", "u2"] }, { filler: "f".repeat(1 << 20) }),
  );
  const began = performance.now();
  for (let from = 0; from < sent.length; from += 12) await scene.send(sent.slice(from, from + 12));
  await scene.history.waitStored(scene.database, 30_000);
  const stored = (performance.now() - began) / 1000;
  await eventually(() => scene.first.count("message can never be handled") >= poison.length, 20_000, "all poison");
  const letters = await readDeadLetters(scene.stack, scene.place.dlq!, poison.length);
  const places = new Map(
    letters.map((letter) => [`${letter.headers["signal.partition"]}/${letter.headers["signal.offset"]}`, letter]),
  );
  for (const one of scene.history.sent.filter((message) => message.title === null)) {
    const letter = places.get(`${one.partition}/${one.offset}`);
    expect({
      poison: one.value.slice(0, 90),
      letter: letter !== undefined,
      reason: Boolean(letter?.headers["signal.reason"]),
      topic: letter?.headers["signal.topic"],
      same: letter?.value?.equals(Buffer.from(one.value)),
    }).toEqual({ poison: one.value.slice(0, 90), letter: true, reason: true, topic: scene.place.topic, same: true });
  }
  const dropped = await scene.database.query(
    `SELECT extra::text FROM signal."ActivityNotification" WHERE extra ? '$dropped'`,
  );
  expect(dropped.length).toBe(1);
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
  console.log(
    `messages: ${poison.length} kinds of poison (up to 1 MiB) set aside, their ${sent.length - poison.length} ` +
      `neighbours stored after ${stored.toFixed(1)} s; ${await scene.close({ deadLetters: poison.length })}`,
  );
});

test("10,000 recipients by name, and an organisation of 100,000: each row once, and others are heard meanwhile", async () => {
  const world = new World();
  const crowd = Array.from({ length: 100_000 }, (_, n) => `member-${n}`);
  for (const user of crowd) world.join(user, "Organizer", "large");
  const scene = await Scene.open({ world, watch: ["member-7", "bystander"] });
  const named = scene.history.good(
    { recipientScope: "users", recipientIds: crowd.slice(0, 10_000) },
    { id: "ten thousand" },
    0,
  );
  const large = scene.history.good(
    { recipientScope: "org", organizerId: "large", excludeUserIds: ["member-99999"] },
    { id: "all" },
    0,
  );
  const [member, bystander] = scene.clients as [(typeof scene.clients)[0], (typeof scene.clients)[0]];
  const heard = async (title: string) => {
    await eventually(() => member!.heard(title), 60_000, `the hint of ${title}; ${scene.first.tail()}`);
    return member!.heard(title)!.at;
  };
  let began = performance.now();
  await scene.send([named]);
  const namedAfter = (await heard(named.title!)) - began;
  began = performance.now();
  await scene.send([large]);
  const largeAfter = (await heard(large.title!)) - began;
  // A second one to everybody, and behind it, on the same partition, somebody else's.
  const second = scene.history.good({ recipientScope: "org", organizerId: "large" }, { id: "again" }, 0);
  const behind = scene.note(0, ["bystander"]);
  began = performance.now();
  await scene.send([second, behind]);
  await eventually(() => bystander!.heard(behind.title!), 60_000, "the bystander's hint");
  const behindAfter = bystander!.heard(behind.title!)!.at - began;
  expect((await scene.first.health()).ready).toBe(200);
  console.log(
    `messages: 10,000 recipients heard after ${namedAfter.toFixed(0)} ms, 100,000 after ${largeAfter.toFixed(0)} ` +
      `ms, one behind another 100,000 after ${behindAfter.toFixed(0)} ms; ` +
      `${await scene.close({ waitMs: 60_000 })}`,
  );
});
