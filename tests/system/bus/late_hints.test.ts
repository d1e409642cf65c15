// An instance that has lost Redis hears no hints of the others. Afterwards it reads what was stored meanwhile and sends
// the hints to its clients, whose sockets have stayed.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { RedisProxy } from "../harness/redis_proxy";
import { Scene } from "../harness/scene";

afterEach(() => Instance.endAll());

test("a hint that was lost while an instance had no Redis is heard once, soon after the bus is connected", async () => {
  const redis = await RedisServer.start();
  const proxy = await RedisProxy.start(redis.port);
  const scene = await Scene.open({ instances: 1, redis });
  const stores = scene.first;
  const cut = await scene.add({ env: { SIGNAL_REDIS_URL: proxy.url } });
  await scene.acquainted();
  const till = await scene.watch("till", cut);
  await scene.pulse();

  proxy.mode = "refuse";
  proxy.cut();
  const away = await eventually(() => cut.lines.findLast((line) => line.event === "bus away"), 20_000, "`bus away`");
  const sent = await scene.send(Array.from({ length: 9 }, (_, n) => scene.note(n % scene.partitions)));
  await scene.history.waitStored(scene.database, 30_000);
  const lost = sent.filter(({ partition, offset }) =>
    stores.batches().some((one) => one.partition === partition && one.first <= offset && offset <= one.last),
  );
  expect(lost.length).toBeGreaterThan(0);
  await Bun.sleep(500); // for what should not come
  expect(lost.filter(({ title }) => till.heard(title!))).toEqual([]);

  proxy.mode = "pass";
  const back = await eventually(
    () => cut.find((line) => line.event === "bus connected", away.at),
    20_000,
    "`bus connected`",
  );
  await eventually(
    () => sent.every(({ title }) => till.heard(title!)),
    20_000,
    () => `the hints that were lost; ${cut.tail()}`,
  );
  const heard = sent.map(({ title }) => till.hints.filter((hint) => hint.title === title));
  expect(heard.map((hints) => hints.length)).toEqual(sent.map(() => 1));
  expect(heard.every(([hint]) => hint!.live)).toBe(true);
  expect((await cut.metrics()).sum("signal_late_hints_total")).toBe(lost.length);
  const last = Math.max(...heard.map(([hint]) => hint!.at));
  console.log(
    `bus: ${lost.length} hints lost in a gap were heard ${((last - back.at) / 1000).toFixed(2)} s after ` +
      `\`bus connected\`; ${await scene.close({ live: false })}`,
  );
  await proxy.end();
  await redis.end();
});
