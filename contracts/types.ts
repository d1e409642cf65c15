// Made by script/types from contracts/*.schema.json: change those.

/**
 * Standard base64 of the 65 bytes of an uncompressed P-256 point.
 */
export type PublicKey = string;
/**
 * A seq, or 0 for the position before the first row.
 */
export type Position = number;
/**
 * A text that is not empty, or an integer, which is converted to its decimal text.
 */
export type BusId = string | number;
/**
 * Identifies the database that numbers the inboxes. If it changes, a client must delete every seq that it stored.
 */
export type Epoch = string;
export type UserId = string | number;
/**
 * Known instances that did not answer in time; absent if all answered.
 *
 * @minItems 1
 */
export type Missing = string[];
/**
 * ISO 8601 in UTC with milliseconds (three decimal places).
 */
export type Time = string;
export type TimeOrNone = string | null;
export type DependencyState = "ok" | "away";
/**
 * Names of fields: a list, or an object whose members are true.
 */
export type FieldChoice =
  | string[]
  | {
      [k: string]: unknown;
    };
/**
 * A UUID of version 7.
 */
export type NotificationId = string;
/**
 * The position in this user's inbox: 1, 2, 3 and so on. Rows are stored without gaps; retention may delete them later.
 */
export type Seq = number;
export type RecipientScope = "org" | "merchant" | "users";
export type TimeOrNull = Time | null;
/**
 * A complete notification, or only its requested fields.
 */
export type Row = Notification | PartialNotification;
/**
 * @maxItems 100
 */
export type NotificationArray = Row[];
/**
 * A page. With the request header x-request-count: false (or 0) the body is only the array.
 */
export type NotificationList =
  | {
      /**
       * Rows on this page; the total is in Content-Range.
       */
      count: number;
      data: NotificationArray;
    }
  | NotificationArray;
/**
 * One notification. The data is null for an unknown id and for an id of another user, so that a client cannot distinguish the two. With x-request-count: false (or 0) the body is only the notification.
 */
export type NotificationOrNone =
  | {
      count: 0 | 1;
      data: Row | null;
    }
  | Row
  | null;
/**
 * The address of the node as Signal uses it, a space, and a number that counts up. It is not JSON.
 */
export type Probe = string;
/**
 * The notifications to mark as read: those with the given ids, or all up to a seq.
 */
export type ReadOrder =
  | {
      /**
       * @minItems 1
       * @maxItems 1000
       */
      ids: NotificationId[];
    }
  | {
      all: true;
      /**
       * The last seq that is marked; without it, the newest.
       */
      upTo?: Position;
    };
export type TActivityNotificationMessageOptionalId = null | TActivityNotificationMessageId;
/**
 * A string of 1 to 128 bytes, or an integer, which is converted to its decimal text.
 */
export type TActivityNotificationMessageId = TActivityNotificationMessageText | number;
export type TActivityNotificationMessageText = string;

/**
 * The client has these notifications, or all rows up to this seq. Not answered.
 */
export interface AckMessage {
  event: "ack";
  data:
    | {
        /**
         * @minItems 1
         * @maxItems 100
         */
        ids: string[];
      }
    | {
        upTo: number;
      };
}
export interface AuthenticateMessage {
  event: "authenticate";
  data: {
    /**
     * In any letter case; may be omitted.
     */
    type?: string;
    /**
     * A JWT.
     */
    token: string;
    clientPublicKey: PublicKey;
    /**
     * Requests a catch-up after this seq.
     */
    since?: Position;
    /**
     * The epoch that since belongs to.
     */
    epoch?: string | null;
  };
}
/**
 * The form that WebSocketEmitter of @venizia/ignis-helpers publishes. Unknown members are ignored.
 */
export interface BusEnvelope {
  /**
   * The publisher; services send emitter. An instance drops messages with its own id.
   */
  serverId: string;
  type: "broadcast" | "room" | "client" | "user";
  /**
   * The room, client or user; ignored for broadcast.
   */
  target?: BusId;
  event: string;
  data?: unknown;
  /**
   * Client ids that do not receive a broadcast or room message.
   */
  exclude?: unknown[] | null;
  traceparent?: string;
  /**
   * Only in hints between instances.
   */
  seq?: number;
  unread?: number;
  /**
   * Epoch ms of the Kafka record, for measurements.
   */
  recorded?: number;
}
/**
 * The form with topic: the text of destination determines the recipients.
 */
