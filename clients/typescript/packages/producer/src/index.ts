export { createEmitter, Emitter, type Publisher, type Push } from "./emitter.js";
export { encodeMessage, MessageError, problemsOf, type Problem, type TActivityNotificationMessage } from "./message.js";

/** Where the gateway looks for messages, unless it is told otherwise. */
export const activityTopic = "signal.activity-notification";
