// The collector of traces hangs, is absent, or answers 503: hints are not delayed, and what does not fit is counted.
import { afterEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { freePort } from "../harness/free_ports";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { TraceCollector } from "../harness/trace_collector";
import { slowness } from "../support/signal";

afterEach(() => Instance.endAll());

const sampled = () => ({
  traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
});

async function story(name: string, url: string, count: number): Promise<{ scene: Scene; line: string }> {
  const scene = await Scene.open({ watch: ["u1"], env: { SIGNAL_OTLP_URL: url } });
  await scene.ready();
  const began = performance.now();
  const messages = Array.from({ length: count }, () => ({ ...scene.note(), headers: sampled() }));
  const till = scene.clients[0]!;
  // The next messages come when the till has heard those before: on a slow machine it would be a slow client otherwise.
  for (let at = 0; at < count; at += 250) {
    const some = messages.slice(at, at + 250);
    await scene.send(some);
    await eventually(
      () => some.every((message) => till.heard(message.title!)),
      60_000,
      () => `the hints from number ${at} on; ${scene.first.tail()}`,
    );
  }
  const lasted = (performance.now() - began) / 1000;
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
  return { scene, line: `fault: ${name}: ${count} hints heard in ${lasted.toFixed(1)} s` };
}
const spans = async (scene: Scene, outcome: string) =>
  (await scene.first.metrics()).sum("signal_trace_spans_total", { outcome });

/** Ends the scene; the instance must end in order although the collector does not take its spans. */
async function ended(scene: Scene): Promise<string> {
  const figures = await scene.close();
  expect(scene.warnings()).not.toContain("not everything ended in time");
  const at = (event: string) => scene.first.find((line) => line.event === event)!.at;
  return `ended ${((at("stopped") - at("stopping")) / 1000).toFixed(1)} s after SIGTERM; ${figures}`;
}

test("a collector that hangs costs spans, which are counted, and nothing else", async () => {
  const collector = new TraceCollector();
  collector.answer = "hang";
  // Five spans each: more than the queue (8,192) and the rings of two ingest threads, the poller and the shards hold.
  const { scene, line } = await story("collector of traces hangs", collector.url, 4_500);
  await eventually(async () => (await spans(scene, "no_room")) > 0, 20_000, "spans without room");
  const [noRoom, exported] = [await spans(scene, "no_room"), await spans(scene, "exported")];
  expect(exported).toBe(0);
  console.log(`${line}, ${noRoom} of 22500 spans dropped and counted; ${await ended(scene)}`);
  await collector.end();
});

test("without a collector spans wait, and its absence is logged once", async () => {
  const { scene, line } = await story("collector of traces absent", `http://127.0.0.1:${await freePort()}`, 100);
  const failed = async () => (await scene.first.metrics()).sum("signal_trace_requests_failed_total");
  await eventually(async () => (await failed()) >= 2, 20_000, "a second try");
  expect(scene.first.count("spans not exported")).toBe(1);
  console.log(`${line}; ${await ended(scene)}`);
});

test("a collector that answers 503 gets the same spans once it answers 200", async () => {
  const collector = new TraceCollector();
  collector.answer = 503;
  const { scene, line } = await story("collector of traces answers 503", collector.url, 100);
  await eventually(() => collector.requests >= 2, 20_000, "a second try");
  collector.answer = 200;
  await eventually(async () => (await spans(scene, "exported")) >= 500, 60_000 * slowness, "500 spans");
  expect(await spans(scene, "no_room")).toBe(0);
  console.log(`${line}, 500 spans exported later; ${await ended(scene)}`);
  await collector.end();
});
