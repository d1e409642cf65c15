// Made by script/types from contracts/*.schema.json: change those.

/**
 * Standard base64 of the 65 bytes of an uncompressed P-256 point.
 */
export type PublicKey = string;
/**
 * A seq, or 0: before the first.
 */
export type Position = number;
/**
 * A text that is not empty, or an integer, which is its decimal text.
 */
export type BusId = string | number;
/**
 * Names the database that numbers the inboxes; another one makes every seq that a client kept worthless.
 */
export type Epoch = string;
export type UserId = string | number;
/**
 * Known instances that did not answer in time; absent when all did.
 *
 * @minItems 1
 */
export type Missing = string[];
/**
 * ISO 8601 in UTC with three digits.
 */
export type Time = string;
export type TimeOrNone = string | null;
export type DependencyState = "ok" | "away";
/**
 * Names of fields, as a list or as members that are true.
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
 * The place in this user's inbox, from 1, without holes at the time of writing.
 */
export type Seq = number;
export type RecipientScope = "org" | "merchant" | "users";
export type TimeOrNull = Time | null;
/**
 * All of a notification, or the fields that were asked for.
 */
export type Row = Notification | PartialNotification;
/**
 * @maxItems 100
 */
export type NotificationArray = Row[];
/**
 * A page. With the request header x-request-count false or 0 it is the array alone.
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
 * One notification, or null for an id that is missing or another user's: the two are told apart by nobody. With x-request-count false or 0 it is the notification alone.
 */
export type NotificationOrNone =
  | {
      count: 0 | 1;
      data: Row | null;
    }
  | Row
  | null;
/**
 * The node as Signal addresses it, a space, a number that counts up. No JSON.
 */
export type Probe = string;
/**
 * Which notifications to mark as read: some, or all up to a seq.
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
 * A string of 1 to 128 bytes, or an integer, which is taken as its decimal text.
 */
export type TActivityNotificationMessageId = TActivityNotificationMessageText | number;
export type TActivityNotificationMessageText = string;

/**
 * The client has these notifications, or every row up to that seq. Not answered.
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
     * In any letter case, or left out.
     */
    type?: string;
    /**
     * A JWT.
     */
    token: string;
    clientPublicKey: PublicKey;
    /**
     * Switches on the catch-up.
     */
    since?: Position;
    /**
     * The one that since is of.
     */
    epoch?: string | null;
  };
}
/**
 * As WebSocketEmitter of @venizia/ignis-helpers publishes it. Members that are not known are ignored.
 */
export interface BusEnvelope {
  /**
   * Who publishes; services say emitter. An instance skips its own.
   */
  serverId: string;
  type: "broadcast" | "room" | "client" | "user";
  /**
   * The room, client or user; not read for broadcast.
   */
  target?: BusId;
  event: string;
  data?: unknown;
  /**
   * Client ids left out, for broadcast and room.
   */
  exclude?: unknown[] | null;
  traceparent?: string;
  /**
   * Of a hint between instances.
   */
  seq?: number;
  unread?: number;
  /**
   * Epoch ms of the Kafka record; for measuring.
   */
  recorded?: number;
}
/**
 * The form with topic: destination decides by its text.
 */
export interface BusTopicMessage {
  topic: string;
  data?: unknown;
  /**
   * A room, or the client and the user of that id; absent: everyone.
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
     * Hints sent before it.
     */
    count: number;
    /**
     * false: more is to be fetched with GET /v1/notifications?since=<seq>.
     */
    complete: boolean;
    seq: Position;
    /**
     * null while the database is away.
     */
    unread: number | null;
    /**
     * Left out while the database is away.
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
   * With the JSON type that it has in the token.
   */
  userId: UserId;
  /**
   * The default ones and its own included.
   */
  rooms: string[];
  /**
   * Epoch ms.
   */
  connectedAt: number;
  /**
   * The client's, behind trusted proxies the forwarded one.
   */
  address: string;
  /**
   * Epoch ms of its last message; pings do not count.
   */
  lastActivityAt: number;
  /**
   * Sealed for it and not taken yet.
   */
  queuedBytes: number;
  /**
   * That start of the process which holds it: as in its log line listening.
   */
  instance: string;
}
/**
 * Authenticated connections of all instances that answered, by instance and id.
 */
