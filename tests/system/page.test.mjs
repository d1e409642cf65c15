// The page of `nx-signal dev` in headless Chromium, against the built binary: who is moved by a payment, and who is
// not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import {
  badges,
  complaints,
  desktop,
  everyone,
  folder,
  harbourCashier,
  harbourManager,
  newContext,
  open,
  origin,
  outsider,
  output,
  owner,
  payByForm,
  rest,
  rows,
  sendForm,
  stationCashier,
  stationManager,
  toastsAre,
  unreadCounts,
  until,
} from "./support/page_stage.mjs";

// Two pages, so that all six people watch.
const halves = [everyone.slice(0, 3), everyone.slice(3)];
const toasts = [[], []]; // the toasts that each page has to show, in any order
const total = Object.fromEntries(everyone.map((id) => [id, 0])); // unread, as computed here
let opened; // by the first test that needs them
const watched = () => (opened ??= Promise.all(halves.map((people) => open(people))));

test("before any payment everybody has no unread notification", async () => {
  const pages = await watched();
  await pages[0].screenshot({ path: join(output, "payments-before.png"), fullPage: true });
  assert.deepEqual(await unreadCounts(), total);
});

/** The rows are the truth, and are there before any hint: now everyone's are. And then the badges. */
async function countsAreRight(pages) {
  await until(async () => JSON.stringify(await unreadCounts()) === JSON.stringify(total), "the rows");
  const expected = JSON.stringify(halves.map((half) => half.map((one) => total[one])));
  await until(async () => JSON.stringify(await Promise.all(pages.map(badges))) === expected, "the badges");
}

/** The result panel says of everybody whether they got it, and of some why. */
async function panelSays(page, gets, why) {
  for (const userId of everyone) {
    const line = page.getByTestId(`audience-${userId}`);
    assert.equal(await line.getAttribute("data-gets"), String(gets.includes(userId)));
    assert.match(await line.textContent(), gets.includes(userId) ? /Got it/ : /Did not get it/);
    if (why[userId]) assert.match(await line.textContent(), why[userId]);
  }
}

for (const { what, pay, gets, why } of [
  {
    what: "to the organisation",
    pay: { scope: "org" },
    gets: [owner],
    why: { [owner]: /joined to organizer lantern/, [outsider]: /not joined to organizer lantern/ },
  },
  {
    what: "to a merchant",
    pay: { scope: "harbour" },
    gets: [owner, harbourManager, harbourCashier],
    why: {
      [owner]: /joined to organizer lantern, which merchant harbour inherits from/,
      [harbourCashier]: /joined to merchant harbour/,
      [stationManager]: /not joined to merchant harbour/,
    },
  },
  {
    what: "to a merchant without its owner",
    pay: { scope: "station", except: owner },
    gets: [stationManager, stationCashier],
    why: { [owner]: /excluded/, [stationCashier]: /joined to merchant station/ },
  },
  {
    what: "to two users by name",
    pay: { scope: "users", recipients: [outsider, stationCashier] },
    gets: [outsider, stationCashier],
    why: { [outsider]: /named in recipientIds/, [owner]: /not named in recipientIds/ },
  },
]) {
  test(`a payment ${what} moves badge, inbox and toast of exactly those whom it is for, and says why`, async () => {
    const pages = await watched();
    const { body, audience } = await payByForm(pages[0], pay);
    const said = audience.filter((one) => one.gets).map((one) => one.userId);
    assert.deepEqual(said.sort(), [...gets].sort());
    for (const userId of gets) total[userId] += 1;
    await countsAreRight(pages);
    for (const [at, page] of pages.entries()) {
      const expected = halves[at].map((userId) => (gets.includes(userId) ? 1 : 0));
      const shown = await Promise.all(halves[at].map((_, slot) => rows(page, slot, body).count()));
      assert.deepEqual(shown, expected);
      await toastsAre(page, body, expected);
      expected.forEach((count, slot) => {
        if (count) toasts[at].push({ slot, body });
      });
    }
    await panelSays(pages[0], gets, why);
    await pages[0].screenshot({ path: join(output, "payments-after.png"), fullPage: true });
  });
}