export interface BusTopicMessage {
  topic: string;
  data?: unknown;
  /**
   * A room, or the client and the user with that id; if it is absent, everyone.
   */
  destination?: BusId;
}
/**
 * The end of a catch-up.
 */
export interface CaughtUpFrame {
  event: "caught-up";
  data: {
    /**
     * Number of hints that this catch-up has sent.
     */
    count: number;
    /**
     * false if more rows must be fetched with GET /v1/notifications?since=<seq>.
     */
    complete: boolean;
    seq: Position;
    /**
     * null while the database is unavailable.
     */
    unread: number | null;
    /**
     * Absent while the database is unavailable.
     */
    epoch?: Epoch;
  };
}
/**
 * One connection.
 */
export interface Client {
  id: string;
  /**
   * The user id, with the JSON type that it has in the token.
   */
  userId: UserId;
  /**
   * Includes the default rooms and the room of its own id.
   */
  rooms: string[];
  /**
   * Epoch ms of the upgrade to WebSocket.
   */
  connectedAt: number;
  /**
   * Address of the client; behind trusted proxies the forwarded address.
   */
  address: string;
  /**
   * Epoch ms of the client's last message; pings do not count.
   */
  lastActivityAt: number;
  /**
   * Bytes of sealed frames that the kernel has not accepted yet.
   */
  queuedBytes: number;
  /**
   * Id of the process that holds the connection, as in its log line listening; new at each start.
   */
  instance: string;
}
/**
 * Authenticated connections of all instances that answered, ordered by instance and id.
 */
export interface ClientList {
  /**
   * Number of all clients that match, on all instances that answered.
   */
  count: number;
  /**
   * @maxItems 100
   */
  clients: Client[];
  missing?: Missing;
}
/**
 * The handshake has succeeded. This frame is not encrypted; its members have this order.
 */
export interface ConnectedFrame {
  event: "connected";
  data: {
    /**
     * The id of this connection.
     */
    id: string;
    /**
     * The user id, with the JSON type that it has in the token.
     */
    userId: UserId;
    time: Time;
    serverPublicKey: PublicKey;
    /**
     * Base64 of 32 bytes.
     */
    salt: string;
  };
}
export interface Count {
  count: number;
}
/**
 * A record of the DLQ topic. Bytes that are not UTF-8 are U+FFFD.
 */
export interface DeadLetter {
  /**
   * In the DLQ topic.
   */
  partition: number;
  /**
   * In the DLQ topic.
   */
  offset: number;
  /**
   * The timestamp of the letter.
   */
  time: TimeOrNone;
  /**
   * The rule and the field that violates it.
   */
  reason: string;
  /**
   * The position of the message; null if the letter's headers do not have it.
   */
  source: RecordPosition | null;
  key: string | null;
  /**
   * Those of the message.
   */
  headers: {
    [k: string]: string | null;
  };
  /**
   * At most 64 KiB of it.
   */
  value: string;
  /**
   * The value is longer.
   */
  truncated: boolean;
  /**
   * The value has bytes that are not UTF-8.
   */
  replaced: boolean;
}
/**
 * The position of a record in Kafka.
 */
export interface RecordPosition {
  topic: string;
  partition: number;
  offset: number;
}
export interface DeadLetterList {
  /**
   * On this page.
   */
  count: number;
  /**
   * @maxItems 100
   */
  data: DeadLetter[];
}
export interface DeadLetterRepair {
  /**
   * The JSON text of the repaired message, sent instead of the letter's value.
   */
  value: string;
}
/**
 * A notification in one user's inbox.
 */
