// The guard of all tests (contracts/guard.ts): what it finds in an answer, in a frame and in a message of the bus.
import { expect, test } from "bun:test";
import { answerBreaches, breaches, checked } from "./contracts/answers";
import { busBreach, frameBreach } from "./contracts/frames";
import { ended } from "./support/ended";
import { Signal } from "./support/signal";

const headers = (more: Record<string, string> = {}) =>
  new Headers({ "content-type": "application/json", "x-request-id": "r", ...more });
const unreadCount = "/v1/notifications/unread-count";
const counted = { count: 1, seq: 2, epoch: "e" };
const problem = { message: "m", statusCode: 503, requestId: "r", details: { path: "/" } };
const notFound = { message: "URL NOT FOUND", statusCode: 404, requestId: "r", path: "/v1/nope", url: "u" };
const breachesOf = (
  path: string,
  status: number,
  body: unknown,
  more: Record<string, string> = {},
  method = "GET",
): string => answerBreaches(method, path, status, headers(more), JSON.stringify(body)).join("; ");

test("in a documented answer nothing is found", () => {
  expect(breachesOf(unreadCount, 200, counted)).toBe("");
});

test("in the answer of a path that is not served nothing is found", () => {
  expect(breachesOf("/v1/nope", 404, notFound)).toBe("");
});

type Found = [what: string, says: string, found: string];
test.each<Found>([
  ["an unknown path", "the route is not documented", breachesOf("/v1/nope", 200, {})],
  ["an unknown method", "the route is not documented", breachesOf("/v1/notifications", 200, {}, {}, "PUT")],
  ["an unknown status", "the status is not documented", breachesOf(unreadCount, 418, {})],
  ["the status 500", "the status is not documented", breachesOf(unreadCount, 500, {})],
  [
    "a header more",
    "the header x-secret is not documented",
    breachesOf(unreadCount, 200, counted, { "x-secret": "s" }),
  ],
  [
    "another media type",
    "the media type text/plain is not documented",
    breachesOf(unreadCount, 200, counted, { "content-type": "text/plain" }),
  ],
  ["a header less", "the header retry-after is missing", breachesOf(unreadCount, 503, problem)],
])("an answer with %s is found: %s", (_, says, found) => {
  expect(found).toBe(says);
});

test.each<Found>([
  [
    "a member more",
    'must NOT have additional properties {"additionalProperty":"more"}',
    breachesOf(unreadCount, 200, { ...counted, more: 1 }),
  ],
  ["a member less", "must have required property 'epoch'", breachesOf(unreadCount, 200, { count: 1, seq: 2 })],
  ["a value out of range", "/count must be >= 0", breachesOf(unreadCount, 200, { ...counted, count: -1 })],
  ["another body", "must have required property 'message'", breachesOf("/v1/nope", 404, { error: "not found" })],
])("an answer with %s is found: %s", (_, says, found) => {
  expect(found).toContain(says);
});

test("a part of a row is found where no fields were asked for, and not where they were", () => {
  const list = {
    "content-range": "records 0-0/1",
    "x-inbox-epoch": "e",
    "x-response-count": "1",
    "x-response-format": "array",
  };
  const part = JSON.stringify({ count: 1, data: [{ title: "t" }] });
  const of = (query: string) => answerBreaches("GET", "/v1/notifications", 200, headers(list), part, query);
  expect(of("?fields=title")).toEqual([]);
  expect(of("?limit=1").join()).toContain("must have required property");
});

const caughtUp = { event: "caught-up", data: { count: 0, complete: true, seq: 0, unread: 0, epoch: "e" } };
test.each([
  ["a documented event", caughtUp],
  ["an event of another service", { event: "pushed", data: [1] }],
])("in a frame with %s nothing is found", (_, frame) => {
  expect(frameBreach(frame)).toBeNull();
});

test.each([
  ["a member more", "additional properties", { ...caughtUp, more: 1 }],
  ["a text for a number", "/data/seq must be integer", { event: "caught-up", data: { ...caughtUp.data, seq: "0" } }],
  [
    "an unknown error message",
    "must be equal to one of the allowed values",
    { event: "error", data: { message: "Something new" } },
  ],
  ["a member beside another service's event", "additional properties", { event: "pushed", data: [1], secret: 1 }],
])("a frame with %s is found: %s", (_, says, frame) => {
  expect(frameBreach(frame)).toContain(says);
});

const pushed = { serverId: "4ce589d1-9505-4355-868e-405ab8ed0253", type: "user", target: "u1", event: "e" };
const onBus = (message: unknown) => busBreach("ws:user:u1", JSON.stringify(message));

test("in a documented message of the bus nothing is found", () => {
  expect(onBus({ ...pushed, seq: 1, unread: 1 })).toBeNull();
});

test("a message of the bus without its target is found", () => {
  expect(onBus({ ...pushed, target: undefined })).toContain("must have required property 'target'");
});

test("a member more in a message of the bus is found", () => {
  expect(onBus({ ...pushed, token: "t" })).toContain("additional properties");
});

test("a channel of the bus that is not documented is found", () => {
  expect(busBreach("signal:new", "{}")).toBe("the channel is not documented");
});

test("a breach fails its test even where its error was swallowed", async () => {
  const child = Bun.spawn([process.execPath, "test", "./contracts/swallowed.fixture.ts"], {
    cwd: import.meta.dir,
    stdout: "pipe",
    stderr: "pipe",
  });
  const { code, out, error } = await ended(child);
  const said = (out + error).replace(/\u001b\[[0-9;]*m/g, "");
  expect(code).toBe(1);
  expect(said).toContain("(fail) a wait that would swallow the breach");
  expect(said).toContain("(fail) a test that catches everything");
  expect(said).toContain("(pass) a test that comes afterwards");
  expect(said).toContain("1 breaches of the contracts, the first:\ncaught");
});

test("every answer that a test fetches is looked at", async () => {
  const signal = await Signal.start();
  const before = checked;
  expect((await fetch(`${signal.http}/health`)).status).toBe(200);
  expect(checked).toBe(before + 1);
  expect(breaches).toEqual([]);
  await signal.stop();
});