/** The same three people in two tabs, and the badges of both after a payment to a merchant. */
async function inTwoTabs(story) {
  const context = await newContext({ viewport: desktop });
  const here = await open([owner, harbourCashier, outsider], { context });
  const there = await open([owner, harbourCashier, outsider], { context });
  await payByForm(here, { scope: "harbour" });
  const before = await badges(here);
  await until(async () => JSON.stringify(await badges(there)) === JSON.stringify(before), "the other tab's badges");
  await story(here, there, before);
  await context.close();
}

test("reading one in a tab moves the badge of the same person in another tab, and of nobody else", () =>
  inTwoTabs(async (here, there, before) => {
    const unread = here.getByTestId("inbox-0").locator("[part~=unread]").first();
    await unread.getByRole("button", { name: "Mark as read" }).click();
    await until(async () => (await badges(there))[0] === before[0] - 1, "the badge in the other tab");
    assert.deepEqual(await badges(there), [before[0] - 1, before[1], before[2]]);
    await until(async () => (await badges(here))[0] === before[0] - 1, "the badge in this tab");
    assert.equal(await rows(there, 0).first().getAttribute("part"), "row"); // and no longer unread
  }));

test("reading all in a tab empties the badge of the same person in another tab, and of nobody else", () =>
  inTwoTabs(async (here, there, before) => {
    await there.getByTestId("inbox-1").getByRole("button", { name: "Mark all read" }).click();
    await until(async () => (await badges(here))[1] === 0, "the badge of who read all");
    assert.equal(await here.getByTestId("inbox-1").locator("[part~=unread]").count(), 0);
    assert.equal((await badges(here))[0], before[0]);
    assert.equal((await rest(harbourCashier, "/v1/notifications/unread-count")).count, 0);
  }));

test("who was offline catches up on return, sees the newest as toasts, and the number of the others", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const [before] = await badges(page);
  await page.getByTestId("line-0").click();
  await page.getByTestId("status-0").getByText("Offline").waitFor();
  await page.getByTestId("scope-org").check();
  const bodies = [];
  for (let n = 0; n < 3; ++n) bodies.push((await sendForm(page)).body);
  await until(async () => (await rest(owner, "/v1/notifications/unread-count")).count === before + 3, "the rows");
  assert.equal((await badges(page))[0], before);

  await page.getByTestId("line-0").click();

  await until(async () => (await badges(page))[0] === before + 3, "the badge after catch-up");
  for (const body of bodies) assert.equal(await rows(page, 0, body).count(), 1);
  const toasts = page.getByTestId("toasts-0");
  await toasts.locator("[part=more]", { hasText: "1 more notification" }).waitFor();
  assert.equal(await toasts.locator("[part=toast]").count(), 2);
  await page.context().close();
});

test("a bad amount is refused in words, beside the field", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const heard = complaints.length;
  await page.getByTestId("amount").fill("a lot");
  await page.getByTestId("pay").click();
  await page.getByTestId("pay-problem").getByText("amount must be a number").waitFor();
  assert.equal(await page.getByTestId("amount").getAttribute("aria-invalid"), "true");
  // Chromium reports every 4xx of a fetch on the console: this one was asked for.
  assert.deepEqual(
    complaints.splice(heard).filter((one) => !/422/.test(one)),
    [],
  );
  await page.context().close();
});

test("a person can be changed, and the new one's inbox and badge are shown", async () => {
  const page = await open([outsider, harbourCashier, stationCashier]);
  await page.getByTestId("choose-0").selectOption(owner);
  const { count } = await rest(owner, "/v1/notifications/unread-count");
  await until(async () => (await badges(page))[0] === count, "the badge of the new person");
  await page.getByTestId("status-0").getByText("Live, encrypted").waitFor();
  assert.match(page.url(), /people=u-owner,u-harbour-cashier,u-station-cashier/);
  const newest = (await rest(owner, "/v1/notifications?limit=30")).data.map(({ body }) => body);
  const shown = await rows(page, 0).locator("[part=row-body]").allTextContents();
  assert.ok(shown.length > 0);
  assert.deepEqual(shown, newest.slice(0, shown.length)); // of a long list only those on the screen are elements
  await page.context().close();
});