export interface Delivery {
  userId: string;
  seq: Position;
  /**
   * Time of the first ack of a client; null before it.
   */
  deliveredAt: TimeOrNone;
  readAt: TimeOrNone;
  archivedAt: TimeOrNone;
}
export interface DeliveryList {
  /**
   * Number of rows on this page.
   */
  count: number;
  /**
   * @maxItems 100
   */
  data: Delivery[];
}
/**
 * Numbers of users who have a notification.
 */
export interface DeliverySummary {
  notification: Origin;
  recipients: number;
  delivered: number;
  read: number;
  archived: number;
  /**
   * false if not all inboxes could be read within a second.
   */
  complete: boolean;
}
/**
 * The metadata of a notification, without its content.
 */
export interface Origin {
  id: string;
  key: string | null;
  type: string;
  recipientScope: "org" | "merchant" | "users";
  organizerId: string | null;
  merchantId: string | null;
  createdAt: string;
  /**
   * Users whom the message excludes.
   */
  excluded: string[];
  /**
   * topic/partition/offset/timestamp of the Kafka record, as long as its key is stored.
   */
  record: string | null;
  recordTime: TimeOrNone;
}
/**
 * AES-256-GCM around the UTF-8 text of a message, in both directions, each under its own key.
 */
export interface EncryptedFrame {
  event: "encrypted";
  data: {
    /**
     * Base64 of 12 bytes, never twice under one key.
     */
    iv: string;
    /**
     * Base64 of ciphertext and 16-byte tag.
     */
    ct: string;
  };
}
/**
 * The shape of every error except 404. requestId equals the header x-request-id.
 */
export interface Error {
  message: string;
  statusCode: number;
  requestId: string;
  details: {
    /**
     * Absent if the request was refused before it was read.
     */
    url?: string;
    path: string;
  };
}
export interface ErrorFrame {
  event: "error";
  data: {
    message:
      | "Authentication failed"
      | "Encryption handshake failed"
      | "Authentication error"
      | "Not authenticated"
      | "Already authenticated"
      | "Invalid message format"
      | "Invalid since"
      | "Refresh failed";
  };
}
/**
 * Why a user did or did not get a notification.
 */
export interface Explanation {
  code:
    | "acked"
    | "read"
    | "pushed"
    | "caught_up"
    | "held"
    | "slow_closed"
    | "offline"
    | "too_old"
    | "lost"
    | "unknown"
    | "not_in_scope"
    | "excluded"
    | "membership_ended"
    | "joined_later"
    | "not_yet";
  /**
   * The result as one sentence.
   */
  verdict: string;
  userId: string;
  notification: Origin;
  excluded: boolean;
  /**
   * null for scope users.
   */
  membership: MembershipTrace | null;
  /**
   * The row; null if the inbox does not contain it.
   */
  stored: Delivery | null;
  /**
   * Whether the record was too old to be pushed when it was stored.
   */
  tooOld: boolean;
  /**
   * The current connections of the user.
   *
   * @maxItems 100
   */
  connections: {
    instance: string;
    id: string;
    address: string;
    connectedAt: string;
    lastActivityAt: string;
    queuedBytes: number;
  }[];
  /**
   * The outcome of the hint for each client of the user.
   */
  pushes: {
    instance: string;
    outcome: "pushed" | "held" | "caughtUp" | "slowClosed";
    at: string;
  }[];
  /**
   * For each instance, the time since which it has records of pushes.
   */
  recordsSince: {
    instance: string;
    since: string;
  }[];
  /**
   * Instances that did not answer within a second.
   */
  missing: string[];
}
/**
 * Why the user is or is not a member of the organizer or merchant, by the current policy rows.
 */
export interface MembershipTrace {
  member: boolean;
  /**
   * Whether the membership is inherited from a domain from which the merchant inherits.
   */
  inherited: boolean;
  endedAt: TimeOrNone;
  why: string;
  /**
   * The policy rows from which this follows.
   */
  rows: PolicyRow[];
}
export interface PolicyRow {
  variant: string;
  subjectType: string;
  subjectId: string;
  targetType: string;
  targetId: string;
  deletedAt: TimeOrNone;
}
/**
 * A filter as IGNIS and LoopBack write it, at most 4,096 bytes of JSON.
 */
