// Why a user did or did not get a notification, asked of any of three instances, over REST and by `nx-signal explain`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Instance } from "../harness/instance";
import { command } from "../support/command";
import { explainCases, none, type Explanation } from "./explain_scene";

let at: Awaited<ReturnType<typeof explainCases>>;
beforeAll(async () => {
  at = await explainCases();
});
afterAll(() => at.end());

test.each<[code: string, user: string, which: "id" | "old", verdict: RegExp]>([
  [
    "not_in_scope",
    "stranger",
    "id",
    /^stranger did not get it: not joined to merchant m1 or to anything it inherits f/,
  ],
  ["excluded", "shut", "id", /^shut did not get it: .*excludeUserIds/],
  ["membership_ended", "left", "id", /^left did not get it: was joined to merchant m1 until \d{4}-/],
  [
    "pushed",
    "chief",
    "id",
    /^chief has it as seq 1 \(joined to organizer o1, which merchant m1 inherits from\): it was /,
  ],
  ["pushed", "chief", "id", /: it was pushed to 1 connection at \d{4}-/],
  [
    "too_old",
    "acker",
    "old",
    /^acker has it as seq 2 \(joined to merchant m1\): it was not pushed: the record was 7\d{3} /,
  ],
  ["offline", "away", "id", /^away has it as seq 1 .*no client of the user was connected/],
  ["slow_closed", "deaf", "id", /^deaf has it as seq 1 .*did not read, closed with 1013 at /],
  ["acked", "acker", "id", /^acker has it as seq 1 \(joined to merchant m1\): a client acknowledged it at \d{4}-.*\.$/],
])("every instance says %s of %s, and why", async (code, user, which, verdict) => {
  for (let n = 0; n < 3; ++n) {
    const said = await at.explain(at[which], user);
    expect({ code: said.code, missing: said.missing }).toEqual({ code, missing: [] });
    expect(said.verdict).toMatch(verdict);
    expect(said.recordsSince.length).toBe(3);
  }
});

test("a membership by inheritance is explained by the policy rows that make it", async () => {
  const { membership } = await at.explain(at.id, "chief");
  expect(membership).toMatchObject({ member: true, inherited: true });
  expect(membership.rows.map((row: any) => row.variant)).toEqual(["domain_inherits", "join_domain"]);
});

test("a membership that ended is explained by its deleted policy row", async () => {
  expect((await at.explain(at.id, "left")).membership.rows).toMatchObject([
    { variant: "join_domain", subjectId: "left", targetId: "m1", deletedAt: expect.any(String) },
  ]);
});

test("a push is explained by the connection that it went to", async () => {
  const { connections, pushes } = await at.explain(at.id, "chief");
  expect(connections).toMatchObject([{ id: at.chief.id, address: "127.0.0.1" }]);
  expect(pushes).toMatchObject([{ outcome: "pushed", instance: connections[0].instance }]);
});

test("without a user the answer counts the recipients and says nothing of the content", async () => {
  const summary = (await (await at.get(`/v1/notifications/${at.id}/explain`)).json()) as any;
  expect(summary).toMatchObject({
    recipients: 4,
    delivered: 1,
    read: 0,
    archived: 0,
    complete: true,
    notification: { id: at.id, recipientScope: "merchant", merchantId: "m1", excluded: ["shut"] },
  });
  expect(JSON.stringify(summary)).not.toContain("title");
});

test("the pages of deliveries have each recipient once, and who acknowledged", async () => {
  const seen: any[] = [];
  for (let next: string | undefined = `/v1/notifications/${at.id}/deliveries?limit=3`; next; ) {
    const response = await at.get(next);
    const page = (await response.json()) as any;
    expect(page.count).toBe(page.data.length);
    seen.push(...page.data);
    next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  }
  expect(seen.map((one) => one.userId)).toEqual(["acker", "away", "chief", "deaf"]);
  expect(seen.map((one) => Object.keys(one).join())).toEqual(Array(4).fill("userId,seq,deliveredAt,readAt,archivedAt"));
  expect(seen.map((one) => one.deliveredAt !== null)).toEqual([true, false, false, false]);
});

