// Each proxy with the configuration that its page of docs/proxies prints, before two instances: what clients, operators
// and those who reload it may rely on.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RawClient } from "../support/raw_client";
import type { AddressedClient } from "./addressed_client";
import { kinds } from "./kinds";
import { Proxy } from "./proxy";
import { reload } from "./reload";
import { holdRest } from "./rest";
import { divisor, idleSeconds, perAddress, pingMs, Stage } from "./stage";

let stage: Stage;
let opened = 0;
beforeAll(async () => {
  stage = await Stage.open();
  opened = Date.now();
});
afterAll(async () => {
  await Proxy.endAll();
  await Instance.endAll();
});

for (const kind of kinds) {
  describe(`proxies: ${kind.name}`, () => {
    test("a client upgrades over TLS, and hears notifications and direct pushes of either instance", async () => {
      const user = `first ${kind.name}`;
      const tills = [await stage.till(kind, user, 1, 1), await stage.till(kind, user, 1, 2)];
      stage.scene.clients.push(...tills);
      await stage.scene.send([stage.scene.note(undefined, [user])]);
      await stage.push(user, "sale/order/paid", { n: 1 });
      await eventually(
        () => tills.every((till) => till.hints.length === 1 && till.numbers("sale/order/paid").length === 1),
        10_000,
        `a notification and a push through ${kind.name}`,
      );
    });

    test("the address is the client's own, whatever header fields it sends", async () => {
      const lies: Record<string, string>[] = [
        {},
        { "X-Forwarded-For": "203.0.113.66" },
        { "X-Forwarded-For": "203.0.113.66, 127.0.0.1" },
        { "x-forwarded-for": "127.0.0.1" },
        {
          "X-Real-IP": "203.0.113.66",
          Forwarded: "for=203.0.113.66",
          "True-Client-IP": "203.0.113.66",
          "X-Envoy-External-Address": "203.0.113.66",
        },
      ];
      for (const [n, headers] of lies.entries()) {
        const till = await stage.till(kind, `liar ${n} ${kind.name}`, 2, n + 1, { headers });
        expect({
          headers,
          address: (await stage.list(kind, `userId=${encodeURIComponent(till.user)}`)).map((one) => one.address),
        }).toEqual({ headers, address: [till.from] });
        till.close();
      }
    });

    test("REST, its limits and its errors are those of Signal", () => holdRest(stage, kind));

    test("200 clients of 200 addresses are on both instances, and hear every push in order", async () => {
      const user = `crowd ${kind.name}`;
      const token = await stage.token(user);
      const crowd = await Promise.all(
        Array.from({ length: 200 }, (_, n) => stage.till(kind, user, 3, n + 1, { token })),
      );
      const listed = await stage.list(kind, `userId=${encodeURIComponent(user)}`);
      expect(listed.map((one) => one.address).sort()).toEqual(crowd.map((till) => till.from).sort());
      expect(new Set(listed.map((one) => one.instance)).size).toBe(2);
      for (let n = 1; n <= 10; ++n) await stage.push(user, "sale/order/paid", { n });
      const ten = Array.from({ length: 10 }, (_, n) => n + 1);
      await eventually(
        () => crowd.every((till) => till.numbers("sale/order/paid").length >= 10),
        10_000,
        "ten pushes to 200 clients",
      );
      expect(crowd.filter((till) => Bun.deepEquals(till.numbers("sale/order/paid"), ten)).length).toBe(200);
      for (const till of crowd) till.close();
    });

    test("the bound of one address holds the clients of that address alone", async () => {
      const greedy = await Promise.all(
        Array.from({ length: 4 * perAddress }, () =>
          RawClient.upgrade(stage.proxies.get(kind)!.wss, {}, stage.address(kind, 4, 1)),
        ),
      );
      const statuses = greedy.map((one) => one.status);
      expect(statuses.filter((status) => status !== 101 && status !== 503)).toEqual([]);
      expect(statuses.filter((status) => status === 101).length).toBeGreaterThanOrEqual(perAddress);
      // of each instance
      expect(statuses.filter((status) => status === 101).length).toBeLessThanOrEqual(2 * perAddress);
      const other = await RawClient.upgrade(stage.proxies.get(kind)!.wss, {}, stage.address(kind, 4, 2));
      expect(other.status).toBe(101);
      for (const one of [...greedy, other]) one.destroy();
    });

    test(
      kind.keepsSockets
        ? "a reload with a new certificate: no frame is lost and no newcomer refused"
        : "a reload with a new certificate: all clients are closed, come back with `since` and have everything",
      () => reload(stage, kind),
    );

    if (kind.cutsSilence) {
      test("with a shorter time than the ping's, where the page names it, a silent client is cut", async () => {
        const proxy = await stage.before(kind, divisor * 5);
        const till = await stage.till(kind, `cut ${kind.name}`, 5, 1, { proxy });
        await eventually(() => till.closed, pingMs + 10_000, `${kind.name} to cut a silent client`);
        expect({ code: till.closed!.code, pings: till.pings }).toEqual({ code: 1006, pings: 0 });
        till.close();
        await proxy.end();
      });
    }
  });
}

