// A reload of a proxy, with a new certificate, while pushes and notifications flow and newcomers connect.
import { expect } from "bun:test";
import { connect as tls } from "node:tls";
import { eventually } from "../harness/patience";
import { RawClient } from "../support/raw_client";
import type { AddressedClient } from "./addressed_client";
import type { Kind } from "./kinds";
import type { Proxy } from "./proxy";
import type { Stage } from "./stage";

const watchers = 20;
const event = "sale/order/paid";

/** The serial number of the certificate that a new connection is shown. */
function serial(proxy: Proxy): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls({ host: "127.0.0.1", port: proxy.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** Repeats `work` until `stop()`. */
function repeat(everyMs: number, work: () => Promise<unknown>) {
  let running = true;
  const done = (async () => {
    while (running) {
      await work();
      await Bun.sleep(everyMs);
    }
  })();
  done.catch(() => undefined); // told by stop()
  return {
    stop: () => {
      running = false;
      return done;
    },
  };
}

export async function reload(stage: Stage, kind: Kind): Promise<void> {
  // One that cuts sockets would cut those that are silent on purpose, too.
  const proxy = kind.keepsSockets ? stage.proxies.get(kind)! : await stage.before(kind);
  const user = `watcher ${kind.name}`;
  const tills = await Promise.all(
    Array.from({ length: watchers }, (_, n) => stage.till(kind, user, 7, n + 1, { proxy })),
  );
  const before = await serial(proxy);
  let pushed = 0;
  const refused: string[] = [];
  let newcomers = 0;
  const flows = [
    repeat(5, () => stage.push(user, event, { n: ++pushed })),
    repeat(50, () => stage.scene.send([stage.scene.note(undefined, [user])])),
    repeat(5, async () => {
      const client = await RawClient.upgrade(proxy.wss, {}, stage.address(kind, 8, 1 + (++newcomers % 250))).catch(
        String,
      );
      if (typeof client === "string") {
        refused.push(client);
        return;
      }
      if (client.status !== 101) refused.push(`HTTP ${client.status} ${client.ended}`);
      client.destroy();
    }),
  ];
  await eventually(() => pushed >= 50, 10_000, "pushes");
  proxy.renewCertificate();
  await kind.reload(proxy);
  await eventually(async () => (await serial(proxy)) !== before, 10_000, `${kind.name} to show its new certificate`);
  const reloaded = pushed;
  await eventually(() => pushed >= reloaded + 100, 10_000, "pushes after the reload");
  for (const flow of flows) await flow.stop();
  expect(newcomers).toBeGreaterThan(refused.length);
  if (kind.keepsSockets) {
    expect({ kind: kind.name, refused }).toEqual({ kind: kind.name, refused: [] });
    await heardAll(tills, pushed);
  } else {
    await cameBack(proxy, tills); // and who was connecting at that moment may have been cut
  }
  stage.scene.clients.push(...tills); // at the end their hints are held against the rows
}

async function heardAll(tills: AddressedClient[], pushed: number): Promise<void> {
  const all = Array.from({ length: pushed }, (_, n) => n + 1);
  await eventually(
    () => tills.every((till) => till.closed || till.numbers(event).length >= pushed),
    10_000,
    "the last push",
  ).catch(() => undefined); // told by what follows
  expect(tills.map((till) => till.closed)).toEqual(tills.map(() => null));
  for (const till of tills) expect(till.numbers(event)).toEqual(all);
}

async function cameBack(proxy: Proxy, tills: AddressedClient[]): Promise<void> {
  // Caddy 2.6 closes the side of Signal with a frame that has no mask. Signal refuses it with 1002, which sometimes
  // overtakes Caddy's own 1001.
  expect(tills.map((till) => (till.closed?.code === 1002 ? 1001 : till.closed?.code))).toEqual(tills.map(() => 1001));
  for (const till of tills) await till.catchUp(proxy.wss);
}
