// The frames that the page of `nx-signal dev` shows: as they are on the network, and their decrypted content.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, harbourCashier, newContext, open, outsider, owner, payByForm } from "./support/page_stage.mjs";

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

test("the wire panel shows what the client sends and gets in envelopes of its own accord", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  await page.evaluate(() => dispatchEvent(new Event("online"))); // the client asks whether the server is there
  for (const event of ["ping", "pong"]) {
    await page.locator(`[data-testid=frame][data-event=${event}][data-sealed=true]`).first().click();
    assert.equal(JSON.parse(await page.getByTestId("wire-raw").textContent()).event, "encrypted");
    assert.equal(JSON.parse(await page.getByTestId("wire-opened").textContent()).event, event);
  }
  await page.context().close();
});

/** A page on which `change` puts other frames in the place of one sealed frame, the first that arrives. */
async function openChanged(change, prepare = () => {}) {
  const context = await newContext();
  await context.addInitScript(prepare);
  let changed = 0;
  await context.routeWebSocket("**/stream", (socket) => {
    const server = socket.connectToServer();
    server.onMessage((wire) => {
      const isFirst = JSON.parse(wire).event === "encrypted" && changed++ === 0;
      for (const one of isFirst ? change(wire) : [wire]) socket.send(one);
    });
  });
  const page = await open([owner, harbourCashier, outsider], { context });
  const heard = complaints.length;
  await page.evaluate(() => dispatchEvent(new Event("online"))); // each client asks, and the first answer is changed
  return { page, said: () => complaints.splice(heard) };
}

const envelope = (data) => JSON.stringify({ event: "encrypted", data });
for (const { what, frame, isSealed, opened } of [
  {
    what: "that was changed on the way is shown as unreadable",
    frame: (wire) => {
      const { iv, ct } = JSON.parse(wire).data;
      return envelope({ iv, ct: (ct.startsWith("A") ? "B" : "A") + ct.slice(1) });
    },
    isSealed: true,
    opened: "It cannot be decrypted: OperationError.",
  },
  {
    what: "whose base64 is not valid is shown as not opened",
    frame: () => envelope({ iv: "%", ct: "%" }),
    isSealed: true,
    opened: "The client did not open it.",
  },
  {
    what: "that is not JSON is shown as it is",
    frame: () => "no JSON",
    isSealed: false,
    opened: "In clear: nothing to open.\n\nno JSON",
  },
]) {
  test(`a frame ${what}, and the client connects again`, async () => {
    let sent;
    const { page, said } = await openChanged((wire) => [(sent = frame(wire))]);
    await page.locator(`[data-testid=frame][data-sealed=${isSealed}]`, { hasText: "?" }).click();
    assert.equal(await page.getByTestId("wire-raw").textContent(), sent);
    assert.equal(await page.getByTestId("wire-opened").textContent(), opened);
    await page.locator("[data-testid=frame][data-event=connected]").nth(3).waitFor();
    const complained = said();
    const isExpected = (one) => one.includes("a frame could not be opened");
    assert.ok(complained.length > 0 && complained.every(isExpected), complained.join("\n"));
    await page.context().close();
  });
}

test("frames are listed by their arrival, also when the content of one is known late", async () => {
  const inClear = JSON.stringify({ event: "error", data: { message: "of this test" } });
  const { page, said } = await openChanged(
    (wire) => [wire, inClear],
    () => {
      const { decrypt } = SubtleCrypto.prototype;
      SubtleCrypto.prototype.decrypt = async function (...request) {
        await new Promise((done) => setTimeout(done, 200));
        return decrypt.apply(this, request);
      };
    },
  );
  const error = page.locator("[data-testid=frame][data-event=error]");
  const person = await error.locator(".chip").textContent();
  const frames = page.locator("[data-testid=frame]", { hasText: person });
  await frames.and(page.locator("[data-event=pong]")).waitFor();
  const events = await frames.evaluateAll((all) => all.map((one) => one.dataset.event));
  assert.equal(events[events.indexOf("error") + 1], "pong", events.join(", ")); // the newest is the first
  assert.ok(said().every((one) => one.includes("the server says: of this test")));
  await page.context().close();
});

test("no page has asked another origin for anything, and no console had a complaint", () => {
  assert.deepEqual(complaints, []);
});
