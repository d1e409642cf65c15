// The value of a record on `signal.activity-notification`: docs/notifications.md#the-message.
import { beyondSchema } from "./beyond_schema.js";
import type { TActivityNotificationMessage } from "./generated/contract.js";
import { validate } from "./generated/schema.js";

export type { TActivityNotificationMessage };

/** A rule that a message breaks; `path` is a JSON Pointer, empty for the message itself. */
export interface Problem {
  path: string;
  message: string;
}

/** The gateway would put this message aside for ever. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  constructor(readonly problems: Problem[]) {
    super(
      `the message cannot be sent: ${problems.map((one) => `${one.path || "the message"} ${one.message}`).join("; ")}`,
    );
  }
}

/** Rules that a message breaks, as JSON would write it, not always all of them; an empty list for a good message. */
export function problemsOf(message: unknown): Problem[] {
  let text;
  try {
    text = JSON.stringify(message);
  } catch (cause) {
    return [{ path: "", message: `is not JSON: ${cause}` }];
  }
  if (text === undefined) return [{ path: "", message: "is not JSON" }];
  const value = JSON.parse(text);
  if (!validate(value))
    return validate.errors!.map(({ instancePath, message = "is refused" }) => ({ path: instancePath, message }));
  return beyondSchema(value);
}

/** The text to produce, or a `MessageError` that says what is wrong. */
export function encodeMessage(message: TActivityNotificationMessage): string {
  const problems = problemsOf(message);
  if (problems.length > 0) throw new MessageError(problems);
  return JSON.stringify(message);
}
