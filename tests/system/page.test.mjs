// The page of `nx-signal dev` in headless Chromium, against the built binary: who is moved by a payment, and who is not; then what makes a
// page usable. Screenshots are kept in tests/output/page/.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { lowContrast } from "./support/contrast.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.env.NX_SIGNAL_BINARY ?? join(here, "../../build/dev/nx-signal"));
const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(here, "../output"), "page");
const patience = 10 * ({ tsan: 8, asan: 4 }[process.env.NX_SIGNAL_PRESET] ?? 1);   // a machine ten times slower passes, and a sanitizer; waits are scaled, never what is asserted
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const owner = "u-owner", harbourManager = "u-harbour-manager", harbourCashier = "u-harbour-cashier";
const stationManager = "u-station-manager", stationCashier = "u-station-cashier", outsider = "u-outsider";
const everyone = [owner, harbourManager, harbourCashier, stationManager, stationCashier, outsider];
const desktop = { width: 1440, height: 900 };
const phone = { width: 360, height: 780 };

let signal, browser, folder, origin;
const complaints = [];   // console errors, page errors, foreign requests: of all pages

before(async () => {
  mkdirSync(output, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "signal-page-"));
  // The settings of the test run are not Signal's, which refuses unknown ones.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
  signal = spawn(binary, ["dev", "--http-port", "0", "--log-format", "json"], { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  signal.exited = new Promise((done) => signal.once("exit", (code, reason) => done(code ?? reason)));
  const logs = [];
  const listening = new Promise((found) => createInterface({ input: signal.stderr }).on("line", (line) => {
    logs.push(line);
    try { const entry = JSON.parse(line); if (entry.event === "listening") found(entry); } catch { /* no log line */ }
  }));
  const ended = signal.exited.then((code) => { throw new Error(`nx-signal ended with ${code}:\n${logs.join("\n")}`); });
  ended.catch(() => {});   // it ends in order, later
  origin = (await Promise.race([listening, ended])).url;
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  signal?.kill("SIGTERM");
  const code = await signal?.exited;
  if (folder) rmSync(folder, { recursive: true, force: true });
  assert.equal(code, 0, "nx-signal ended in order");
});

/** Three of the people side by side, all of them live. */
async function open(people, { viewport = desktop, colorScheme = "light", context } = {}) {
  const own = context ?? await browser.newContext({ viewport, colorScheme });
  own.setDefaultTimeout(15_000 * patience);
  const page = await own.newPage();
  // Toasts go after a while: they are noted when they come.
  await page.addInitScript(() => {
    globalThis.toasted = [];
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
      if (node.dataset?.testid === "toast") toasted.push({ slot: Number(node.parentElement.dataset.testid.split("-")[1]), key: node.dataset.key });
    }))).observe(document, { childList: true, subtree: true });
  });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("request", (request) => { if (new URL(request.url()).origin !== origin) complaints.push(`request to ${request.url()}`); });
  page.on("websocket", (socket) => { if (new URL(socket.url()).host !== new URL(origin).host) complaints.push(`WebSocket to ${socket.url()}`); });
  await page.goto(`${origin}/?people=${people.join(",")}`);
  for (let slot = 0; slot < 3; ++slot) await page.getByTestId(`status-${slot}`).getByText("Live, encrypted").waitFor();
  return page;
}

const badges = (page) => page.locator("[data-testid^=badge-]").evaluateAll((all) => all.map((one) => Number(one.dataset.count)));
/** How many toasts each of the three has ever shown for that payment. */
const toasts = (page, key) => page.evaluate((wanted) => [0, 1, 2].map((slot) => globalThis.toasted.filter((one) => one.slot === slot && one.key === wanted).length), key);

