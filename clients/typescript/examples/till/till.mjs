// A till: it shows the payments of its cashier's merchant as they come, and the order that was paid just now.
import { createSignal } from "@nx-signal/client";

const of = (id) => document.getElementById(id);
const config = await (await fetch("/config")).json();

const signal = createSignal({
  url: config.url,
  user: config.user,
  async token() {
    const answer = await fetch("/token");
    if (!answer.ok) throw new Error(await answer.text());
    return answer.text();
  },
});

/** A row of the list; a click marks it as read. */
function row({ id, title, body, readAt }) {
  const item = document.createElement("li");
  item.dataset.id = id;
  item.dataset.read = String(readAt !== null);
  const text = document.createElement("span");
  text.textContent = body ? `${title}: ${body}` : title;
  item.append(text);
  if (readAt === null) {
    const button = document.createElement("button");
    button.textContent = "Read";
    // A change that the server refuses is reverted and emitted as `error`.
    button.onclick = () => signal.inbox.markRead(id).catch(() => undefined);
    item.append(button);
  }
  return item;
}

signal.inbox.subscribe(() => {
  const { items, unread } = signal.inbox.snapshot;
  of("unread").textContent = String(unread);
  of("payments").replaceChildren(...items.map(row));
});
// Emitted once for each notification: the place for a sound, a toast, a printed receipt.
signal.on("notification", ({ notification, live }) => {
  if (live) of("paid").textContent = notification.body ?? notification.title;
});
// A push of the payment service, which only tills that are connected need.
signal.topic("sale/order/paid", ({ orderId }) => {
  of("paid").dataset.order = orderId;
});
signal.join(`merchant:${config.merchant}`);
signal.on("status", ({ state, closed }) => {
  of("status").dataset.state = state;
  of("status").textContent = { live: "live", connecting: "connecting", waiting: "offline" }[state] ?? "stopped";
  if (state === "live") of("problem").textContent = "";
  if (state === "stopped" && closed) of("problem").textContent = `Signal closed the connection: ${closed.reason}`;
});
signal.on("error", ({ message }) => {
  of("problem").textContent = message;
});
of("all").onclick = () => signal.inbox.markAllRead().catch(() => undefined);

signal.start();