export interface Filter {
  /**
   * An object, or its JSON text.
   */
  where?: Where | string;
  fields?: FieldChoice;
  /**
   * Fields or paths into data, each followed by ASC or DESC. The default is seq DESC.
   *
   * @maxItems 100
   */
  order?: string[];
  /**
   * Number of rows on a page; the default is 10.
   */
  limit?: number;
  /**
   * Number of rows to skip; takes precedence over offset.
   */
  skip?: number;
  offset?: number;
}
/**
 * Conditions that must all be true. The name of a member is a field of a notification, or a path into data or extra (data.lines[0].n). Its value is the value that the field must equal (null: the field has no value; a list: one of its values), or an object of operators: eq, ne, neq, is, isn, gt, gte, lt, lte, like, nlike, ilike, nilike, regexp, iregexp, in, inq, nin, between, notBetween, contains, containedBy, overlaps. Every value must have the type of the field. At most 8 levels of `and` and `or`, and 100 values in a list.
 */
export interface Where {
  /**
   * @maxItems 100
   */
  and?: Where[];
  /**
   * @maxItems 100
   */
  or?: Where[];
  [k: string]: unknown;
}
export interface Health {
  status: "ok" | "unavailable";
}
/**
 * Not answered. After 90 s without any message the server closes with 4002.
 */
export interface HeartbeatMessage {
  event: "heartbeat";
}
/**
 * One instance, as it describes itself.
 */
export interface Instance {
  /**
   * That start of the process: as in its log line listening.
   */
  id: string;
  /**
   * Where it listens.
   */
  address: string;
  version: string;
  /**
   * Epoch ms.
   */
  startedAt: number;
  /**
   * Epoch ms, by its own clock: when it read the values below.
   */
  at: number;
  /**
   * Its /health/ready is 200.
   */
  ready: boolean;
  database: DependencyState;
  kafka: DependencyState;
  /**
   * null: there is none.
   */
  redis: DependencyState | null;
  /**
   * Broadcasts of all instances that are not done, as this one last saw them.
   */
  broadcastsOpen: number;
  /**
   * The oldest of them.
   *
   * @maxItems 20
   */
  broadcasts: {
    /**
     * The notification's.
     */
    id: string;
    ageMs: number;
    /**
     * Recipients that have it.
     */
    recipientsDone: number;
  }[];
  /**
   * Values by name: metrics of /metrics without labels. Another version may have others.
   */
  metrics: {
    [k: string]: number;
  };
}
/**
 * Published every 5 s, and after the first announcement of another instance. The others forget an instance after 15 s without an announcement.
 */
export interface InstanceAnnouncement {
  id: string;
  /**
   * The address on which it listens.
   */
  address: string;
  /**
   * Epoch ms of the start.
   */
  started: number;
  /**
   * true if the instance is ending; the others forget it.
   */
  ended?: true;
}
/**
 * All instances that answered, by id: at most 256.
 */
export interface InstanceList {
  /**
   * Of all that answered.
   */
  count: number;
  /**
   * @maxItems 256
   */
  instances: Instance[];
  missing?: Missing;
}
/**
 * A connection in an answer of its instance to another instance.
 */
export interface InstancesClient {
  id: string;
  /**
   * The user id, with the JSON type that it has in the token.
   */
  userId: UserId;
  /**
   * Includes the default rooms and the room of its own id.
   */
  rooms: string[];
  /**
   * Epoch ms of the upgrade to WebSocket.
   */
  connectedAt: number;
  /**
   * Address of the client; behind trusted proxies the forwarded address.
   */
  address: string;
  /**
   * Epoch ms of the client's last message; pings do not count.
   */
  lastActivityAt: number;
  /**
   * Bytes of sealed frames that the kernel has not accepted yet.
   */
  queuedBytes: number;
}
/**
 * An instance as it tells the others.
 */
