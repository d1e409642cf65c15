// `nx-signal dev` and a headless Chromium for the tests of one file, and what a person does on its page.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, startDev } from "./dev_program.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const binary = resolve(process.env.NX_SIGNAL_BINARY ?? join(here, "../../build/dev/nx-signal"));
export const output = join(process.env.NX_SIGNAL_TEST_OUTPUT ?? join(here, "../output"), "page");
// a machine ten times slower passes, and a sanitizer; waits are scaled, never what is asserted
const patience = 10 * ({ tsan: 8, asan: 4 }[process.env.NX_SIGNAL_PRESET] ?? 1);

export const owner = "u-owner",
  harbourManager = "u-harbour-manager",
  harbourCashier = "u-harbour-cashier";
export const stationManager = "u-station-manager",
  stationCashier = "u-station-cashier",
  outsider = "u-outsider";
export const everyone = [owner, harbourManager, harbourCashier, stationManager, stationCashier, outsider];
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 360, height: 780 };

export let folder, origin;
let program, browser;
export const log = []; // what the program has logged
export const complaints = []; // console errors, page errors, foreign requests: of all pages

before(async () => {
  mkdirSync(output, { recursive: true });
  program = await startDev(binary, log);
  ({ folder, origin } = program);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  assert.equal(await program?.stop(), 0, "nx-signal ended in order");
});

export const newContext = (options) => browser.newContext(options);

/** Three of the people side by side, all of them live, and the button offered. */
export async function open(people, { viewport = desktop, colorScheme = "light", context } = {}) {
  const page = await openAtOnce(people, context ?? (await newContext({ viewport, colorScheme })));
  for (let slot = 0; slot < 3; ++slot) await page.getByTestId(`status-${slot}`).getByText("Live, encrypted").waitFor();
  await page.locator('[data-testid=pay]:not([aria-disabled="true"])').waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("signal-inbox")].every(({ signal }) => signal.inbox.snapshot.ready),
  );
  return page;
}

/** The same as soon as the page is there. */
export async function openAtOnce(people, context) {
  const own = context ?? (await newContext({ viewport: desktop }));
  own.setDefaultTimeout(15_000 * patience);
  const page = await own.newPage();
  // Toasts go after a while: they are noted when they come.
  await page.addInitScript(() => {
    globalThis.toasted = [];
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) {
      const root = attach.call(this, options);
      const note = ({ addedNodes }) =>
        addedNodes.forEach((node) => {
          const body = node.part?.contains("toast") && node.querySelector("[part=toast-body]")?.textContent;
          if (body) toasted.push({ slot: Number(this.dataset.testid.split("-")[1]), body });
        });
      new MutationObserver((changes) => changes.forEach(note)).observe(root, { childList: true, subtree: true });
      return root;
    };
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request to ${request.url()}`);
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) complaints.push(`WebSocket to ${socket.url()}`);
  });
  await page.goto(`${origin}/?people=${people.join(",")}`);
  return page;
}

/** What a person sees in the inboxes of the three: the numbers of the badges. */
export const badges = (page) =>
  page.locator("signal-inbox").evaluateAll((all) =>
    all.map((one) => {
      const badge = one.shadowRoot.querySelector("[part=badge]");
      return badge.hidden ? 0 : Number(badge.textContent);
    }),
  );
/** The rows of one of the three; with `body`, of that payment. */
export const rows = (page, slot, body) =>
  page.getByTestId(`inbox-${slot}`).locator("[part~=row]", body ? { hasText: body } : {});
/** Waits until each of the three has shown so many toasts for that payment, ever. */
export const toastsAre = (page, body, counts) =>
  until(async () => {
    const toasted = await page.evaluate("toasted");
    const shown = counts.map((_, slot) => toasted.filter((one) => one.slot === slot && one.body === body).length);
    return JSON.stringify(shown) === JSON.stringify(counts);
  }, `the toasts of ${body} to be ${counts}`);

export async function until(probe, what) {
  const deadline = Date.now() + 15_000 * patience;
  for (;;) {
    if (await probe()) return;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

let cents = 1_000;
/** Sends the form with an amount that no other payment has, and returns the answer. */
export async function sendForm(page) {
  await page.getByTestId("amount").fill((++cents / 100).toFixed(2));
  const answered = page.waitForResponse((response) => response.url().endsWith("/dev/payments"));
  await page.getByTestId("pay").click();
  const { id, audience, message } = await (await answered).json();
  return { id, audience, body: message.body };
}

/** Pays by the form, waits for the hints on this page, and returns what the result panel says. */
export async function payByForm(page, { scope, recipients = [], except = "" }) {
  await page.getByTestId(`scope-${scope}`).check();
  if (scope === "users")
    for (const id of everyone) await page.getByTestId(`recipient-${id}`).setChecked(recipients.includes(id));
  await page.getByTestId("exclude").selectOption(except);
  const payment = await sendForm(page);
  await page.locator("[data-testid^=audience-]").first().waitFor();
  const seats = await page.locator("[data-testid^=person-]").evaluateAll((all) => all.map((one) => one.dataset.user));
  const expected = payment.audience.filter(({ gets }) => gets).map(({ userId }) => userId);
  for (const [slot, userId] of seats.entries())
    if (expected.includes(userId)) await rows(page, slot, payment.body).waitFor();
  return payment;
}

/** A token, and REST as that person. */
export async function rest(userId, path, init = {}) {
  const token = await (
    await fetch(`${origin}/dev/token`, {
      method: "POST",
      headers: { "x-signal-dev": "1", "content-type": "application/json" },
      body: JSON.stringify({ userId }),
    })
  ).json();
  const response = await fetch(origin + path, {
    ...init,
    headers: { authorization: `Bearer ${token.token}`, "content-type": "application/json" },
  });
  assert.equal(response.status, 200);
  return response.json();
}
export const unreadCounts = async () =>
  Object.fromEntries(
    await Promise.all(everyone.map(async (id) => [id, (await rest(id, "/v1/notifications/unread-count")).count])),
  );
