import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { atOnceMs, backOffMs, nextAfter, type Next } from "../../packages/client/src/policy";

/** The rows of the table that clients are written by. */
function documented(): { code: number; reason: string; does: string }[] {
  const page = readFileSync(resolve(import.meta.dir, "../../../../docs/protocol.md"), "utf8")
    .split("## Close codes")[1]!
    .split("\n## ")[0]!;
  return page
    .split("\n")
    .filter((line) => /^\| \d/.test(line))
    .flatMap((line) => {
      const [, codes, reason, , does] = line.split("|").map((cell) => cell.trim());
      return codes!
        .split(", ")
        .map((code) => ({ code: Number(code), reason: reason!.replaceAll("`", ""), does: does! }));
    });
}
const meant: [RegExp, Next][] = [
  [/^nothing/, "wait"],
  [/^reconnect at once/, "now"],
  [/^report the bug, then/, "wait"],
  [/^do not send that message again/, "wait"],
  [/^back off/, "wait"],
  [/^get a new token first/, "token"],
  [/^reconnect once with new keys/, "keys"],
  [/get a new token first$/, "leave"],
  [/^do not reconnect/, "away"],
];

test("each close code is followed by what the documentation says", () => {
  const rows = documented();
  expect(rows.length).toBeGreaterThan(15);
  for (const { code, reason, does } of rows) {
    const next = meant.find(([words]) => words.test(does))?.[1];
    expect({ code, reason, next: nextAfter(code, reason) }).toEqual({ code, reason, next: next! });
  }
});

test("a wait is half a second and a random time, from the first on, below a bound that doubles up to 30 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 50].map((n) => backOffMs(n, 1))).toEqual([
    1_500, 2_500, 4_500, 8_500, 16_500, 30_500, 30_500, 30_500,
  ]);
  expect([0, 5].map((n) => backOffMs(n, 0))).toEqual([500, 500]);
  expect([0, 5].map((n) => backOffMs(n, 0.5))).toEqual([1_000, 15_500]);
  expect([0, 0.25, 1].map(atOnceMs)).toEqual([0, 250, 1_000]);
});