export interface InstancesDescription {
  /**
   * Where it listens.
   */
  address: string;
  version: string;
  /**
   * Epoch ms.
   */
  startedAt: number;
  /**
   * Epoch ms, by its own clock: when it read the values below.
   */
  at: number;
  /**
   * Its /health/ready is 200.
   */
  ready: boolean;
  database: DependencyState;
  kafka: DependencyState;
  /**
   * null: there is none.
   */
  redis: DependencyState | null;
  /**
   * Broadcasts of all instances that are not done, as this one last saw them.
   */
  broadcastsOpen: number;
  /**
   * The oldest of them.
   *
   * @maxItems 20
   */
  broadcasts: {
    /**
     * The notification's.
     */
    id: string;
    ageMs: number;
    /**
     * Recipients that have it.
     */
    recipientsDone: number;
  }[];
  /**
   * Values by name: metrics of /metrics without labels. Another version may have others.
   */
  metrics: {
    [k: string]: number;
  };
}
/**
 * Not answered. The server ignores refused names.
 */
export interface JoinMessage {
  event: "join";
  data: Rooms;
}
export interface Rooms {
  /**
   * ws-default, ws-notification, org:<id>, merchant:<id>.
   */
  rooms: string[];
}
/**
 * Not answered.
 */
export interface LeaveMessage {
  event: "leave";
  data: Rooms;
}
/**
 * 404: unknown path or method. It has no details, like the 404 of IGNIS.
 */
export interface NotFound {
  message: "URL NOT FOUND";
  statusCode: 404;
  requestId: string;
  path: string;
  url: string;
}
/**
 * A notification in one user's inbox.
 */
export interface Notification {
  id: NotificationId;
  /**
   * The id of the message; null if the message has none.
   */
  key: string | null;
  seq: Seq;
  /**
   * What happened, e.g. payment.success.
   */
  type: string;
  title: string;
  body: string | null;
  /**
   * The data of the message, unchanged except for white space.
   */
  data: {} | null;
  recipientScope: RecipientScope;
  organizerId: string | null;
  merchantId: string | null;
  actorId: string | null;
  /**
   * The time of the event, from the message.
   */
  occurredAt: TimeOrNull;
  /**
   * The time at which the notification was stored.
   */
  createdAt: Time;
  modifiedAt: Time;
  /**
   * The time at which this user read it; null if it is unread.
   */
  readAt: TimeOrNull;
  /**
   * The time at which this user archived it; null if it is not archived.
   */
  archivedAt: TimeOrNull;
  /**
   * Fields of the message that the schema does not define.
   */
  extra: {} | null;
}
/**
 * A notification with only the requested fields.
 */
export interface PartialNotification {
  id?: NotificationId;
  /**
   * The id of the message; null if the message has none.
   */
  key?: string | null;
  seq?: Seq;
  /**
   * What happened, e.g. payment.success.
   */
  type?: string;
  title?: string;
  body?: string | null;
  /**
   * The data of the message, unchanged except for white space.
   */
  data?: {} | null;
  recipientScope?: RecipientScope;
  organizerId?: string | null;
  merchantId?: string | null;
  actorId?: string | null;
  /**
   * The time of the event, from the message.
   */
  occurredAt?: TimeOrNull;
  /**
   * The time at which the notification was stored.
   */
  createdAt?: Time;
  modifiedAt?: Time;
  /**
   * The time at which this user read it; null if it is unread.
   */
  readAt?: TimeOrNull;
  /**
   * The time at which this user archived it; null if it is not archived.
   */
  archivedAt?: TimeOrNull;
  /**
   * Fields of the message that the schema does not define.
   */
  extra?: {} | null;
}
/**
 * The change: at least one of the two members.
 */
export interface NotificationChange {
  read?: boolean;
  archived?: boolean;
}
/**
 * A hint about a new notification; the row is authoritative. It may arrive twice: drop the second one by data.id.
 */
export interface NotificationCreatedFrame {
  event: "observation/signal/notification/created";
  data: NotificationHint;
  /**
   * The header traceparent (W3C Trace Context) of the Kafka record; with tracing on, that of Signal's span in the same trace.
   */
  traceparent?: string;
  seq: Seq;
  /**
   * Number of this user's unread notifications after this one; absent in a catch-up.
   */
  unread?: number;
}
/**
 * A notification in a hint. It has no seq: the seq differs for each user and is a sibling of data.
 */