test("ready-to-paste lines carry this run's addresses and are copied whole", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  for (const name of ["listen", "notify", "kcat", "curl"]) {
    await page.getByTestId(`copy-${name}`).click();
    await page.getByTestId(`copy-${name}`).getByText("Copied").waitFor();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      await page.getByTestId(`line-${name}`).textContent(),
    );
  }
  assert.match(await page.getByTestId("line-listen").textContent(), new RegExp(new URL(origin).host));
  await page.context().close();
});

test("ready-to-paste lines work as they stand", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const line = (name) => page.getByTestId(`line-${name}`).textContent();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
  const paste = (command) => spawn("sh", ["-c", command], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const run = async (name) => {
    const child = paste(await line(name));
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    child.stderr.on("data", (text) => {
      said += text;
    });
    assert.equal(await new Promise((done) => child.once("close", done)), 0, `${name}: ${said}`);
    return said;
  };
  const heard = [];
  const listener = paste(`exec ${await line("listen")}`);
  createInterface({ input: listener.stdout }).on("line", (text) => heard.push(JSON.parse(text)));
  await until(() => heard.some(({ event }) => event === "connected"), "listen to be connected");

  await run("notify");
  await run("kcat");

  await until(() => heard.some(({ data }) => data.title === "From kcat"), "the hint of kcat's message");
  await until(() => heard.some(({ data }) => data.title === "Payment received"), "the hint of notify's message");
  const rows = JSON.parse(await run("curl")).data;
  assert.ok(rows.some(({ title }) => title === "From kcat"));
  listener.kill("SIGINT");
  assert.equal(await new Promise((done) => listener.once("close", done)), 0);
  await page.context().close();
});

/** The status of a request with exactly these headers. */
const statusOf = (method, path, headers, body = "") =>
  new Promise((answered, failed) => {
    const asking = request(`${origin}${path}`, { method, headers }, (response) => {
      response.resume();
      response.on("end", () => answered(response.statusCode));
    });
    asking.on("error", failed);
    asking.end(body);
  });
const token = '{"userId":"u-owner"}';
const asPage = () => ({ host: new URL(origin).host, origin, "x-signal-dev": "1" });
for (const [what, status, ask] of [
  ["for the page at its own address", 200, ({ host }) => statusOf("GET", "/", { host })],
  ["for the page at localhost", 200, ({ port }) => statusOf("GET", "/", { host: `localhost:${port}` })],
  ["for the page at a foreign host", 403, ({ port }) => statusOf("GET", "/", { host: `signal.evil.example:${port}` })],
  ["of a foreign page", 403, ({ host }) => statusOf("GET", "/dev/info", { host, origin: "https://evil.example" })],
  ["for a token by a plain form", 403, ({ host }) => statusOf("POST", "/dev/token", { host }, token)],
  [
    "for a token of another page of this machine",
    403,
    () => statusOf("POST", "/dev/token", { ...asPage(), origin: "http://localhost:1" }, token),
  ],
  ["for a payment by a plain form", 403, ({ host }) => statusOf("POST", "/dev/payments", { host }, "{}")],
  ["for a token of the page itself", 200, () => statusOf("POST", "/dev/token", asPage(), token)],
]) {
  test(`a request ${what} is answered ${status}`, async () => {
    assert.equal(await ask(new URL(origin)), status);
  });
}

test("each of the four payments was a toast once for each of those whom it was for, and for nobody else", async () => {
  const pages = await watched();
  const order = (a, b) => a.body.localeCompare(b.body) || a.slot - b.slot;
  for (const [at, page] of pages.entries()) {
    const bodies = new Set(toasts.flat().map(({ body }) => body));
    const shown = (await page.evaluate("toasted")).filter(({ body }) => bodies.has(body));
    assert.deepEqual(shown.sort(order), toasts[at].sort(order));
  }
});

test("no page has kept a position or anything else of an inbox in the storage of the browser", async () => {
  const [page] = await watched();
  const names = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  assert.deepEqual(names, []);
});

test("no page has asked another origin for anything, and no console had a complaint", () => {
  assert.deepEqual(complaints, []);
});
