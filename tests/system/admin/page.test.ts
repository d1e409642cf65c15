// The operators' page in headless Chromium, on two instances: sign-in, instances, charts, test push.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { idOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import { Stage, type Page } from "./page_stage";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const stored = (page: Page) => page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)");
const stateOf = (page: Page, id: string) => page.locator(`[data-testid=instance][data-id="${id}"]`);

async function refusedWith(token: string, said: RegExp): Promise<void> {
  const page = await stage.visit();
  await page.getByTestId("token").fill(token);
  await page.getByTestId("enter").click();
  await page.getByTestId("sign-in-problem").getByText(said).waitFor();
  expect(await page.getByTestId("signed-in").isVisible()).toBe(false);
  expect(await stored(page)).not.toContain(token || "eyJ");
  expect(await page.getByTestId("token").inputValue()).toBe("");
}

test("without a token nothing is sent", () => refusedWith("", /The token is missing/));
test("a text that no header can carry is no token", () => refusedWith("näh ein", /This is no token/));
test("a token that the server refuses is said to be so", () =>
  stage.quietly(/401/, () => refusedWith("abc.def.ghi", /The server refuses this token/)));
test("a token without the role is said to have no rights, and which setting gives them", () =>
  stage.quietly(/403/, async () => {
    const token = await stage.scene.stack.issuer.token({ userId: "u1", roles: [{ identifier: "100_cashier" }] });
    await refusedWith(token, /no operator's rights: it needs a role of SIGNAL_ADMIN_ROLES/);
  }));

test("an operator signs in with the keyboard alone and sees both instances", async () => {
  const page = await stage.visit();
  await page.keyboard.type(stage.boss); // the field has the focus
  await page.keyboard.press("Enter");
  for (const instance of stage.scene.instances) {
    const card = stateOf(page, idOf(instance));
    await eventually(async () => (await card.getAttribute("data-state")) === "ready", 20_000, "the instance");
    expect(await card.textContent()).toContain(instance.address);
    expect(await card.textContent()).toContain("Database ok");
    expect(await card.textContent()).toContain("Kafka ok");
    expect(await card.textContent()).toContain("Redis ok");
  }
  expect(await page.getByTestId("broadcasts-note").textContent()).toBe("None.");
});

test("a reload keeps the sign-in of the tab, and signing out forgets token and data", async () => {
  const page = await stage.enter();
  await page.reload();
  await page.getByTestId("instance").first().waitFor();
  await page.getByTestId("sign-out").click();
  await page.getByTestId("signed-out").waitFor();
  expect(await stored(page)).not.toContain(stage.boss);
  expect(await page.getByTestId("instance").count()).toBe(0);
  await page.reload();
  await page.getByTestId("token").waitFor();
  expect(await page.getByTestId("signed-in").isVisible()).toBe(false);
});

test("a token that stops being valid signs the page out and says so", () =>
  stage.quietly(/401/, async () => {
    const page = await stage.enter();
    await page.getByTestId("instance").first().waitFor();
    await page.route("**/v1/operators/instances", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: "Bearer gone" } }),
    );
    await page.getByTestId("sign-in-problem").getByText("expired or was revoked").waitFor();
    expect(await page.getByTestId("instance").count()).toBe(0);
  }));

test("an instance that is stopped is shown without an answer, and as ready when it goes on", async () => {
  const page = await stage.enter();
  const other = stage.scene.instances[1]!;
  const card = stateOf(page, idOf(other));
  await card.waitFor();
  process.kill(other.pid, "SIGSTOP");
  try {
    await eventually(async () => (await card.getAttribute("data-state")) === "missing", 10_000, "the missing one");
    expect(await card.textContent()).toContain("no answer");
    expect(await page.getByTestId("polled").textContent()).toBe("1 answered, 1 did not");
  } finally {
    process.kill(other.pid, "SIGCONT");
  }
  await eventually(async () => (await card.getAttribute("data-state")) === "ready", 20_000, "it to be ready again");
});

test("while the server cannot be reached the page says that its values are old", () =>
  stage.quietly(/Failed to load resource/, async () => {
    const page = await stage.enter();
    await page.getByTestId("instance").first().waitFor();
    await page.route("**/v1/operators/instances", (route) => route.abort());
    await page.getByTestId("poll-problem").getByText("cannot be reached. The values below are old").waitFor();
    expect(await page.getByTestId("instance").count()).toBe(2);
    await page.unroute("**/v1/operators/instances");
    await eventually(
      async () => (await page.getByTestId("poll-problem").textContent()) === "",
      10_000,
      "the next answer",
    );
  }));

test("the charts show the connections of both instances, and the rate of what is pushed", async () => {
  const page = await stage.enter();
  await stage.scene.watch("u1", stage.scene.instances[0]);
  await stage.scene.watch("u2", stage.scene.instances[1]);
  const value = async (id: string) => Number(await page.getByTestId(`chart-${id}`).getAttribute("data-value"));
  await eventually(async () => (await value("connections")) === stage.scene.clients.length, 10_000, "the connections");
  expect(await page.getByTestId("chart-frames").textContent()).toContain("Frames a second");
  stage.scene.flow(100);
  await eventually(async () => (await value("frames")) > 0, 20_000, "frames in the chart");
  await eventually(async () => (await value("records")) > 0, 20_000, "records in the chart");
  await stage.scene.quiet();
  const label = await page.getByTestId("chart-records").getByRole("img").getAttribute("aria-label");
  expect(label).toMatch(/^Kafka records a second: now [\d.,]+, highest [\d.,]+ in the last five minutes$/);
});

test("a test push is followed from the handshake to the decrypted frame", async () => {
  const page = await stage.enter({}, "test-push");
  await page.getByTestId("push").click();
  await page.getByTestId("push-step").getByText("Arrived and decrypted").waitFor();
  const steps = await page.getByTestId("push-step").allTextContents();
  expect(steps.length).toBe(3);
  expect(steps[1]).toBe("Sent to the user boss.");
  expect(await page.getByTestId("push-problem").textContent()).toBe("");
});

test("a test push whose WebSocket is refused says what to look at", () =>
  stage.quietly(/WebSocket/, async () => {
    const page = await stage.enter({}, "test-push");
    await page.evaluate(`document.querySelector('meta[name="signal-stream"]').content = "/health"`);
    await page.getByTestId("push").click();
    await page.getByTestId("push-problem").getByText("Is the address of this page in SIGNAL_CORS_ORIGINS?").waitFor();
    expect(await page.getByTestId("push").isEnabled()).toBe(true);
  }));

test("the token was in no address, and no page asked another origin or complained", () => {
  expect(stage.urls.length).toBeGreaterThan(50);
  expect(stage.urls.filter((url) => url.includes(stage.boss.slice(0, 20)))).toEqual([]);
  expect(stage.complaints).toEqual([]);
});