export interface NotificationHint {
  id: NotificationId;
  /**
   * The id of the message; null if the message has none.
   */
  key: string | null;
  /**
   * What happened, e.g. payment.success.
   */
  type: string;
  title: string;
  body: string | null;
  /**
   * The data of the message, unchanged except for white space.
   */
  data: {} | null;
  recipientScope: RecipientScope;
  organizerId: string | null;
  merchantId: string | null;
  actorId: string | null;
  /**
   * The time of the event, from the message.
   */
  occurredAt: TimeOrNull;
  /**
   * The time at which the notification was stored.
   */
  createdAt: Time;
  modifiedAt: Time;
  /**
   * Always null: a new notification is unread.
   */
  readAt: null;
  archivedAt: null;
  /**
   * Fields of the message that the schema does not define.
   */
  extra: {} | null;
}
/**
 * Rows were marked read or unread, archived or unarchived, in any session of this user.
 */
export interface NotificationUpdatedFrame {
  event: "observation/signal/notification/updated";
  data:
    | {
        /**
         * @minItems 1
         */
        ids: NotificationId[];
        readAt: TimeOrNull;
        /**
         * Present only if it changed.
         */
        archivedAt?: TimeOrNull;
      }
    | {
        all: true;
        upTo: Position;
        readAt: TimeOrNull;
      };
  unread: number;
}
/**
 * One slice of the answer of one instance.
 */
export interface OperatorAnswer {
  /**
   * The id of the question.
   */
  id: string;
  /**
   * The instance that answers.
   */
  from: string;
  slice: number;
  slices: number;
  /**
   * Number of all clients that match or were disconnected; 1 with an instance; the same in each slice.
   */
  count: number;
  /**
   * @maxItems 101
   */
  clients: InstancesClient[];
  /**
   * The answer to describe.
   */
  instance?: InstancesDescription;
  /**
   * Epoch ms since which there are records of pushes; only with hint, in the first slice.
   */
  recordsSince?: number;
  /**
   * @maxItems 100
   */
  pushes?: {
    at: number;
    outcome: "pushed" | "held" | "caughtUp" | "slowClosed";
  }[];
}
/**
 * A question of an operator to all instances. list accepts all members but client and revokedAt; find and disconnectClient require client; disconnectUser requires userId and revokedAt; describe accepts none of them.
 */
export interface OperatorQuestion {
  /**
   * A new id for each question.
   */
  id: string;
  /**
   * The instance that asks.
   */
  from: string;
  ask: "list" | "find" | "disconnectClient" | "disconnectUser" | "describe";
  userId?: string;
  room?: string;
  /**
   * An address or a range.
   */
  address?: string;
  /**
   * The list continues after this instance, and within it after afterClient.
   */
  afterInstance?: string;
  afterClient?: string;
  limit?: number;
  /**
   * With userId: the seq of the row whose hint is to be explained.
   */
  hint?: number;
  client?: string;
  /**
   * Epoch ms: tokens issued until then are refused.
   */
  revokedAt?: number;
}
/**
 * Answered with pong.
 */
export interface PingMessage {
  event: "ping";
  id?: unknown;
}
export interface PongFrame {
  event: "pong";
  data: {
    /**
     * The id of the ping, unchanged; absent if the ping has none.
     */
    id?: unknown;
    time: Time;
  };
}
/**
 * A direct push of a service: its event, and its data if it has any.
 */
export interface PushFrame {
  event: string;
  data?: unknown;
}
/**
 * On the public listener only the status; on the admin listener also the state of each dependency.
 */
export interface Readiness {
  status: "ok" | "unavailable";
  accepting?: boolean;
  database?: DependencyState;
  kafka?: DependencyState;
  /**
   * null if no Redis is configured.
   */
  redis?: DependencyState | null;
  /**
   * Whether a batch is held back because a dependency is unavailable.
   */
  holdingBatch?: boolean;
}
/**
 * Answered with refreshed, or with the error `Refresh failed`.
 */
