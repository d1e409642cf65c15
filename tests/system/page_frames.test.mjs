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

test("a frame that was changed on the way is shown as unreadable, and the client connects again", async () => {
  const context = await newContext();
  let changed = 0;
  await context.routeWebSocket("**/stream", (socket) => {
    const server = socket.connectToServer();
    server.onMessage((wire) => {
      const { event, data } = JSON.parse(wire);
      if (event !== "encrypted" || changed > 0) return socket.send(wire);
      ++changed;
      const ct = (data.ct.startsWith("A") ? "B" : "A") + data.ct.slice(1);
      socket.send(JSON.stringify({ event, data: { ...data, ct } }));
    });
  });
  const page = await open([owner, harbourCashier, outsider], { context });
  const heard = complaints.length;
  await page.evaluate(() => dispatchEvent(new Event("online"))); // each client asks, and the first answer is changed

  const frame = page.locator('[data-testid=frame][data-event="?"][data-sealed=true]').first();
  await frame.click();
  assert.equal(JSON.parse(await page.getByTestId("wire-raw").textContent()).event, "encrypted");
  assert.equal(await page.getByTestId("wire-opened").textContent(), "It cannot be decrypted: OperationError.");
  await page.locator("[data-testid=frame][data-event=connected]").nth(3).waitFor();
  const said = complaints.splice(heard);
  assert.ok(said.length > 0 && said.every((one) => one.includes("a frame could not be opened")), said.join("\n"));
  await context.close();
});

test("no page has asked another origin for anything, and no console had a complaint", () => {
  assert.deepEqual(complaints, []);
});