async function until(probe, what) {
  const deadline = Date.now() + 15_000 * patience;
  for (;;) {
    if (await probe()) return;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Pays by the form, waits for the hints on this page, and returns what the result panel says. */
async function payByForm(page, { scope, recipients = [], except = "" }) {
  await page.getByTestId(`scope-${scope}`).check();
  if (scope === "users") for (const id of everyone) await page.getByTestId(`recipient-${id}`).setChecked(recipients.includes(id));
  await page.getByTestId("exclude").selectOption(except);
  const answered = page.waitForResponse((response) => response.url().endsWith("/dev/payments"));
  await page.getByTestId("pay").click();
  const { id, audience } = await (await answered).json();
  await page.locator("[data-testid^=audience-]").first().waitFor();
  const seats = await page.locator("[data-testid^=person-]").evaluateAll((all) => all.map((one) => one.dataset.user));
  const expected = audience.filter(({ gets }) => gets).map(({ userId }) => userId);
  for (const [slot, userId] of seats.entries()) {
    if (expected.includes(userId)) await page.getByTestId(`inbox-${slot}`).locator(`[data-key="${id}"]`).waitFor();
  }
  return { id, audience };
}

/** A token, and REST as that person. */
async function rest(userId, path, init = {}) {
  const token = await (await fetch(`${origin}/dev/token`, {
    method: "POST", headers: { "x-signal-dev": "1", "content-type": "application/json" }, body: JSON.stringify({ userId }),
  })).json();
  const response = await fetch(origin + path, { ...init, headers: { authorization: `Bearer ${token.token}`, "content-type": "application/json" } });
  assert.equal(response.status, 200);
  return response.json();
}
const unreadCounts = async () => Object.fromEntries(await Promise.all(everyone.map(async (id) => [id, (await rest(id, "/v1/notifications/unread-count")).count])));

test("a payment moves badge, inbox and toast of exactly the expected people, in every scope, and says why", async () => {
  const cases = [
    { pay: { scope: "org" }, gets: [owner], why: { [owner]: /joined to organizer lantern/, [outsider]: /not joined to organizer lantern/ } },
    { pay: { scope: "harbour" }, gets: [owner, harbourManager, harbourCashier],
      why: { [owner]: /joined to organizer lantern, which merchant harbour inherits from/, [harbourCashier]: /joined to merchant harbour/, [stationManager]: /not joined to merchant harbour/ } },
    { pay: { scope: "station", except: owner }, gets: [stationManager, stationCashier], why: { [owner]: /excluded/, [stationCashier]: /joined to merchant station/ } },
    { pay: { scope: "users", recipients: [outsider, stationCashier] }, gets: [outsider, stationCashier], why: { [outsider]: /named in recipientIds/, [owner]: /not named in recipientIds/ } },
  ];
  // Two pages, so that all six people watch.
  const halves = [everyone.slice(0, 3), everyone.slice(3)];
  const pages = await Promise.all(halves.map((people) => open(people)));
  await pages[0].screenshot({ path: join(output, "desktop-light-before.png"), fullPage: true });
  const counts = await unreadCounts();
  assert.deepEqual(counts, Object.fromEntries(everyone.map((id) => [id, 0])));
  const total = Object.fromEntries(everyone.map((id) => [id, 0]));

  for (const { pay, gets, why } of cases) {
    const { id, audience } = await payByForm(pages[0], pay);

    assert.deepEqual(audience.filter((one) => one.gets).map((one) => one.userId).sort(), [...gets].sort());
    for (const userId of gets) total[userId] += 1;
    // The rows are the truth, and are there before any hint: now everyone's are.
    await until(async () => JSON.stringify(await unreadCounts()) === JSON.stringify(total), `the rows of ${JSON.stringify(pay)}`);
    await until(async () => JSON.stringify(await Promise.all(pages.map(badges))) === JSON.stringify(halves.map((half) => half.map((one) => total[one]))), "the badges");
    for (const [at, page] of pages.entries()) {
      for (const [slot, userId] of halves[at].entries()) {
        const expected = gets.includes(userId) ? 1 : 0;
        assert.equal(await page.getByTestId(`inbox-${slot}`).locator(`[data-key="${id}"]`).count(), expected, `${userId} in ${JSON.stringify(pay)}`);
        assert.equal((await toasts(page, id))[slot], expected, `toast of ${userId} in ${JSON.stringify(pay)}`);
      }
    }
    for (const userId of everyone) {
      const line = pages[0].getByTestId(`audience-${userId}`);
      assert.equal(await line.getAttribute("data-gets"), String(gets.includes(userId)));
      assert.match(await line.textContent(), gets.includes(userId) ? /Got it/ : /Did not get it/);
      if (why[userId]) assert.match(await line.textContent(), why[userId]);
    }
  }
  await pages[0].screenshot({ path: join(output, "desktop-light-after.png"), fullPage: true });
  await Promise.all(pages.map((page) => page.context().close()));
});

test("reading in one tab moves the badge of the same person in another, and of nobody else", async () => {
  const context = await browser.newContext({ viewport: desktop });
  const here = await open([owner, harbourCashier, outsider], { context });
  const there = await open([owner, harbourCashier, outsider], { context });
  await payByForm(here, { scope: "harbour" });
  const before = await badges(here);
  await until(async () => JSON.stringify(await badges(there)) === JSON.stringify(before), "the other tab's badges");

  await here.getByTestId("inbox-0").locator("[data-read=false]").first().getByRole("button").click();

  await until(async () => (await badges(there))[0] === before[0] - 1, "the badge in the other tab");
  assert.deepEqual(await badges(there), [before[0] - 1, before[1], before[2]]);
  await until(async () => (await badges(here))[0] === before[0] - 1, "the badge in this tab");
  assert.equal(await there.getByTestId("inbox-0").locator("[data-testid=item]").first().getAttribute("data-read"), "true");

  await there.getByTestId("read-all-1").click();
  await until(async () => (await badges(here))[1] === 0, "the badge of who read all");
  assert.equal(await here.getByTestId("inbox-1").locator("[data-read=false]").count(), 0);
  assert.equal((await badges(here))[0], before[0] - 1);
  assert.equal((await rest(harbourCashier, "/v1/notifications/unread-count")).count, 0);
  await context.close();
});

test("who was offline catches up on return, once", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const [before] = await badges(page);
  await page.getByTestId("line-0").click();
  await page.getByTestId("status-0").getByText("Offline").waitFor();
  const ids = [];
  for (let n = 0; n < 3; ++n) {
    const answered = page.waitForResponse((response) => response.url().endsWith("/dev/payments"));
    await page.getByTestId("scope-org").check();
    await page.getByTestId("pay").click();
    ids.push((await (await answered).json()).id);
  }
  await until(async () => (await rest(owner, "/v1/notifications/unread-count")).count === before + 3, "the rows");
  assert.equal((await badges(page))[0], before);

  await page.getByTestId("line-0").click();

  await until(async () => (await badges(page))[0] === before + 3, "the badge after catch-up");
  for (const id of ids) assert.equal(await page.getByTestId("inbox-0").locator(`[data-key="${id}"]`).count(), 1);
  assert.match(await page.getByTestId("toasts-0").textContent(), /3 while you were away/);
  await page.context().close();
});

test("the wire panel shows a sealed envelope beside what it opens to", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const { id } = await payByForm(page, { scope: "org" });
  await page.locator('[data-testid=frame][data-event="observation/signal/notification/created"]').first().click();
  const raw = await page.getByTestId("wire-raw").textContent();
  const opened = await page.getByTestId("wire-opened").textContent();
  assert.deepEqual(Object.keys(JSON.parse(raw)), ["event", "data"]);
  assert.equal(JSON.parse(raw).event, "encrypted");
  assert.ok(!raw.includes(id), "nothing of the payment is readable on the wire");
  assert.equal(JSON.parse(opened).data.key, id);
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
  assert.deepEqual(complaints.splice(heard).filter((one) => !/422/.test(one)), []);
  await page.context().close();
});

