// The modules and settings that an inbox works with.
import type { Emitter } from "./emitter.js";
import type { Position } from "./position.js";
import type { Rest } from "./rest.js";
import type { Clock } from "./types.js";

export interface InboxOptions {
  rest: Rest;
  position: Position;
  clock: Clock;
  random: () => number;
  pageSize: number;
  checkEveryMs: number;
  /** Emits `change`, and `notification` with a `NotificationEvent`. */
  events: Emitter;
  onError: (error: unknown) => void;
}