export interface RefreshMessage {
  event: "refresh";
  data: {
    token: string;
  };
}
export interface RefreshedFrame {
  event: "refreshed";
  data: {
    expiresAt: Time;
  };
}
/**
 * The value of a record on signal.activity-notification: a notification to be stored and pushed. Limits are in bytes of UTF-8; maxLength counts characters, so it is only an upper bound. The following rules cannot be expressed in this schema: sizes in bytes, at most 64 levels deep, numbers within PostgreSQL's numeric (131072 digits before, 16383 after the decimal point), valid UTF-8, no lone surrogate in an id, a type or a member name (in other texts it becomes U+FFFD), no U+0000 in any text or member name, dates must exist in the calendar.
 */
export interface TActivityNotificationMessage {
  /**
   * org, merchant or users; organizer and organization are synonyms of org, user is a synonym of users, in any letter case.
   */
  recipientScope: string;
  /**
   * Required for the scope org. If it is given under several of its names, the values must be equal.
   */
  organizerId?: TActivityNotificationMessageOptionalId;
  /**
   * Another name of organizerId.
   */
  orgId?: TActivityNotificationMessageOptionalId;
  /**
   * Another name of organizerId.
   */
  organizationId?: TActivityNotificationMessageOptionalId;
  /**
   * Required for the scope merchant.
   */
  merchantId?: TActivityNotificationMessageOptionalId;
  /**
   * Required for the scope users, where it has 1 to 10000 ids; ignored for other scopes.
   */
  recipientIds?: unknown;
  /**
   * What happened, e.g. payment.success; at most 128 bytes.
   */
  type: TActivityNotificationMessageText;
  /**
   * At most 512 bytes.
   */
  title: TActivityNotificationMessageText;
  /**
   * At most 4096 bytes.
   */
  body?: null | TActivityNotificationMessageText;
  /**
   * Any JSON object, at most 32768 bytes of compact JSON.
   */
  data?: {} | null;
  /**
   * Idempotency key, unique within type; without it the position of the record in Kafka is the key.
   */
  id?: TActivityNotificationMessageOptionalId;
  actorId?: TActivityNotificationMessageOptionalId;
  /**
   * Users who never receive the notification.
   */
  excludeUserIds?: null | TActivityNotificationMessageId[];
  /**
   * ISO 8601 date-time with zone, or a date, or milliseconds since 1970-01-01T00:00:00Z; years 0001 to 9999. An integer has neither fraction nor exponent.
   */
  occurredAt?: null | string | number;
  [k: string]: unknown;
}
/**
 * A test push was sent to the caller's own user.
 */
export interface TestPush {
  /**
   * The push has it as data.id.
   */
  id: string;
  event: "observation/signal/test/pushed";
  userId: string;
}
/**
 * A test push that an operator has sent to their own user.
 */
export interface TestPushedFrame {
  event: "observation/signal/test/pushed";
  data: {
    /**
     * As in the answer of the route.
     */
    id: string;
    /**
     * When it was sent.
     */
    time: Time;
  };
}
export interface UnreadCount {
  count: number;
  /**
   * The newest seq of the inbox.
   */
  seq: Position;
  epoch: Epoch;
}
export interface UserDisconnected {
  /**
   * Connections that were closed.
   */
  count: number;
  /**
   * Epoch ms: tokens that were issued until then are refused.
   */
  revokedAt: number;
  missing?: Missing;
}
/**
 * One hint for up to 1,000 users, with exactly these members in this order and without white space.
 */
export interface UsersHint {
  serverId: string;
  recorded: number;
  /**
   * A flat list of id, seq, unread.
   *
   * @minItems 3
   * @maxItems 3000
   */
  users: (string | number)[];
  hint: {
    event: "observation/signal/notification/created";
    data: NotificationHint;
    traceparent?: string;
  };
}
/**
 * 422: a value was read but cannot be used; cause names the field.
 */
export interface ValidationError {
  message: "ValidationError";
  statusCode: 422;
  requestId: string;
  details: {
    url: string;
    path: string;
    /**
     * @minItems 1
     */
    cause: {
      /**
       * The field as the client named it; empty for the whole input.
       */
      path: string;
      message: string;
      code: string;
    }[];
  };
}
