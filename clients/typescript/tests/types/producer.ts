// The promises of the types: the compiler reads this, nothing runs it. A line behind `@ts-expect-error` must not pass.
import {
  activityTopic,
  createEmitter,
  encodeMessage,
  problemsOf,
  type TActivityNotificationMessage,
} from "@nx-signal/producer";
import { Cluster, Redis } from "ioredis";

const message: TActivityNotificationMessage = {
  recipientScope: "merchant",
  merchantId: 5,
  type: "payment.success",
  title: "Payment received",
  ownField: 1,
};
const text: string = encodeMessage(message);
const topic: "signal.activity-notification" = activityTopic;
// @ts-expect-error a title is required
encodeMessage({ recipientScope: "users", recipientIds: ["u1"], type: "t" });
const paths: string[] = problemsOf({}).map(({ path }) => path);

const emitter = createEmitter(new Redis());
createEmitter(new Cluster([]));
void emitter.toUser({ userId: 5, event: "e", data: { any: "thing" } });
void emitter.toRoom({ room: "merchant:m1", event: "e", exclude: ["client"] });
// @ts-expect-error nobody can be left out of what goes to one user
void emitter.toUser({ userId: "u1", event: "e", exclude: [] });
void [text, topic, paths];
