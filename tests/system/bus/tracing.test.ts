// One trace from the Kafka record to the frame, across two instances, read by the published Protobuf schema of OTLP.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Message } from "../harness/history";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { TraceCollector, installSchema, tree, type Span } from "../harness/trace_collector";

const producer = "b7ad6b7169203331"; // the span of the producer
let scene: Scene;
let collector: TraceCollector;
let first: Instance, second: Instance;
beforeAll(async () => {
  await installSchema();
  collector = new TraceCollector();
  const env = { SIGNAL_OTLP_URL: collector.url, SIGNAL_TRACE_RATIO: "1" };
  scene = await Scene.open({ instances: 2, env });
  [first, second] = scene.instances as [Instance, Instance];
  await scene.acquainted();
  await scene.watch("u1", first);
  await scene.watch("u2", second);
});
afterAll(async () => {
  await collector.end();
  await Instance.endAll();
});

const newTrace = () => randomBytes(16).toString("hex");
const sampled = (trace: string, flags = "01") => ({ traceparent: `00-${trace}-${producer}-${flags}` });

/** Sends it; resolves when both tills have heard it. */
async function heard(message: Message): Promise<void> {
  await scene.send([message]);
  await eventually(
    () => scene.clients.every((till) => till.heard(message.title!)),
    20_000,
    () => `"${message.title}" at both tills; ${first.tail()}\n${second.tail()}`,
  );
}
const named = (spans: Span[], name: string | RegExp) =>
  spans.filter((span) => (typeof name === "string" ? span.name === name : name.test(span.name)));
const instanceOf = (span: Span) => span.resource["service.instance.id"]!;

/** The spans of a trace once it has `frames` spans for frames. */
async function traced(trace: string, frames: number): Promise<Span[]> {
  let spans: Span[] = [];
  await eventually(
    async () =>
      named((spans = await collector.trace(trace)), "frame").length >= frames && named(spans, /^process /).length > 0,
    20_000,
    () => `${frames} frames in trace ${trace}; it has ${spans.map((span) => span.name)}`,
  );
  return spans;
}
/** Names of the instances by the id that their spans carry. */
const names = () =>
  new Map(
    [first, second].map((instance) => [
      String(instance.find((line) => line.event === "listening")!.instance),
      instance.name,
    ]),
  );

/** Below the producer's span: process; resolve, store and publish below it; below publish a frame on each instance. */
function checkTree(spans: Span[], channel: string, parent = producer) {
  const [process] = named(spans, `process ${scene.place.topic}`);
  const [publish] = named(spans, `publish ${channel}`);
  const frames = named(spans, "frame");
  expect(spans.map((span) => span.name).sort()).toEqual(
    [`process ${scene.place.topic}`, "resolve", "store", `publish ${channel}`, "frame", "frame"].sort(),
  );
  expect(process).toMatchObject({ parent, kind: "SPAN_KIND_CONSUMER", status: 0 });
  for (const name of ["resolve", "store"]) expect(named(spans, name)[0]!.parent).toBe(process!.id);
  expect(publish).toMatchObject({ parent: process!.id, kind: "SPAN_KIND_PRODUCER" });
  for (const frame of frames) expect(frame).toMatchObject({ parent: publish!.id, attributes: { "signal.frames": 1 } });
  const here = instanceOf(process!);
  expect(new Set(frames.map(instanceOf)).size).toBe(2);
  for (const frame of frames)
    expect(frame.kind).toBe(instanceOf(frame) === here ? "SPAN_KIND_INTERNAL" : "SPAN_KIND_CONSUMER");
  for (const span of spans) expect(BigInt(span.end)).toBeGreaterThanOrEqual(BigInt(span.begin));
  expect(new Set(spans.map((span) => span.id)).size).toBe(spans.length);
}

test("a record's trace goes on to the frames of both instances, over envelopes of single users", async () => {
  const trace = newTrace();
  const message = { ...scene.note(undefined, ["u1", "u2"]), headers: sampled(trace) };
  await heard(message);
  const spans = await traced(trace, 2);
  console.log(`bus: trace ${trace}, from the record to the frames:`);
  for (const line of tree(spans, producer, names())) console.log(`bus:   ${line}`);
  checkTree(spans, "ws:user:{id}");
  expect(named(spans, /^process /)[0]!.attributes).toMatchObject({
    "messaging.system": "kafka",
    "messaging.destination.name": scene.place.topic,
    "messaging.consumer.group.name": scene.place.group,
    "messaging.destination.partition.id": String(message.partition),
  });
});

test("the same over one message for many users", async () => {
  const trace = newTrace();
  const others = Array.from({ length: 30 }, (_, n) => `nobody-${n}`);
  await heard({ ...scene.note(undefined, ["u1", "u2", ...others]), headers: sampled(trace) });
  checkTree(await traced(trace, 2), "signal:users");
});

test("a broadcast's slices and frames belong to the trace of its record, whoever stores them", async () => {
  const trace = newTrace();
  const members = Array.from({ length: 2_100 }, (_, n) => `member-${n}`);
  await heard({ ...scene.note(undefined, ["u1", "u2", ...members]), headers: sampled(trace) });
  const spans = await traced(trace, 2);
  const process = named(spans, /^process /)[0]!;
  const published = named(spans, "publish signal:users");
  expect(published.length).toBeGreaterThanOrEqual(1);
  for (const one of published) expect(one.parent).toBe(process.id);
  for (const frame of named(spans, "frame")) expect(published.map((one) => one.id)).toContain(frame.parent);
});

test("a record without a usable header begins a trace by ratio, and one that is not sampled has none", async () => {
  const before = new Set((await collector.spans()).map((span) => span.trace));
  const unsampled = newTrace();
  await heard({ ...scene.note(undefined, ["u1", "u2"]), headers: sampled(unsampled, "00") });
  await heard({ ...scene.note(undefined, ["u1", "u2"]), headers: { traceparent: '00-"}{"-x-01' } });
  let fresh: Span[] = [];
  await eventually(
    async () => {
      fresh = (await collector.spans()).filter((span) => !before.has(span.trace));
      return named(fresh, "frame").length >= 2 && named(fresh, /^process /).length >= 1;
    },
    20_000,
    () => `a new trace; there are ${JSON.stringify(fresh.map((span) => span.name))}`,
  );
  expect(new Set(fresh.map((span) => span.trace)).size).toBe(1);
  expect(fresh[0]!.trace).not.toBe(unsampled);
  checkTree(fresh, "ws:user:{id}", "");
});

test("a record that can never be handled ends its span with an error", async () => {
  const trace = newTrace();
  await scene.send([{ ...scene.history.bad("no JSON", 0), headers: sampled(trace) }]);
  let spans: Span[] = [];
  await eventually(async () => (spans = await collector.trace(trace)).length > 0, 20_000, "its span");
  expect(spans).toMatchObject([{ parent: producer, status: 2, message: "message can never be handled" }]);
});

test("at the end nothing was dropped, and every row is there once", async () => {
  let exported = 0;
  for (const instance of [first, second]) {
    const metrics = await instance.metrics();
    exported += metrics.sum("signal_trace_spans_total", { outcome: "exported" });
    for (const outcome of ["no_room", "refused"]) expect(metrics.sum("signal_trace_spans_total", { outcome })).toBe(0);
  }
  console.log(`bus: tracing: ${exported} spans read by the published Protobuf schema; ${await scene.close()}`);
});
