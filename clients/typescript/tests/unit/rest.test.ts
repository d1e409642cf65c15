import { expect, test } from "bun:test";
import { Rest } from "../../packages/client/src/rest";
import { Tokens } from "../../packages/client/src/tokens";
import { ManualClock, settle } from "../support/manual_clock";

function stage(answers: (() => Response | Promise<Response>)[]) {
  const clock = new ManualClock();
  const asked: { url: string; token: string; init: RequestInit }[] = [];
  let tokens = 0;
  const rest = new Rest(
    "https://x",
    new Tokens({ token: () => `t${++tokens}`, user: "u1" }),
    (async (url: string, init: RequestInit) => {
      asked.push({ url, token: new Headers(init.headers).get("authorization")!, init });
      return answers.shift()!();
    }) as never,
    clock,
    1_000,
  );
  return { clock, rest, asked };
}
const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  () =>
    Response.json(body, { status, headers });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error) => [error.code, error.status, error.message],
  );

test("a page has its rows and the path of the next one", async () => {
  const { rest } = stage([
    json({ count: 1, data: [{ id: "a" }] }, 200, { link: '</v1/notifications?limit=1&cursor=x>; rel="next"' }),
    json({ count: 0, data: [] }),
  ]);
  expect(await rest.page("/v1/notifications")).toEqual({
    rows: [{ id: "a" }] as never,
    next: "/v1/notifications?limit=1&cursor=x",
  });
  expect(await rest.page("/v1/notifications")).toEqual({ rows: [], next: undefined });
});

test("401 is answered with a new token once; a second one is an error", async () => {
  const { rest, asked } = stage([json({ message: "no" }, 401), json({ ok: 1 })]);
  expect((await rest.call("/a")).body).toEqual({ ok: 1 });
  expect(asked.map(({ token }) => token)).toEqual(["Bearer t1", "Bearer t2"]);
  const twice = stage([json({ message: "no" }, 401), json({ message: "still no" }, 401)]);
  expect(await failure(twice.rest.call("/a"))).toEqual(["rest", 401, "GET /a is answered 401: still no"]);
});

test("503 is asked again after what `Retry-After` says, and no longer than 3 s later", async () => {
  const { rest, asked, clock } = stage([json({ message: "busy" }, 503, { "retry-after": "60" }), json({ ok: 1 })]);
  const answer = rest.call("/a", "POST", { all: true });
  await settle();
  expect(clock.waits).toEqual([3_000]);
  await clock.advance(3_000);
  expect((await answer).body).toEqual({ ok: 1 });
  expect(asked.map(({ init }) => [init.method, init.body])).toEqual([
    ["POST", '{"all":true}'],
    ["POST", '{"all":true}'],
  ]);
});

test("no answer, an answer that is no JSON, and 422 are errors that name the request", async () => {
  const { rest } = stage([
    () => Promise.reject(new TypeError("refused")),
    () => new Response("<html>"),
    json({ message: "ValidationError" }, 422),
  ]);
  expect(await failure(rest.call("/a"))).toEqual(["rest", undefined, "GET /a has no answer: TypeError: refused"]);
  expect((await failure(rest.call("/b")))![2]).toContain("GET /b has no answer");
  expect(await failure(rest.call("/c", "PATCH", {}))).toEqual([
    "rest",
    422,
    "PATCH /c is answered 422: ValidationError",
  ]);
});