export interface ClientList {
  /**
   * Of all that match, on all instances that answered.
   */
  count: number;
  /**
   * @maxItems 100
   */
  clients: Client[];
  missing?: Missing;
}
/**
 * The handshake has succeeded; in clear. The members come in this order.
 */
export interface ConnectedFrame {
  event: "connected";
  data: {
    /**
     * This connection.
     */
    id: string;
    /**
     * With the JSON type that it has in the token.
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
 * A notification in one user's inbox.
 */
export interface Delivery {
  userId: string;
  seq: Position;
  /**
   * The first ack of a client.
   */
  deliveredAt: TimeOrNone;
  readAt: TimeOrNone;
  archivedAt: TimeOrNone;
}
export interface DeliveryList {
  /**
   * On this page.
   */
  count: number;
  /**
   * @maxItems 100
   */
  data: Delivery[];
}
/**
 * How many have a notification.
 */
export interface DeliverySummary {
  notification: Origin;
  recipients: number;
  delivered: number;
  read: number;
  archived: number;
  /**
   * false: there are more inboxes than could be looked into within a second.
   */
  complete: boolean;
}
/**
 * What a notification is, without what it says.
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
   * Who is never to get it.
   */
  excluded: string[];
  /**
   * topic/partition/offset/time of the Kafka record, while its key is kept.
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
 * What every refusal but 404 looks like. requestId is that of the header x-request-id.
 */
export interface Error {
  message: string;
  statusCode: number;
  requestId: string;
  details: {
    /**
     * Left out where the request was refused before it was read.
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
   * One sentence for people.
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
   * The row; null when it is not in the inbox.
   */
  stored: Delivery | null;
  /**
   * Stored too late to be pushed.
   */
  tooOld: boolean;
  /**
   * Of the user, now.
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
   * What became of the hint, for each client that it was for.
   */
  pushes: {
    instance: string;
    outcome: "pushed" | "held" | "caughtUp" | "slowClosed";
    at: string;
  }[];
  /**
   * What the pushes reach back to.
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
 * Why the user belongs to the organizer or merchant, or not, as the policy rows are now.
 */
export interface MembershipTrace {
  member: boolean;
  /**
   * Through what the merchant inherits from.
   */
  inherited: boolean;
  endedAt: TimeOrNone;
  why: string;
  /**
   * The rows that decide.
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
   * As an object, or as the JSON text of one.
   */
  where?: Where | string;
  fields?: FieldChoice;
  /**
   * Fields or places in data, each with ASC or DESC behind it; seq DESC when left out.
   *
   * @maxItems 100
   */
  order?: string[];
  /**
   * Rows on a page; 10 when left out.
   */
  limit?: number;
  /**
   * Rows passed over; goes before offset.
   */
  skip?: number;
  offset?: number;
}
/**
 * Conditions, all of which must hold. A member is a field of a notification, or a place in data or extra (data.lines[0].n); its value is what it must equal (null: none; a list: one of them), or an object of operators: eq, ne, neq, is, isn, gt, gte, lt, lte, like, nlike, ilike, nilike, regexp, iregexp, in, inq, nin, between, notBetween, contains, containedBy, overlaps. Every value is bound to the field's type. At most 8 levels of and and or, 100 values a list.
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
 * Not answered. 90 s without any message close 4002.
 */
export interface HeartbeatMessage {
  event: "heartbeat";
}
/**
 * Every 5 s, and when somebody new is heard; who is silent for 15 s is forgotten.
 */
export interface InstanceAnnouncement {
  id: string;
  /**
   * Where it listens.
   */
  address: string;
  /**
   * Epoch ms.
   */
  started: number;
  /**
   * It ends now: forget it.
   */
  ended?: true;
}
/**
 * A connection as its instance tells the others.
 */
export interface InstancesClient {
  id: string;
  /**
   * With the JSON type that it has in the token.
   */
  userId: UserId;
  /**
   * The default ones and its own included.
   */
  rooms: string[];
  /**
   * Epoch ms.
   */
  connectedAt: number;
  /**
   * The client's, behind trusted proxies the forwarded one.
   */
  address: string;
  /**
   * Epoch ms of its last message; pings do not count.
   */
  lastActivityAt: number;
  /**
   * Sealed for it and not taken yet.
   */
  queuedBytes: number;
}
/**
 * Not answered; what is refused is left out silently.
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
 * 404: no such path or method; flat, as IGNIS writes it.
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
   * The message's own id; null without one.
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
   * The message's data as it came, white space aside.
   */
  data: {} | null;
  recipientScope: RecipientScope;
  organizerId: string | null;
  merchantId: string | null;
  actorId: string | null;
  /**
   * When it happened, as the message says.
   */
  occurredAt: TimeOrNull;
  /**
   * When it was stored.
   */
  createdAt: Time;
  modifiedAt: Time;
  /**
   * When this user read it; null: unread.
   */
  readAt: TimeOrNull;
  /**
   * When this user archived it; null: in the inbox.
   */
  archivedAt: TimeOrNull;
  /**
   * Fields of the message that Signal does not know.
   */
  extra: {} | null;
}
/**
 * A notification with the fields that were asked for.
 */
export interface PartialNotification {
  id?: NotificationId;
  /**
   * The message's own id; null without one.
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
   * The message's data as it came, white space aside.
   */
  data?: {} | null;
  recipientScope?: RecipientScope;
  organizerId?: string | null;
  merchantId?: string | null;
  actorId?: string | null;
  /**
   * When it happened, as the message says.
   */
  occurredAt?: TimeOrNull;
  /**
   * When it was stored.
   */
  createdAt?: Time;
  modifiedAt?: Time;
  /**
   * When this user read it; null: unread.
   */
  readAt?: TimeOrNull;
  /**
   * When this user archived it; null: in the inbox.
   */
  archivedAt?: TimeOrNull;
  /**
   * Fields of the message that Signal does not know.
   */
  extra?: {} | null;
}
/**
 * What to change; at least one of both.
 */
export interface NotificationChange {
  read?: boolean;
  archived?: boolean;
}
/**
 * A new notification: a hint, the row is the truth. May come twice; drop the second by data.id.
 */
export interface NotificationCreatedFrame {
  event: "observation/signal/notification/created";
  data: NotificationHint;
  /**
   * The W3C header of the Kafka record; with tracing on, of Signal's span in the same trace.
   */
  traceparent?: string;
  seq: Seq;
  /**
   * This user's, after it. Left out in a catch-up.
   */
  unread?: number;
}
/**
 * A notification in a hint: without seq, which is the user's own and a sibling of data.
 */
export interface NotificationHint {
  id: NotificationId;
  /**
   * The message's own id; null without one.
   */
  key: string | null;
  /**
   * What happened, e.g. payment.success.
   */
  type: string;
  title: string;
  body: string | null;
  /**
   * The message's data as it came, white space aside.
   */
  data: {} | null;
  recipientScope: RecipientScope;
  organizerId: string | null;
  merchantId: string | null;
  actorId: string | null;
  /**
   * When it happened, as the message says.
   */
  occurredAt: TimeOrNull;
  /**
   * When it was stored.
   */
  createdAt: Time;
  modifiedAt: Time;
  /**
   * Nobody has read it yet.
   */
  readAt: null;
  archivedAt: null;
  /**
   * Fields of the message that Signal does not know.
   */
  extra: {} | null;
}
/**
 * Another session of this user has read or archived.
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
         * Where that is what changed.
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
 * A slice of what one instance found or did.
 */
export interface OperatorAnswer {
  /**
   * The question's.
   */
  id: string;
  /**
   * The instance that answers.
   */
  from: string;
  slice: number;
  slices: number;
  /**
   * Of all that match, or that were disconnected; in each slice.
   */
  count: number;
  /**
   * @maxItems 101
   */
  clients: InstancesClient[];
  /**
   * Epoch ms: what the pushes reach back to; with a hint, in the first slice.
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
 * What an operator wants of all instances. list takes all but client and revokedAt; find and disconnectClient want client, disconnectUser userId and revokedAt.
 */
export interface OperatorQuestion {
  /**
   * New for each question.
   */
  id: string;
  /**
   * The instance that asks.
   */
  from: string;
  ask: "list" | "find" | "disconnectClient" | "disconnectUser";
  userId?: string;
  room?: string;
  /**
   * An address or a range.
   */
  address?: string;
  /**
   * The list goes on behind this client of this instance.
   */
  afterInstance?: string;
  afterClient?: string;
  limit?: number;
  /**
   * Beside userId: what became of the hint of that row.
   */
  hint?: number;
  client?: string;
  /**
   * Epoch ms: tokens issued until then are refused.
   */
  revokedAt?: number;
}
/**
 * Answered pong.
 */
export interface PingMessage {
  event: "ping";
  id?: unknown;
}
export interface PongFrame {
  event: "pong";
  data: {
    /**
     * As it came; absent when it was.
     */
    id?: unknown;
    time: Time;
  };
}
/**
 * What a service has pushed: its event, and its data when there is any.
 */
export interface PushFrame {
  event: string;
  data?: unknown;
}
/**
 * On the public listener the status alone; on the admin listener also what it is made of.
 */
export interface Readiness {
  status: "ok" | "unavailable";
  accepting?: boolean;
  database?: DependencyState;
  kafka?: DependencyState;
  /**
   * null: there is none.
   */
  redis?: DependencyState | null;
  /**
   * A batch waits for a dependency.
   */
  holdingBatch?: boolean;
}
/**
 * Answered refreshed, or error `Refresh failed`.
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
 * The value of a record on signal.activity-notification: something happened, and these people should know. Limits are bytes of UTF-8; maxLength counts characters, so it is the upper bound that a schema can state. Beyond the schema: sizes in bytes, at most 64 levels deep, numbers within PostgreSQL's numeric (131072 digits before, 16383 after the decimal point), valid UTF-8, no lone surrogate in an id, a type or a member name (in other texts it becomes U+FFFD), no U+0000 in any text or member name, dates that exist.
 */
export interface TActivityNotificationMessage {
  /**
   * org, merchant or users; organizer, organization and user are taken as the same, in any letter case.
   */
  recipientScope: string;
  /**
   * Required for the scope org. All names of it must agree.
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
   * Idempotency key, unique within type; without it the record itself is the key.
   */
  id?: TActivityNotificationMessageOptionalId;
  actorId?: TActivityNotificationMessageOptionalId;
  /**
   * These never receive it.
   */
  excludeUserIds?: null | TActivityNotificationMessageId[];
  /**
   * ISO 8601 date-time with zone, or a date, or milliseconds since 1970-01-01T00:00:00Z; years 0001 to 9999. An integer has neither fraction nor exponent.
   */
  occurredAt?: null | string | number;
  [k: string]: unknown;
}
export interface UnreadCount {
  count: number;
  /**
   * The newest of the inbox.
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
 * One hint for up to 1,000 users; these members in this order and without white space.
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
 * 422: what was read and can not be used, and which field.
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
       * The field, as the client named it; empty for the whole.
       */
      path: string;
      message: string;
      code: string;
    }[];
  };
}