test("a person can be changed, and the new one's inbox and badge are shown", async () => {
  const page = await open([outsider, harbourCashier, stationCashier]);
  await page.getByTestId("choose-0").selectOption(owner);
  const { count } = await rest(owner, "/v1/notifications/unread-count");
  await until(async () => (await badges(page))[0] === count, "the badge of the new person");
  await page.getByTestId("status-0").getByText("Live, encrypted").waitFor();
  assert.match(page.url(), /people=u-owner,u-harbour-cashier,u-station-cashier/);
  assert.equal(await page.getByTestId("inbox-0").locator("[data-testid=item]").count(), (await rest(owner, "/v1/notifications?limit=30")).data.length);
  await page.context().close();
});

test("ready-to-paste lines carry this run's addresses and are copied whole", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  for (const name of ["listen", "notify", "kcat", "curl"]) {
    await page.getByTestId(`copy-${name}`).click();
    await page.getByTestId(`copy-${name}`).getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.getByTestId(`line-${name}`).textContent());
  }
  assert.match(await page.getByTestId("line-listen").textContent(), new RegExp(new URL(origin).host));
  await page.context().close();
});

async function looksRight(device, viewport, colorScheme) {
  const page = await open([owner, harbourCashier, outsider], { viewport, colorScheme });
  await page.screenshot({ path: join(output, `${device}-${colorScheme}-before.png`), fullPage: true });
  await payByForm(page, { scope: "harbour", except: harbourManager });
  await page.getByTestId("result").getByText("The Kafka message").click();
  await page.waitForTimeout(400);   // the toast's entrance has an opacity of its own
  await page.screenshot({ path: join(output, `${device}-${colorScheme}-after.png`), fullPage: true });

  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no horizontal scroll");
  const wide = await page.evaluate(() => [...document.body.querySelectorAll("*:not(.skip)")].filter((one) =>
    one.getClientRects().length > 0 && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, []);
  assert.deepEqual(await page.evaluate(lowContrast, 4.5), []);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`), []);
  await page.context().close();
}

test("on a desktop in light: contrast, no sideways scroll, nothing serious from axe", () => looksRight("desktop", desktop, "light"));
test("on a desktop in dark: contrast, no sideways scroll, nothing serious from axe", () => looksRight("desktop", desktop, "dark"));
test("on a phone in light: contrast, no sideways scroll, nothing serious from axe", () => looksRight("phone", phone, "light"));
test("on a phone in dark: contrast, no sideways scroll, nothing serious from axe", () => looksRight("phone", phone, "dark"));

test("everything is reached by keyboard, with the focus visible at each stop", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const stops = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return null;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      return {
        name: at.dataset.testid ?? at.id ?? at.className, html: at.outerHTML.slice(0, 90),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      };
    });
    if (!stop || stops.length > 400) break;
    stops.push(stop);
  }
  assert.ok(stops.length < 400, "the walk ends");
  assert.deepEqual(stops.filter(({ outlined, onScreen }) => !outlined || !onScreen), []);
  const names = new Set(stops.map(({ name }) => name));
  for (const name of ["theme", "amount", "scope-harbour", "exclude", "pay", "choose-0", "read-all-0", "line-2", "frame", "wire-raw", "wire-opened", "copy-listen", "line-curl"]) {
    assert.ok(names.has(name), `${name} is a stop; stops: ${[...names].join(" ")}`);
  }
  // The whole job without a pointer.
  const [before] = await badges(page);
  await page.getByTestId("amount").focus();
  await page.keyboard.press("Enter");
  await until(async () => (await badges(page))[0] === before + 1, "the badge after Enter");
  await page.context().close();
});

test("the ready-to-paste lines work as they stand", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const line = (name) => page.getByTestId(`line-${name}`).textContent();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
  const paste = (command) => spawn("sh", ["-c", command], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const run = async (name) => {
    const child = paste(await line(name));
    let said = "";
    child.stdout.on("data", (text) => { said += text; });
    child.stderr.on("data", (text) => { said += text; });
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

test("the theme can be switched and is remembered", async () => {
  const page = await open([owner, harbourCashier, outsider], { colorScheme: "light" });
  await page.getByTestId("theme").click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await page.getByTestId("theme").getAttribute("aria-pressed"), "true");
  await page.context().close();
});

test("the page says loudly that it is not for production", async () => {
  const page = await open([owner, harbourCashier, outsider], { viewport: phone });
  assert.match(await page.getByTestId("warning").textContent(), /Not for production/);
  assert.ok(await page.getByTestId("warning").evaluate((one) => one.getBoundingClientRect().bottom < innerHeight), "above the fold of a phone");
  await page.context().close();
});

test("another site gets nothing: foreign hosts, foreign origins and plain forms are refused", async () => {
  const { request } = await import("node:http");
  const ask = (method, path, headers, body = "") => new Promise((answered, failed) => {
    const asking = request(`${origin}${path}`, { method, headers }, (response) => { response.resume(); response.on("end", () => answered(response.statusCode)); });
    asking.on("error", failed);
    asking.end(body);
  });
  const { host, port } = new URL(origin);
  const token = '{"userId":"u-owner"}';
  assert.equal(await ask("GET", "/", { host }), 200);
  assert.equal(await ask("GET", "/", { host: `localhost:${port}` }), 200);
  assert.equal(await ask("GET", "/", { host: `signal.evil.example:${port}` }), 403);
  assert.equal(await ask("GET", "/dev/info", { host, origin: "https://evil.example" }), 403);
  assert.equal(await ask("POST", "/dev/token", { host }, token), 403);
  assert.equal(await ask("POST", "/dev/token", { host, origin: "http://localhost:1", "x-signal-dev": "1" }, token), 403);
  assert.equal(await ask("POST", "/dev/payments", { host }, "{}"), 403);
  assert.equal(await ask("POST", "/dev/token", { host, origin, "x-signal-dev": "1" }, token), 200);
});

test("no page asked another origin for anything, and no console had a complaint", () => {
  assert.deepEqual(complaints, []);
});