const probe = "GET /health/accept HTTP/1.1\r\nHost: signal.example\r\n\r\n";
const v2 = Buffer.concat([
  Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "latin1"),
  Buffer.from([203, 0, 113, 66, 10, 0, 0, 11, 0x9c, 0x40, 0x0b, 0xb8]),
  Buffer.from(probe),
]);
test.each([
  ["PROXY v2 of an address that is trusted", 200, "127.0.0.1", v2],
  ["PROXY v2 of an address that is not trusted", 400, "127.99.0.1", v2],
  ["PROXY v1", 400, "127.0.0.1", `PROXY TCP4 203.0.113.66 10.0.0.11 40000 3000\r\n${probe}`],
])("a request with %s is answered %d", async (_, status, from, bytes) => {
  const client = await RawClient.dial(stage.scene.first.http, from);
  client.write(bytes);
  expect(await client.response()).toBe(status);
  client.destroy();
});

test(`after ${idleSeconds} s of silence every socket is open and brings what comes then`, async () => {
  await Bun.sleep(Math.max(0, opened + idleSeconds * 1000 - Date.now()));
  for (const kind of kinds) {
    const till = stage.idle.get(kind)!;
    expect({ kind: kind.name, closed: till.closed, frames: till.hints.length + till.other.length }).toEqual({
      kind: kind.name,
      closed: null,
      frames: 0,
    });
    expect(till.pings).toBeGreaterThan((idleSeconds * 1000) / pingMs / 2);
    await stage.push(till.user, "sale/order/paid", { n: 1 });
    await stage.scene.send([stage.scene.note(undefined, [till.user])]);
    await eventually(
      () => till.numbers("sale/order/paid").length === 1 && till.hints.length === 1,
      10_000,
      `${kind.name} to bring something after ${idleSeconds} s of silence`,
    );
    stage.scene.clients.push(till);
  }
});

test("clients of an instance that ends are closed with 1001, and come back by way of the same proxy", async () => {
  const [first, second] = stage.scene.instances as [Instance, Instance];
  const tills = (stage.scene.clients as AddressedClient[]).filter((till) => till.connected);
  await second.stop();
  const alive = new Set((await stage.list(kinds[0]!, "room=ws-default")).map((one) => one.id));
  await eventually(
    () => tills.every((till) => till.closed || alive.has(till.id)),
    10_000,
    "the closes of an instance that ended",
  );
  const closed = tills.filter((till) => till.closed);
  expect(new Set(closed.map((till) => `${till.closed!.code} ${till.closed!.reason}`))).toEqual(
    new Set(["1001 Server shutting down"]),
  );
  expect(new Set(closed.map((till) => stage.kindOf(till)))).toEqual(new Set(kinds));
  for (const till of closed) await till.catchUp(stage.proxies.get(stage.kindOf(till))!.wss);
  expect(first.running).toBe(true);
  console.log(
    `proxies: ${kinds.length} configurations, ${idleSeconds} s of silence with a ping every ${pingMs} ms, ` +
      `${closed.length} clients of an instance that ended came back; ${await stage.close()}`,
  );
});
