export { createSignal, Signal } from "./client.js";
export type { Inbox } from "./inbox.js";
export { SignalError } from "./types.js";
export type {
  Clock,
  InboxSnapshot,
  Notification,
  NotificationEvent,
  PositionStorage,
  SignalErrorCode,
  SignalEvents,
  SignalOptions,
  SignalSocket,
  SignalState,
  SignalStatus,
  TokenRequest,
} from "./types.js";
