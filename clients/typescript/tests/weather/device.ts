// A device with one page at a time: in this process (`LocalDevice`) or in a browser (`PageDevice`).
import type { InboxSnapshot, SignalStatus } from "../../packages/client/src/types";

/** `full`: writing fails. `forbidden`: nothing can be read or written, as when a browser blocks the data of sites. */
export type StorageState = "good" | "full" | "forbidden";

export interface PageOptions {
  url: string;
  user: string;
  pageSize: number;
  ack: boolean;
}

/** What a page shows, and what its app was told since it was opened. */
export interface Look {
  snapshot: InboxSnapshot;
  /** The ids of notifications, in the order of the events. */
  told: string[];
  errors: { code: string; message: string }[];
  statuses: SignalStatus[];
}

export type Click = { what: "read" | "unread" | "archive"; id: string } | { what: "all" | "more" };

export interface Device {
  /** A page is opened, with what the one before has kept. */
  open(page: PageOptions): Promise<void>;
  /** The page is closed; resolves with its last look. */
  close(): Promise<Look>;
  look(): Promise<Look>;
  /** False when the change failed. */
  click(click: Click): Promise<boolean>;
  /** The platform says that it is back. */
  resume(): Promise<void>;
  sleep(): Promise<void>;
  /** `longerMs`: how much longer the sleep was for the device than it took. */
  wake(longerMs: number): Promise<void>;
  /** The wall clock is wrong by so much, until it is set again. */
  setClock(wrongByMs: number): Promise<void>;
  setStorage(state: StorageState): Promise<void>;
  /** For good. */
  end(): Promise<void>;
}
