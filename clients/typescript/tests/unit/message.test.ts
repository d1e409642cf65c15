// The validator of the producer against the examples that the gateway is held against, too.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { encodeMessage, MessageError, problemsOf } from "../../packages/producer/src/message";

const folder = resolve(import.meta.dir, "../../../../contracts/examples");
const examples = (kind: string) =>
  readdirSync(`${folder}/${kind}`).map((name) => [name, readFileSync(`${folder}/${kind}/${name}`)] as const);
// As text they are no JSON, or write a number in a way in which this program does not write it: as values they are not
// these messages.
const textual =
  /^(comment|invalid_|leading_|nan|not_|trailing_|truncated|two_values|integer_with_|number_1e|occurred_at_with_exp)/;

test.each(examples("good").filter(([name]) => !/number_1e|numbers_kept/.test(name)))(
  "%s is taken, and written as it is",
  (_, bytes) => {
    const value = JSON.parse(bytes.toString());
    expect(problemsOf(value)).toEqual([]);
    expect(JSON.parse(encodeMessage(value))).toEqual(value);
  },
);

test.each([...examples("bad"), ...examples("bad_beyond_schema").filter(([name]) => !textual.test(name))])(
  "%s is refused, with a reason",
  (name, bytes) => {
    const value = JSON.parse(bytes.toString());
    const problems = problemsOf(value);
    expect([name, problems.length > 0, problems.every(({ message }) => message.length > 5)]).toEqual([
      name,
      true,
      true,
    ]);
    expect(() => encodeMessage(value)).toThrow(MessageError);
  },
);

test("the reason names the field", () => {
  const message = {
    recipientScope: "users",
    recipientIds: ["u1"],
    type: "t",
    title: "x".repeat(513),
    occurredAt: "2026-02-31",
  };
  expect(problemsOf(message)).toEqual([{ path: "/title", message: "must NOT have more than 512 characters" }]);
  expect(problemsOf({ ...message, title: "é".repeat(300) })).toEqual([
    { path: "/title", message: "has more than 512 bytes" },
    { path: "/occurredAt", message: "is no date, or a time without a zone" },
  ]);
});

test("what JSON cannot write is refused, and `undefined` is absent", () => {
  const good = { recipientScope: "users", recipientIds: ["u1"], type: "t", title: "x", body: undefined };
  expect(problemsOf(good)).toEqual([]);
  expect(problemsOf({ ...good, data: { n: 1n } })[0]!.message).toContain("is not JSON");
  expect(problemsOf(undefined)).toEqual([{ path: "", message: "is not JSON" }]);
  expect(problemsOf({ ...good, recipientIds: [1e21] })[0]!.path).toBe("/recipientIds/0");
  expect(problemsOf({ ...good, data: { list: Array(1_000).fill(1e300) } })[0]!.path).toBe("/data");
});
