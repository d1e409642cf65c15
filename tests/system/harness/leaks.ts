// At the end of a run no secret stands in any log line, metric, command output or dead-letter header, and no message
// body in a log at info or above.
import { expect } from "bun:test";
import { body } from "./history";
import { printed, type Instance } from "./instance";

/** `bodies`: texts of messages; they may be in no line of any level. */
export function checkNoLeaks(instances: Instance[], secrets: string[], headers: string[] = []): number {
  const texts = [
    ...instances.flatMap((instance) => instance.lines.map(({ at, life, ...line }) => JSON.stringify(line))),
    ...printed,
    ...headers,
  ];
  const found: unknown[] = [];
  for (const text of texts) {
    for (const secret of [...secrets, body]) {
      if (secret.length > 0 && text.includes(secret))
        found.push({ secret: `${secret.slice(0, 4)}…`, text: text.slice(0, 300) });
    }
  }
  expect(found.slice(0, 5)).toEqual([]);
  return texts.length;
}