test.each(["explain?userId=acker", "explain", "deliveries"])(
  "%s is for operators alone: 401 without a token, 403 with a user's",
  async (route) => {
    const path = `/v1/notifications/${at.id}/${route}`;
    expect([(await at.get(path, null)).status, (await at.get(path, at.user)).status]).toEqual([401, 403]);
  },
);

test.each([
  ["an unknown notification", 404, `${none}/explain?userId=u`],
  ["an id that is none", 404, "x/explain"],
  ["the deliveries of an unknown notification", 404, `${none}/deliveries`],
  ["an empty user", 422, "ID/explain?userId="],
  ["a user of 129 letters", 422, `ID/explain?userId=${"x".repeat(129)}`],
  ["a user that is a NUL character", 422, "ID/explain?userId=%00"],
  ["a page of no deliveries", 422, "ID/deliveries?limit=0"],
  ["a page of 101 deliveries", 422, "ID/deliveries?limit=101"],
  ["an empty cursor", 422, "ID/deliveries?cursor="],
])("a question about %s is answered %d", async (_, status, path) => {
  expect((await at.get(`/v1/notifications/${path.replace("ID", at.id)}`)).status).toBe(status);
});

const explainBy = (words: string[], token: string | null) =>
  command(["explain", ...words], token ? { SIGNAL_TOKEN: token } : {});

test("nx-signal explain prints the verdict, and the policy row that it rests on", async () => {
  const shown = await explainBy([at.id, "left", "--url", at.scene.first.http], at.boss);
  expect(shown).toMatchObject({ code: 0, err: "" });
  expect(shown.out.split("\n")[0]).toBe((await at.explain(at.id, "left")).verdict);
  expect(shown.out).toContain("policy row");
});

test("nx-signal explain --json prints the answer as it came", async () => {
  const raw = await explainBy([at.id, "left", "--json", "--url", `${at.scene.first.http}/`, "--token", at.boss], null);
  expect(JSON.parse(raw.out)).toMatchObject({ code: "membership_ended" });
});

test("nx-signal explain without a user prints how many recipients there are", async () => {
  const { out } = await explainBy([at.id, "--url", at.scene.first.http], at.boss);
  expect(out).toMatch(/recipients +4/);
});

test("nx-signal explain of an unknown notification ends with 1 and 404", async () => {
  const said = await explainBy([none, "u", "--url", at.scene.first.http], at.boss);
  expect(said).toMatchObject({ code: 1, out: "", err: expect.stringContaining("404") });
});

test("nx-signal explain with a user's token ends with 1 and names the setting of the roles", async () => {
  const said = await explainBy([at.id, "u", "--url", at.scene.first.http], at.user);
  expect(said).toMatchObject({ code: 1, err: expect.stringContaining("SIGNAL_ADMIN_ROLES") });
});

test("nx-signal explain of an id that is none ends with 2 and says so", async () => {
  const said = await explainBy(["x", "u", "--url", at.scene.first.http], at.boss);
  expect(said).toMatchObject({ code: 2, err: expect.stringContaining("not a notification id") });
});

test("nx-signal explain with a URL of another scheme ends with 2", async () => {
  expect((await explainBy([at.id, "u", "--url", "ftp://x"], at.boss)).code).toBe(2);
});

test("nx-signal explain without a token ends with 2", async () => {
  expect((await explainBy([at.id, "u", "--url", at.scene.first.http], null)).code).toBe(2);
});

test("nx-signal explain of an instance that is not there ends with 1", async () => {
  expect((await explainBy([at.id, "u", "--url", "http://127.0.0.1:1"], at.boss)).code).toBe(1);
});

test("an instance that does not answer is named, and the verdict is unknown without it", async () => {
  const [a, , c] = at.scene.instances as [Instance, Instance, Instance];
  process.kill(c.pid, "SIGSTOP");
  try {
    const answer = await at.get(`/v1/notifications/${at.id}/explain?userId=away`, at.boss, a);
    const said = (await answer.json()) as Explanation;
    expect(said.missing.length).toBe(1);
    expect(said.code).toBe("unknown");
    expect(said.verdict).toContain(said.missing[0]!);
  } finally {
    process.kill(c.pid, "SIGCONT");
  }
});
