// The operators' page in headless Chromium, on two instances: connections, disconnecting, explanations; and that
// nothing from outside becomes a part of the page.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { StreamClient } from "../harness/stream_client";
import { eventually } from "../harness/patience";
import { connected } from "../bus/operators_scene";
import { Stage, type Page } from "./page_stage";

const hostile = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

let stage: Stage;
// Four tills of each of u0 to u5, in turn; they are disconnected, so they are not the scene's.
const tills: StreamClient[] = [];
beforeAll(async () => {
  stage = await Stage.open();
  for (let n = 0; n < 24; ++n) {
    const token = await stage.scene.stack.issuer.token({ userId: `u${n % 6}` });
    tills.push(await connected(stage.scene.instances[n % 2]!, token));
  }
});
afterAll(async () => {
  for (const till of tills) till.close();
  await stage.close();
});

const users = (page: Page) => page.getByTestId("connection-user").allTextContents();
async function search(page: Page, field: "user" | "room" | "address", text: string): Promise<void> {
  for (const one of ["user", "room", "address"]) await page.getByTestId(`search-${one}`).fill("");
  await page.getByTestId(`search-${field}`).fill(text);
  await page.keyboard.press("Enter");
}
const note = (page: Page, text: string | RegExp) => page.getByTestId("connections-note").getByText(text).waitFor();

test("all connections are listed page by page", async () => {
  const page = await stage.enter({}, "connections");
  await note(page, "24 connected, 20 shown.");
  await page.getByTestId("connections-more").click();
  await note(page, "24 connected.");
  expect((await users(page)).length).toBe(24);
  expect(await page.getByTestId("connections-more").isVisible()).toBe(false);
});

test("connections are found by user, room and address, and a wrong address is said to be so", async () => {
  const page = await stage.enter({}, "connections");
  await search(page, "user", "u3");
  await note(page, "4 connected.");
  expect(new Set(await users(page))).toEqual(new Set(["u3"]));
  await search(page, "room", tills[0]!.id);
  await note(page, "1 connected.");
  await search(page, "address", "192.0.2.0/24");
  await note(page, "0 connected.");
  await stage.quietly(/422/, async () => {
    await search(page, "address", "nowhere");
    await page.getByTestId("connections-problem").getByText("address: expected an IP address or a range").waitFor();
  });
});

test("a connection is closed only when the operator agrees", async () => {
  const page = await stage.enter({}, "connections");
  const till = tills[5]!;
  await search(page, "room", till.id);
  await note(page, "1 connected.");
  await page.getByTestId("disconnect").click();
  expect(await page.getByTestId("confirm-text").textContent()).toContain(till.id);
  await page.keyboard.press("Escape");
  await page.getByTestId("confirm").waitFor({ state: "hidden" });
  await page.getByTestId("disconnect").click();
  await page.keyboard.press("Enter"); // Cancel has the focus
  await page.getByTestId("confirm").waitFor({ state: "hidden" });
  expect(till.closed).toBeNull();
  await page.getByTestId("disconnect").click();
  await page.getByTestId("confirm-yes").click();
  await note(page, `The connection ${till.id} of u5 is closed.`);
  await eventually(() => till.closed, 10_000, "the client to be closed");
  expect(till.closed!.code).toBe(4009);
  expect(tills.filter((one) => one.closed)).toEqual([till]);
});

test("a user is disconnected everywhere, and the page says until when tokens are refused", async () => {
  const page = await stage.enter({}, "connections");
  await search(page, "user", "u4");
  await note(page, "4 connected.");
  await page.getByTestId("disconnect-user").first().click();
  await page.getByTestId("confirm-yes").click();
  await note(page, /^Closed for u4: 4\. Tokens issued until .* are refused\.$/);
  const own = tills.filter((_, n) => n % 6 === 4);
  await eventually(() => own.every((one) => one.closed), 10_000, "the user's clients to be closed");
  expect(own.map((one) => one.closed!.code)).toEqual([4009, 4009, 4009, 4009]);
  expect(await users(page)).toEqual([]);
});

