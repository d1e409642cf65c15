// Rows of the suite: a disturbance, the bystanders' figures beside it, and those of a time without it.
import { Instance } from "../harness/instance";
import { Scene } from "../harness/scene";
import { Bystanders, percentile, worldOf, type Figures, type Load } from "./bystanders";
import { disturbances, populate, type Disturbance, type Size } from "./disturbances";

export type Row = { name: string; figures: Figures; said: string };
export const roomCheck = 2_000; // ms: rooms are re-checked as often as is allowed

export const shown = (row: Row) => {
  const three = (values: number[]) => [0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(0)).join("/");
  const { figures } = row;
  const otherwise = [...figures.otherwise].map(([status, count]) => `${count} x ${status}`).join(", ");
  return (
    `neighbours: ${row.name}: record to frame ${three(figures.frames)} ms, REST ${three(figures.answers)} ms ` +
    `(p50/p99/max of ${figures.frames.length} and ${figures.answers.length}), ` +
    `${figures.unavailable} x 503${otherwise && `, ${otherwise}`}, ${figures.unheard} ` +
    `unheard${row.said && `; ${row.said}`}`
  );
};

/** Two instances, and bystanders beside whatever is measured. */
export async function openSuite(load: Load, size: Size) {
  const scene = await Scene.open({
    world: worldOf(load),
    partitions: 12,
    instances: 2,
    env: {
      SIGNAL_LOG_LEVEL: "info",
      SIGNAL_WS_ROOM_CHECK_INTERVAL_MS: String(roomCheck),
      SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS: "0",
    },
  });
  await populate(scene, size);
  const bystanders = await Bystanders.open(scene, load);
  await bystanders.measure(Math.min(3, size.seconds)); // everything has been used once

  /** The row of a time with a disturbance, or without one. */
  const measure = async (one?: Disturbance): Promise<Row> => {
    const doing = one?.run(scene, size, performance.now() + size.seconds * 1000) ?? Promise.resolve("");
    doing.catch(() => undefined); // told below
    const figures = await bystanders.measure(size.seconds);
    const row = { name: one?.name ?? "nothing", figures, said: await doing };
    console.log(shown(row));
    if (bystanders.closed().length > 0)
      throw new Error(`bystanders were closed: ${bystanders.closed().slice(0, 3).join(", ")}`);
    return row;
  };
  const end = async () => {
    await bystanders.close();
    for (const instance of scene.instances) await instance.stop();
    await scene.producer.disconnect();
    await scene.database.close();
    await Instance.endAll();
  };
  return { measure, end };
}

/** `only`: the names of some rows. */
export async function run(load: Load, size: Size, only: string[] = []): Promise<Row[]> {
  const { measure, end } = await openSuite(load, size);
  const rows = [await measure()];
  for (const one of disturbances) if (only.length === 0 || only.includes(one.name)) rows.push(await measure(one));
  await end();
  return rows;
}
