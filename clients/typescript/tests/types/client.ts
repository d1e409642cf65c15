// The promises of the types: the compiler reads this, nothing runs it. A line behind `@ts-expect-error` must not pass.
import { createSignal, SignalError, type InboxSnapshot, type Notification } from "@nx-signal/client";

interface Topics {
  "sale/order/paid": { id: string };
  "sale/stock/low": { sku: string; left: number };
}
const signal = createSignal<Topics>({
  url: "https://signal.example",
  user: 5,
  token: async ({ refused, expiring }) => refused ?? expiring ?? "t",
});

// A socket of Node's package `ws` has these members with types of its own, and no `EventTarget` of a browser.
declare class OtherSocket {
  constructor(address: string | URL, protocols?: string | string[]);
  readonly readyState: 0 | 1 | 2 | 3;
  onopen: ((event: { type: string; target: OtherSocket }) => void) | null;
  onmessage: ((event: { data: string | Buffer; type: string; target: OtherSocket }) => void) | null;
  onerror: ((event: { error: unknown; message: string }) => void) | null;
  onclose: ((event: { wasClean: boolean; code: number; reason: string }) => void) | null;
  send(data: string | Buffer, done?: (error?: Error) => void): void;
  close(code?: number, data?: string | Buffer): void;
}
createSignal({ url: "https://signal.example", user: "u1", token: () => "t", WebSocket: OtherSocket });
createSignal({ url: "https://signal.example", user: "u1", token: () => "t", WebSocket });
class OnlyOpens {
  onopen = null;
}
// @ts-expect-error a socket that cannot be closed
createSignal({ url: "https://signal.example", user: "u1", token: () => "t", WebSocket: OnlyOpens });

const off: () => void = signal.topic("sale/order/paid", ({ id }) => id.toUpperCase());
// @ts-expect-error a topic that is not named
signal.topic("sale/order/payed", () => undefined);
// @ts-expect-error a member that the topic's data has not
signal.topic("sale/stock/low", ({ id }) => id);
// @ts-expect-error an event that there is not
signal.on("notifications", () => undefined);

signal.on("notification", ({ notification, live }) => {
  const seq: number = notification.seq;
  const now: boolean = live;
  void [seq, now];
});
signal.on("error", (error) => {
  if (error.code === "closed") {
    const status: number | undefined = error.status;
    void status;
  }
});
// @ts-expect-error a code that there is not
signal.on("error", (error) => error.code === "network");
signal.on("status", ({ state, closed }) => {
  const code: number | undefined = closed?.code;
  void [state, code];
});

const snapshot: InboxSnapshot = signal.inbox.snapshot;
const rows: readonly Notification[] = snapshot.items;
// @ts-expect-error the snapshot is not changed by who reads it
snapshot.items.push(rows[0]!);
const done: Promise<void> = signal.inbox.markRead("a", "b");
// @ts-expect-error a token provider is required
createSignal({ url: "https://signal.example", user: "u1" });
// @ts-expect-error and a user
createSignal({ url: "https://signal.example", token: () => "t" });
createSignal({ url: "x", user: "u1", token: () => "t", storage: sessionStorage });
createSignal({ url: "x", user: "u1", token: () => "t" }).topic("anything", (data) => {
  const one: unknown = data;
  void one;
});
void [off, done, new SignalError("rest", "m", undefined, 404).status];