test("an explanation says why a user got a notification, and the numbers of all", async () => {
  const message = stage.scene.note(0, ["u0"]);
  await stage.scene.send([message]);
  const sql = `SELECT id::text FROM signal."ActivityNotification" WHERE title = $1`;
  const id = await eventually(
    async () => (await stage.scene.database.query(sql, [message.title]))[0]?.id as string | undefined,
    20_000,
    "the row",
  );
  const page = await stage.enter({}, "explain");
  const ask = async (user: string) => {
    await page.getByTestId("explain-id").fill(id);
    await page.getByTestId("explain-user").fill(user);
    await page.keyboard.press("Enter");
  };
  await ask("u0");
  const verdict = page.getByTestId("verdict");
  await verdict.waitFor();
  expect(await verdict.getAttribute("data-code")).toBe("pushed");
  expect(await page.getByTestId("explanation").textContent()).toContain(id);
  await ask("u1");
  await eventually(
    async () => (await verdict.getAttribute("data-code")) === "not_in_scope",
    10_000,
    "the other verdict",
  );
  await ask("");
  await page.getByTestId("explanation").getByText("Have the notification").waitFor();
  await stage.quietly(/404/, async () => {
    await page.getByTestId("explain-id").fill("01935f2e-7c00-7000-8000-000000000001");
    await page.keyboard.press("Enter");
    await page.getByTestId("explain-problem").getByText("No such notification").waitFor();
  });
});

test("a user id that is HTML is shown as text, found and disconnected", async () => {
  const till = await connected(stage.scene.first, await stage.scene.stack.issuer.token({ userId: hostile }));
  const page = await stage.enter({}, "connections");
  await search(page, "user", hostile);
  await note(page, "1 connected.");
  expect(await users(page)).toEqual([hostile]);
  await page.getByTestId("disconnect-user").click();
  expect(await page.getByTestId("confirm-text").textContent()).toContain(hostile);
  await page.getByTestId("confirm-yes").click();
  await page.getByTestId("connections-note").getByText(`Closed for ${hostile}: 1.`).waitFor();
  await eventually(() => till.closed, 10_000, "the client to be closed");
  till.close();
  expect(await page.title()).toBe("Signal, operators");
  expect(await page.locator("main img, main script, main iframe").count()).toBe(0);
});

/** Every text of a JSON value is replaced by the hostile one. */
function poisoned(value: any): any {
  if (typeof value === "string") return hostile;
  if (Array.isArray(value)) return value.map(poisoned);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one)]));
}
const letters = {
  data: [
    {
      partition: 0,
      offset: 7,
      time: "2026-11-30T12:00:00.000Z",
      reason: "r",
      source: { topic: "t", partition: 1, offset: 2 },
      key: "k",
      headers: { h: "v" },
      value: "v",
    },
  ],
};

test.each(["instances", "connections", "explain", "dead-letters"])(
  "whatever a server answers in the view %s, none of it becomes a part of the page",
  async (view) => {
    const page = await stage.enter();
    await page.getByTestId("instance").first().waitFor();
    await page.route("**/v1/**", async (route) => {
      if (route.request().url().includes("dead-letters")) return route.fulfill({ json: poisoned(letters) });
      const response = await route.fetch();
      return route.fulfill({ response, json: poisoned(await response.json()) });
    });
    await page.getByTestId(`nav-${view}`).click();
    if (view === "explain") {
      const [row] = await stage.scene.database.query(`SELECT id::text FROM signal."ActivityNotification" LIMIT 1`);
      await page.getByTestId("explain-id").fill(String(row!.id));
      await page.getByTestId("explain-user").fill("u0");
      await page.keyboard.press("Enter");
    }
    const shown = page.locator(`#view-${view}`);
    await shown.getByText(hostile).first().waitFor();
    expect(await page.title()).toBe("Signal, operators");
    expect(await page.locator("main img, main script, main iframe").count()).toBe(0);
  },
);

test("no page asked another origin for anything, and no console had a complaint", () => {
  expect(stage.complaints).toEqual([]);
});
