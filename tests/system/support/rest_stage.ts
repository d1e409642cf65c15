// One `nx-signal dev` whose user "reader" has 25 rows, n0 to n24, and requests of that user.
import { afterAll, beforeAll } from "bun:test";
import { connectProducer, topic } from "./producer";
import { Signal, until } from "./signal";

export const total = 25;
/** The titles of the newest `count` rows, newest first. */
export const newest = (count: number, first = total - 1) => Array.from({ length: count }, (_, n) => `n${first - n}`);
export const json = async (response: Response) => (await response.json()) as any;

const message = (n: number) => ({
  recipientScope: "users",
  recipientIds: ["reader", "other"],
  type: "t",
  title: `n${n}`,
  id: `id-${n}`,
  data: { n },
  occurredAt: "2026-01-02T03:04:05Z",
  actorId: 7,
});

/** Of a file: the instance begins and ends with its tests. */
export function restStage() {
  const stage = {} as { signal: Signal; token: string };

  const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(stage.signal.http + path, { ...init, headers: { authorization: `Bearer ${stage.token}`, ...headers } });
  const send = (method: string, path: string, body: unknown) =>
    get(
      path,
      { "content-type": "application/json" },
      { method, body: typeof body === "string" ? body : JSON.stringify(body) },
    );
  const titles = async (path: string) => (await json(await get(path))).data.map((row: any) => row.title);
  /** Follows `Link: rel="next"` to the end. */
  const walk = async (path: string) => {
    const found: string[] = [];
    for (let next: string | undefined = path; next; ) {
      const response = await get(next);
      found.push(...(await json(response)).data.map((row: any) => row.title));
      next = response.headers.get("link")?.match(/<([^>]+)>; rel="next"/)?.[1];
      if (next?.startsWith("http")) next = next.slice(next.indexOf("/v1"));
    }
    return found;
  };

  beforeAll(async () => {
    stage.signal = await Signal.start();
    stage.token = await stage.signal.token("reader");
    const producer = await connectProducer(stage.signal.broker);
    for (let n = 0; n < total; ++n)
      await producer.send({ topic, messages: [{ key: "k", value: JSON.stringify(message(n)) }] });
    await producer.disconnect();
    const unread = async () => (await json(await get("/v1/notifications/unread-count"))).count;
    await until(async () => (await unread()) === total, 20_000, "the rows");
  });
  afterAll(() => stage.signal.stop());

  return { stage, get, send, titles, walk };
}
