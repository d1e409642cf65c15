// An inbox in React. The client's store is one that `useSyncExternalStore` takes as it is.
import { createSignal } from "@nx-signal/client";
import { StrictMode, useEffect, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";

/** A change that the server refuses is reverted; the `error` event tells the app. */
const quietly = (change) => change.catch(() => undefined);

function Badge({ unread }) {
  return (
    <span className="badge" role="status" aria-label={`${unread} unread`} hidden={unread === 0}>
      {unread > 99 ? "99+" : unread}
    </span>
  );
}

function Row({ inbox, row }) {
  const isUnread = row.readAt === null;
  return (
    <li data-unread={isUnread}>
      <div>
        <strong>{row.title}</strong>
        {row.body && <p>{row.body}</p>}
        <time dateTime={row.createdAt}>{new Date(row.createdAt).toLocaleTimeString()}</time>
      </div>
      <button onClick={() => quietly(isUnread ? inbox.markRead(row.id) : inbox.markUnread(row.id))}>
        {isUnread ? "Mark as read" : "Mark as unread"}
      </button>
      <button onClick={() => quietly(inbox.archive(row.id))}>Archive</button>
    </li>
  );
}

function Admin({ signal }) {
  const { inbox } = signal;
  const { items, unread, hasMore, ready } = useSyncExternalStore(inbox.subscribe, () => inbox.snapshot);
  const status = useSyncExternalStore(
    (changed) => signal.on("status", changed),
    () => signal.status,
  );
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const off = signal.on("error", ({ message }) => setProblem(message));
    signal.start();
    return () => {
      off();
      signal.stop();
    };
  }, [signal]);
  return (
    <main>
      <header>
        <h1>
          Notifications <Badge unread={unread} />
        </h1>
        <span data-testid="state">{status.state}</span>
        <button disabled={unread === 0} onClick={() => quietly(inbox.markAllRead())}>
          Mark all as read
        </button>
      </header>
      {problem && <p role="alert">{problem}</p>}
      {!ready && <p>Loading…</p>}
      {ready && items.length === 0 && <p>Nothing new.</p>}
      <ul>
        {items.map((row) => (
          <Row key={row.id} inbox={inbox} row={row} />
        ))}
      </ul>
      {hasMore && <button onClick={() => quietly(inbox.loadMore())}>More</button>}
    </main>
  );
}

/** `options`: those of `createSignal`. */
export function mount(element, options) {
  createRoot(element).render(
    <StrictMode>
      <Admin signal={createSignal(options)} />
    </StrictMode>,
  );
}
