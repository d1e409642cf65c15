// With Redis there, nothing of one notification is dropped, however many it is for.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisListener } from "../harness/redis_listener";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

afterEach(() => Instance.endAll());

test("with SIGNAL_BUS_COMPAT a hint for 50,000 users is 50,000 envelopes, and none is dropped", async () => {
  const world = new World();
  const members = 50_000;
  for (let n = 0; n < members; ++n)
    world.join(`0195a7f0-0000-7000-8000-${String(n).padStart(12, "0")}`, "Organizer", "big");
  const scene = await Scene.open({ env: { SIGNAL_BUS_COMPAT: "true" }, world });
  const listener = await RedisListener.start((scene.place.redis as RedisServer).port);
  await scene.ready();
  await scene.send([scene.history.good({ recipientScope: "org", organizerId: "big" }, {}, 0)]);
  const dropped = async () => (await scene.first.metrics()).sum("signal_bus_dropped_total");
  await eventually(
    async () => listener.heard.length + (await dropped()) >= members,
    60_000,
    () => `${members} envelopes, there are ${listener.heard.length}`,
  );
  expect({ heard: listener.heard.length, dropped: await dropped() }).toEqual({ heard: members, dropped: 0 });
  listener.end();
  console.log(`bus: with SIGNAL_BUS_COMPAT a hint for ${members} users: none dropped; ${await scene.close()}`);
});
