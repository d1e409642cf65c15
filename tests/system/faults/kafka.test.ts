// Faults of Kafka. Each runs on a scene of its own; `scene.suffer` holds the health answers, the log line and the time
// to resume.
import { afterEach, expect, test } from "bun:test";
import { AssignerProtocol, type PartitionAssigner } from "kafkajs";
import { Instance, run } from "../harness/instance";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import { Stack } from "../harness/stack";

afterEach(async () => {
  await Instance.endAll();
  await Stack.shared(); // heals
});

test("while Kafka is killed with -9 the instance stays live, and everything flows when it is back", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { kafka } = scene.stack;
  const { line } = await scene.suffer({
    name: "kill -9 of Kafka",
    begin: kafka.kill9,
    seconds: seconds(5, 15),
    end: kafka.start,
    says: /kafka/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close()}`);
});

test("while Kafka hangs (SIGSTOP) the instance stays live, and everything flows when it goes on", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { kafka } = scene.stack;
  const { line } = await scene.suffer({
    name: "Kafka hangs (SIGSTOP)",
    begin: kafka.pause,
    seconds: seconds(15, 60),
    end: kafka.resume,
    says: /kafka/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close()}`);
});

test("while Kafka is stopped for long the instance stays live, and everything flows when it is back", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { kafka } = scene.stack;
  const { line } = await scene.suffer({
    name: "Kafka stopped",
    begin: kafka.stop,
    seconds: seconds(15, 60),
    end: kafka.start,
    says: /kafka/,
    notReady: true,
  });
  console.log(`${line}; ${await scene.close()}`);
});

test("while the topic is gone a warning says so, and everything flows when it is made again", async () => {
  const scene = await Scene.open({ watch: ["u1", "u2"] });
  const { kafka } = scene.stack;
  scene.flow();
  await Bun.sleep(2_000);
  await scene.quiet(); // what is deleted unread is gone: nobody can store it
  await scene.history.waitStored(scene.database, 10_000);
  const began = performance.now();
  await kafka.deleteTopic(scene.place.topic);
  const said = await eventually(
    () => scene.warning(/topic|partition/i, began),
    15_000,
    () => `a warning that the topic is gone; warnings: ${scene.warnings(began)}`,
  );
  await Bun.sleep(seconds(2_000, 20_000));
  await kafka.createTopic(scene.place.topic, scene.partitions);
  const ended = performance.now();
  await scene.pulse(30_000);
  const resumed = (performance.now() - ended) / 1000;
  scene.flow();
  await Bun.sleep(3_000);
  expect({ resumedInTime: resumed <= resumeWithinSeconds, resumed }).toMatchObject({ resumedInTime: true });
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
  console.log(
    `fault: topic recreated: everything flowed again ${resumed.toFixed(1)} s after it was there again; log: ` +
      `"${said.event}" (${said.reason ?? said.text}); ${await scene.close()}`,
  );
});

/** Another member of the group, that takes partitions, commits nothing, and goes. It speaks `roundrobin` as
 *  librdkafka does. */
const roundrobin: PartitionAssigner = ({ cluster }) => ({
  name: "roundrobin",
  version: 0,
  protocol: ({ topics }) => ({
    name: "roundrobin",
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
  assign: async ({ members, topics }) => {
    const ids = members.map((member) => member.memberId).sort();
    const shares = new Map(ids.map((id) => [id, {} as Record<string, number[]>]));
    let turn = 0;
    for (const topic of topics) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic))
        (shares.get(ids[turn++ % ids.length]!)![topic] ??= []).push(partitionId);
    }
    return ids.map((memberId) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0,
        assignment: shares.get(memberId)!,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});

test("while the group is rebalanced again and again under load nothing is lost or stored twice", async () => {
  const wanted = seconds(10, 50);
  const scene = await Scene.open({
    partitions: 6,
    instances: 2,
    watch: ["u1", "u2"],
    env: { SIGNAL_KAFKA_SESSION_TIMEOUT_MS: "3000" },
  });
  await scene.pulse();
  scene.flow(10);
  const rebalances = () => Math.min(...scene.instances.map((one) => one.count("kafka partitions assigned")));
  const before = rebalances();
  const began = performance.now();
  while (rebalances() - before < wanted) {
    const disturber = scene.stack.kafka.consumer(scene.place.group, [roundrobin]);
    await disturber.connect();
    await disturber.subscribe({ topic: scene.place.topic });
    const joined = rebalances();
    await disturber.run({ autoCommit: false, eachMessage: async () => undefined });
    await eventually(
      () => rebalances() > joined || rebalances() - before >= wanted,
      15_000,
      "a rebalance after a member came",
    );
    await Bun.sleep(100);
    const leaving = rebalances();
    await disturber.disconnect();
    await eventually(
      () => rebalances() > leaving || rebalances() - before >= wanted,
      15_000,
      "a rebalance after it went",
    );
  }
  const counted = rebalances() - before;
  const lasted = (performance.now() - began) / 1000;
  const ended = performance.now();
  await scene.pulse();
  const resumed = (performance.now() - ended) / 1000;
  expect(resumed).toBeLessThanOrEqual(resumeWithinSeconds);
  console.log(
    `fault: group rebalanced ${counted} times under load in ${lasted.toFixed(1)} s: ` +
      `everything flowed ${resumed.toFixed(1)} s after the last; ${await scene.close({ live: false })}`,
  );
});

test("without its DLQ topic serve ends with 1 and names the topic and the setting", async () => {
  const scene = await Scene.open({ dlq: true });
  const missing = await run(["serve"], { ...scene.env, SIGNAL_KAFKA_DLQ_TOPIC: "signal.nowhere" });
  expect(missing.code).toBe(1);
  expect(missing.out).toContain("signal.nowhere");
  expect(missing.out).toContain("SIGNAL_KAFKA_DLQ_TOPIC");
  console.log(`fault: DLQ topic missing at boot: exit 1 after ${missing.seconds.toFixed(1)} s; ${await scene.close()}`);
});

test("while the DLQ topic is gone a batch with poison waits, and all flows when it is made again", async () => {
  const scene = await Scene.open({ watch: ["u1"], dlq: true });
  const { kafka } = scene.stack;
  const dead = () => scene.first.count("message can never be handled");
  await scene.pulse();
  scene.flow();
  await scene.send([scene.history.bad('{"dead":1}', 0)]);
  await eventually(() => dead() === 1, 10_000, "the first dead letter");
  const began = performance.now();
  await kafka.deleteTopic(scene.place.dlq!);
  await Bun.sleep(1_000);
  await scene.send([scene.history.bad('{"dead":2}', 0)]);
  const said = await eventually(
    () => scene.first.find((line) => /dead letter/.test(line.event), began),
    20_000,
    () => `a warning about the DLQ; warnings: ${scene.warnings(began)}`,
  );
  await scene.send([scene.note(1)]);
  await Bun.sleep(seconds(1_000, 10_000));
  await kafka.createTopic(scene.place.dlq!, 1);
  const ended = performance.now();
  await eventually(
    () => dead() === 2,
    30_000,
    () => `the second dead letter; ${scene.first.tail()}`,
  );
  await scene.pulse();
  const resumed = (performance.now() - ended) / 1000;
  expect({ resumedInTime: resumed <= resumeWithinSeconds, resumed }).toMatchObject({ resumedInTime: true });
  console.log(
    `fault: DLQ topic deleted: log "${said.event}" (${said.reason}), everything flowed again ` +
      `${resumed.toFixed(1)} s after it was made again; ${await scene.close({ deadLetters: 1 })}`,
  );
});
