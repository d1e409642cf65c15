// Made by script/client page from @nx-signal/client (clients/typescript/packages/client): change that.
// MIT licence, see LICENSE.

// packages/client/dist/emitter.js
var Emitter = class {
  #handlers = /* @__PURE__ */ new Map();
  #onFault;
  constructor(onFault) {
    this.#onFault = onFault;
  }
  on(name, handler) {
    const all = this.#handlers.get(name) ?? /* @__PURE__ */ new Set();
    this.#handlers.set(name, all.add(handler));
    return () => void all.delete(handler);
  }
  /** False when nobody listens. */
  emit(name, value) {
    const all = [...this.#handlers.get(name) ?? []];
    for (const handler of all)
      try {
        handler(value);
      } catch (fault) {
        this.#onFault(fault);
      }
    return all.length > 0;
  }
};

// packages/client/dist/change.js
var isUnread = (row) => row.readAt || row.archivedAt ? 0 : 1;
function changed(row, { ids, upTo, read, archived, at, told }) {
  if (ids ? !ids.includes(row.id) : row.seq > upTo)
    return row;
  const readAt = read === void 0 ? row.readAt : read ? told && ids ? at : row.readAt ?? at : null;
  const archivedAt = archived === void 0 ? row.archivedAt : archived ? row.archivedAt ?? at : null;
  return readAt === row.readAt && archivedAt === row.archivedAt ? row : { ...row, readAt, archivedAt };
}
function overlay(rows, unread, changes) {
  let all = [...rows];
  for (const change of changes) {
    const after = all.map((row) => changed(row, change));
    unread = change.upTo === void 0 ? after.reduce((count, row, n) => count + isUnread(row) - isUnread(all[n]), unread) : (
      // Rows that are not loaded are older than this.
      after.reduce((count, row) => count + (row.seq > change.upTo ? isUnread(row) : 0), 0)
    );
    all = after;
  }
  return { all, unread: Math.max(0, unread) };
}

// packages/client/dist/policy.js
var byCode = {
  1001: "now",
  4002: "now",
  4003: "token",
  4005: "token",
  4008: "away",
  4009: "leave"
};
function nextAfter(code, reason) {
  if (code === 4004)
    return reason === "Decryption failed" ? "keys" : "away";
  return byCode[code] ?? "wait";
}
var isFault = (code) => [1002, 1007, 1008, 1009, 4004, 4008, 4009].includes(code);
var backOffMs = (n, random) => 500 + random * Math.min(3e4, 1e3 * 2 ** n);
var atOnceMs = (random) => random * 1e3;

// packages/client/dist/timer.js
var Timer = class {
  #clock;
  #timer;
  #due = Infinity;
  constructor(clock) {
    this.#clock = clock;
  }
  /** Takes the place of the present wait, unless that ends first: who asks again and again postpones nothing. */
  set(ms, work) {
    const due = this.#clock.now() + ms;
    if (due >= this.#due)
      return;
    this.clear();
    this.#due = due;
    this.#timer = this.#clock.setTimeout(() => {
      this.#due = Infinity;
      work();
    }, ms);
  }
  clear() {
    this.#due = Infinity;
    this.#clock.clearTimeout(this.#timer);
  }
};

// packages/client/dist/inbox.js
var route = "/v1/notifications";
var mostOfPage = 100;
var mostPages = 5;
var lateHintMs = 250;
var settledMs = 1500;
var mostSeen = 2e3;
var mostRows = 1e4;
var spreadMs = 1e3;
var Inbox = class {
  #options;
  #rows = /* @__PURE__ */ new Map();
  #seen = /* @__PURE__ */ new Set();
  #changes = /* @__PURE__ */ new Set();
  #unread = 0;
  // as the server said last
  #counted = 0;
  // the same from what was heard: a difference says that something was not
  #next;
  #ready = false;
  #snapshot;
  #marks = 0;
  // changes of rows that were known: an answer that was under way is worthless
  #running = false;
  #started = false;
  #whole = false;
  // the next synchronisation reads the loaded pages again
  #timer;
  #failures = 0;
  /** @internal */
  constructor(options) {
    this.#options = options;
    this.#timer = new Timer(options.clock);
  }
  /** Calls back after each change, until what it returns is called. Bound: it can be handed on as it is. */
  subscribe = (listener) => this.#options.events.on("change", listener);
  get snapshot() {
    if (!this.#snapshot) {
      const { all, unread } = overlay(this.#rows.values(), this.#unread, this.#changes);
      this.#snapshot = {
        items: all.filter((row) => !row.archivedAt).sort((a, b) => b.seq - a.seq),
        unread,
        hasMore: !!this.#next,
        ready: this.#ready
      };
    }
    return this.#snapshot;
  }
  /** Loads the next page; at once when there is none. */
  async loadMore() {
    const from = this.#next;
    if (!from)
      return;
    const page = await this.#steady(() => this.#options.rest.page(from));
    if (from !== this.#next)
      return;
    for (const row of page.rows)
      this.#rows.set(row.id, row);
    this.#next = page.next;
    this.#changed();
  }
  /** Shown at once; taken back, with a rejection, when the server does not take it. The same holds for the others. */
  markRead(...ids) {
    return this.#change({ ids, read: true });
  }
  markUnread(id) {
    return this.#change({ ids: [id], read: false });
  }
  archive(id) {
    return this.#change({ ids: [id], archived: true });
  }
  unarchive(id) {
    return this.#change({ ids: [id], archived: false });
  }
  /** All that this client has heard of; what comes meanwhile stays unread. */
  markAllRead() {
    return this.#change({ upTo: this.#options.position.top, read: true });
  }
  /**
   * A frame of the stream. `mine`: of this client's socket, whose catch-up began at this client's position. @internal
   */
  take({ event, data, seq, unread }, mine) {
    const { position, random } = this.#options;
    if (event === "observation/signal/notification/created") {
      this.#arrive(data, seq, unread !== void 0 || seq === void 0);
      if (seq < position.top)
        unread = void 0;
    } else if (event === "observation/signal/notification/updated") {
      const { ids, upTo, readAt, archivedAt } = data;
      this.#apply({
        ids,
        upTo,
        read: !!readAt,
        ...archivedAt === void 0 ? {} : { archived: !!archivedAt },
        at: readAt ?? archivedAt,
        told: true
      });
      this.synchronise(archivedAt !== void 0, archivedAt === null ? 0 : settledMs);
    } else if (event === "caught-up") {
      if (mine && data.seq > position.seq)
        position.move(data.seq);
      unread = data.unread ?? void 0;
      this.synchronise(true, this.#ready ? random() * spreadMs : 0);
    } else
      return;
    this.#unread = unread ?? this.#unread;
    if (this.#unread !== this.#counted)
      this.synchronise(false, settledMs);
    this.#changed();
  }
  /**
   * Asks the server, after `ms`, whether this is what it has; `whole` also for what was read and archived. @internal
   */
  synchronise(whole, ms) {
    this.#whole ||= whole;
    if (!ms)
      this.#failures = 0;
    if (this.#started)
      this.#timer.set(ms, () => void this.#run());
  }
  /** @internal */
  start() {
    this.#started = true;
  }
  /** @internal */
  stop() {
    this.#started = false;
    this.#timer.clear();
  }
  #changed() {
    this.#snapshot = void 0;
    this.#options.events.emit("change");
  }
  /** A row that came by a frame or over a gap. */
  #arrive(row, seq, live) {
    const { position, events } = this.#options;
    const isNew = !this.#seen.has(row.id) && !position.has(seq);
    if (seq === void 0)
      this.synchronise(true, 0);
    else if (position.hear(seq))
      this.synchronise(false, lateHintMs);
    if (!isNew)
      return;
    this.#seen.add(row.id);
    if (this.#seen.size > mostSeen)
      this.#seen.delete(this.#seen.values().next().value);
    const notification = { ...row, seq };
    if (seq !== void 0 && !this.#rows.has(row.id)) {
      this.#rows.set(row.id, notification);
      this.#counted += isUnread(notification);
    }
    if (this.#rows.size > mostRows)
      this.synchronise(true, settledMs);
    events.emit("notification", { notification, live });
  }
  /** Rows and counts as the server has them after this. */
  #apply(change) {
    ++this.#marks;
    this.#unread = overlay(this.#rows.values(), this.#unread, [change]).unread;
    const { unread, all } = overlay(this.#rows.values(), this.#counted, [change]);
    this.#counted = unread;
    for (const row of all)
      if (row.archivedAt)
        this.#rows.delete(row.id);
      else
        this.#rows.set(row.id, row);
  }
  async #change(change) {
    const { rest, onError } = this.#options;
    const { ids, upTo, read, archived } = change;
    change.at = (/* @__PURE__ */ new Date()).toISOString();
    this.#changes.add(change);
    this.#changed();
    try {
      const { body } = read ? await rest.call(`${route}/read`, "POST", ids ? { ids } : { all: true, upTo }) : await rest.call(`${route}/${ids[0]}`, "PATCH", { read, archived });
      this.#apply(change);
      if (archived !== void 0 || body.data === null)
        this.synchronise(true, archived ? settledMs : 0);
    } catch (error) {
      onError(error);
      throw error;
    } finally {
      this.#changes.delete(change);
      this.#changed();
    }
  }
  async #run() {
    const { random, checkEveryMs, onError } = this.#options;
    if (this.#running)
      return this.synchronise(false, lateHintMs);
    this.#running = true;
    const whole = this.#whole;
    this.#whole = false;
    try {
      await this.#compare(whole);
      this.#failures = 0;
      this.synchronise(random() < 0.1, checkEveryMs * (0.75 + random() / 2));
    } catch (error) {
      if (!this.#failures)
        onError(error);
      this.synchronise(whole, backOffMs(this.#failures++, random()));
    }
    this.#running = false;
  }
  async #compare(whole) {
    const { rest, position } = this.#options;
    const { seq: before } = position;
    const marks = this.#marks;
    const { body: server } = await rest.call(`${route}/unread-count`);
    if (position.epoch && server.epoch !== position.epoch || server.seq < before) {
      position.forget();
      this.#rows.clear();
    }
    position.epoch = server.epoch;
    const fresh = position.seq === void 0;
    if (!fresh && server.seq > position.seq)
      whole = !await this.#fill(server.seq) || whole;
    const count = () => [...this.#rows.values()].reduce((sum, row) => sum + (row.seq > server.seq ? isUnread(row) : 0), server.count);
    if (fresh || whole || !this.#ready || this.#counted !== count())
      await this.#reload();
    if (fresh)
      position.move(server.seq);
    if (marks === this.#marks)
      this.#unread = this.#counted = count();
    else
      this.synchronise(false, settledMs);
    this.#changed();
  }
  /** Takes the rows between the position and `to`; false when there are too many to walk over. */
  async #fill(to) {
    const { rest, position } = this.#options;
    let path = `${route}?since=${position.seq}&limit=${mostOfPage}`;
    for (let pages = 0; path && pages < mostPages; ++pages) {
      const page = await this.#steady(() => rest.page(path));
      for (const row of page.rows)
        this.#arrive(row, row.seq, false);
      path = page.next;
    }
    position.move(Math.max(position.seq, to));
    return !path;
  }
  /** The loaded pages, from the newest on. */
  async #reload() {
    const { rest, position, pageSize } = this.#options;
    const wanted = Math.min(Math.max(this.#rows.size, pageSize), mostPages * mostOfPage);
    const { top, rows, next } = await this.#steady(async () => {
      const { top: top2 } = position;
      const rows2 = [];
      let next2 = `${route}?limit=${Math.min(wanted, mostOfPage)}`;
      while (next2 && rows2.length < wanted) {
        const page = await rest.page(next2);
        rows2.push(...page.rows);
        next2 = page.next;
      }
      return { top: top2, rows: rows2, next: next2 };
    });
    for (const [id, row] of this.#rows)
      if (row.seq <= top)
        this.#rows.delete(id);
    for (const row of rows)
      this.#rows.set(row.id, row);
    this.#next = next;
    this.#ready = true;
  }
  /** Asks again when a row has changed meanwhile: the answer may be of before or after. */
  async #steady(ask) {
    for (let tries = 1; ; ++tries) {
      const marks = this.#marks;
      const answer = await ask();
      if (marks === this.#marks)
        return answer;
      if (tries < 5)
        continue;
      this.synchronise(true, settledMs);
      return answer;
    }
  }
};

// packages/client/dist/crypto.js
var utf8 = new TextEncoder();
var info = "ignis-ecdh-p256-aes-256-gcm-v1";
var curve = { name: "ECDH", namedCurve: "P-256" };
function toBase64(bytes) {
  let text = "";
  for (const byte of bytes)
    text += String.fromCharCode(byte);
  return btoa(text);
}
var fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
async function makeKeys() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  return { privateKey, clientPublicKey: toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))) };
}
async function deriveKeys(privateKey, server) {
  const { subtle } = crypto;
  const publicKey = await subtle.importKey("raw", fromBase64(server.serverPublicKey), curve, false, []);
  const shared = await subtle.importKey("raw", await subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256), "HKDF", false, ["deriveKey"]);
  const derive = (suffix, use) => subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: fromBase64(server.salt), info: utf8.encode(info + suffix) }, shared, { name: "AES-GCM", length: 256 }, false, [use]);
  const [open2, seal2] = await Promise.all([derive("", "decrypt"), derive("/c2s", "encrypt")]);
  return { open: open2, seal: seal2 };
}
async function open(key, { iv, ct }) {
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromBase64(iv) }, key, fromBase64(ct)));
}
async function seal(key, text) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return {
    iv: toBase64(iv),
    ct: toBase64(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8.encode(text))))
  };
}

// packages/client/dist/connection.js
var connectWithinMs = 2e4;
var Connection = class {
  #options;
  #socket;
  #keys = makeKeys();
  #frameKeys;
  #arrived = Promise.resolve();
  #sent = Promise.resolve();
  #deadline;
  #nextPing;
  #pings = 0;
  #ended = false;
  constructor(options) {
    this.#options = options;
    this.#deadline = new Timer(options.clock);
    this.#nextPing = new Timer(options.clock);
    this.#keys.catch(() => void 0);
    const socket = this.#socket = new options.WebSocket(options.url);
    socket.onopen = () => this.#keys.then(({ clientPublicKey }) => this.#write({
      event: "authenticate",
      data: { type: "Bearer", token: options.token, clientPublicKey, ...options.since }
    }), (fault) => this.drop(1006, "", fault));
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onerror = () => void 0;
    socket.onclose = ({ code, reason }) => {
      void this.#arrived.then(() => this.drop(code, reason));
    };
    this.#deadline.set(connectWithinMs, () => this.drop());
  }
  /** Sends to a connection that has passed its handshake. */
  send(frame) {
    if (!this.#options.sealed)
      return this.#write(frame);
    this.#sent = this.#sent.then(async () => this.#write({ event: "encrypted", data: await seal((await this.#frameKeys).seal, JSON.stringify(frame)) })).catch(() => void 0);
  }
  /**
   * Asks for a sign of life, and takes the line for dead when nothing at all arrives. During the handshake it waits for
   * that. A question that is asked again does not give the line more time.
   */
  probe(withinMs = this.#options.pongWithinMs) {
    if (!this.#frameKeys)
      return this.#deadline.set(withinMs, () => this.drop());
    this.send({ event: "ping", id: ++this.#pings });
    this.#deadline.set(withinMs, () => {
      if (this.#options.answersPing())
        this.drop();
    });
    this.#pingLater();
  }
  /** Ends it without waiting for the other side, which may be unreachable. */
  drop(code = 1006, reason = "", fault) {
    if (this.#ended)
      return;
    this.#ended = true;
    this.#deadline.clear();
    this.#nextPing.clear();
    this.#socket.onmessage = this.#socket.onclose = this.#socket.onopen = null;
    this.#socket.close();
    this.#options.onEnd(code, reason, fault);
  }
  #pingLater() {
    this.#nextPing.set(this.#options.pingEveryMs, () => this.probe());
  }
  #write(frame) {
    if (this.#socket.readyState === 1 && !this.#ended)
      this.#socket.send(JSON.stringify(frame));
  }
  /** Opening is asynchronous and may be under way for several frames; they are passed on one after the other. */
  #receive(text) {
    if (this.#frameKeys)
      this.#deadline.clear();
    const frame = this.#read(text);
    frame.catch(() => void 0);
    this.#arrived = this.#arrived.then(() => frame).then((one) => {
      if (one && !this.#ended)
        this.#take(one);
    }).catch((fault) => this.drop(1006, "", fault));
  }
  async #read(text) {
    const frame = JSON.parse(text);
    if (!this.#frameKeys) {
      if (frame.event === "connected") {
        this.#frameKeys = this.#keys.then(({ privateKey }) => deriveKeys(privateKey, frame.data));
        await this.#frameKeys;
      }
      return frame;
    }
    if (frame.event !== "encrypted")
      return frame.event === "error" ? frame : void 0;
    return JSON.parse(await open((await this.#frameKeys).open, frame.data));
  }
  #take(frame) {
    if (frame.event === "connected") {
      this.#deadline.clear();
      this.#pingLater();
    }
    this.#options.onFrame(frame);
  }
};

// packages/client/dist/types.js
var SignalError = class extends Error {
  code;
  status;
  name = "SignalError";
  /** `status`: of HTTP, or the code of the close, where there is one. */
  constructor(code, message, cause, status) {
    super(message, { cause });
    this.code = code;
    this.status = status;
  }
};

// packages/client/dist/tokens.js
function claimsOf(token) {
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")))) ?? {};
  } catch {
    return {};
  }
}
var otherUser = (theirs, ours) => new SignalError("user", `the token is of user ${theirs}, this client of ${ours}`);
var Tokens = class {
  #current;
  #refused;
  #asked;
  #options;
  constructor(options) {
    this.#options = options;
  }
  /** The token in use, or one that the provider is asked for. */
  async get() {
    return this.#current ?? this.#ask(this.#refused ? { refused: this.#refused } : {});
  }
  /** A token that is younger than the one in use, if the provider has one; the other stays good. */
  async renew() {
    const before = this.#current;
    const token = await this.#ask(before ? { expiring: before } : {});
    return token === before ? void 0 : token;
  }
  /** The next `get` asks for another one than this. */
  refuse(token = this.#current) {
    this.#refused = token;
    if (this.#current === token)
      this.#current = void 0;
  }
  #ask(request) {
    return this.#asked ??= this.#answer(request).finally(() => {
      this.#asked = void 0;
    });
  }
  async #answer(request) {
    const { token: provider, user } = this.#options;
    let token;
    try {
      token = await provider(request);
    } catch (cause) {
      throw new SignalError("token", `the token provider failed: ${cause}`, cause);
    }
    if (!token || token === this.#refused)
      throw new SignalError("token", `the token provider gave ${token ? "a token again that was refused" : "no token"}`);
    const { userId } = claimsOf(token);
    if (userId !== void 0 && String(userId) !== String(user))
      throw otherUser(userId, user);
    return this.#current = token;
  }
};

// packages/client/dist/link.js
var steadyAfterMs = 6e4;
var resumePongWithinMs = 3e3;
var Link = class {
  /** This connection has asked for a catch-up. */
  asked = false;
  #options;
  #connection;
  #timer;
  #state = "stopped";
  #attempts = 0;
  #hurried = false;
  // "at once" was tried since the last steady connection
  #renewed = false;
  // the token of the next attempt is one that was asked for after a refusal
  #liveSince = 0;
  #modern;
  // the server is Signal: it opens sealed frames, or has answered what only Signal answers
  #token = "";
  // that of this connection
  #refreshing = false;
  #waking = false;
  #round = 0;
  // what an earlier start still has under way is of no account
  constructor(options) {
    this.#options = options;
    this.#modern = options.sealed;
    this.#timer = new Timer(options.clock);
  }
  start() {
    if (this.#state !== "stopped")
      return;
    this.#attempts = 0;
    this.#hurried = this.#renewed = false;
    void this.#connect();
  }
  stop(closed) {
    ++this.#round;
    this.#timer.clear();
    const connection = this.#connection;
    this.#connection = void 0;
    connection?.drop(1e3);
    this.#tell("stopped", closed);
  }
  /**
   * The device, the network or the tab is back: what waits goes on now, what is open proves that it is alive, and the
   * back-off begins again.
   */
  wake() {
    this.#attempts = 0;
    this.#connection?.probe(resumePongWithinMs);
    if (this.#state !== "waiting" || this.#waking)
      return;
    this.#waking = true;
    this.#later(atOnceMs(this.#options.random()));
  }
  /** For a connection that is live; without one it is dropped. */
  send(frame) {
    if (this.#state === "live")
      this.#connection.send(frame);
  }
  #tell(state, closed) {
    this.#state = state;
    this.#options.onStatus(closed ? { state, closed } : { state });
  }
  #later(ms) {
    this.#timer.set(ms, () => void this.#connect());
  }
  async #connect() {
    const round = ++this.#round;
    const { tokens, position, random, onError } = this.#options;
    this.#timer.clear();
    this.#tell("connecting");
    try {
      const token = this.#token = await tokens.get();
      if (round !== this.#round)
        return;
      this.#refreshing = this.#waking = false;
      const { since } = position;
      this.asked = since.since !== void 0;
      const connection = this.#connection = new Connection({
        ...this.#options,
        token,
        since,
        answersPing: () => this.#modern,
        onFrame: (frame) => {
          if (connection === this.#connection)
            this.#take(frame);
        },
        onEnd: (code, reason, fault) => {
          if (connection === this.#connection)
            this.#ended(code, reason, fault);
        }
      });
    } catch (fault) {
      if (round !== this.#round)
        return;
      onError(fault);
      if (fault.code === "user")
        return this.stop();
      this.#tell("waiting");
      this.#later(backOffMs(this.#attempts++, random()));
    }
  }
  #take(frame) {
    const { event, data } = frame;
    const { clock, tokens, user, onError, onFrame } = this.#options;
    if (event === "connected") {
      if (String(data.userId) !== String(user)) {
        onError(otherUser(data.userId, user));
        tokens.refuse();
        return this.stop();
      }
      this.#liveSince = clock.now();
      this.#renewed = false;
      this.#tell("live");
    }
    if (event === "pong" || event === "caught-up")
      this.#modern = true;
    if (event === "pong" || event === "connected")
      void this.#refresh(Date.parse(data.time));
    if (event === "refreshed")
      this.#refreshing = false;
    if (event === "error") {
      if (data?.message === "Refresh failed") {
        tokens.refuse(this.#token);
        this.#refreshing = false;
      }
      if (this.#state === "live")
        onError(new SignalError("server", `the server says: ${data?.message}`));
    }
    onFrame(frame);
  }
  /** Early enough for three tries. */
  async #refresh(serverTime) {
    const { tokens, pingEveryMs, onError } = this.#options;
    const connection = this.#connection;
    const { exp } = claimsOf(this.#token);
    if (!exp || exp * 1e3 - serverTime > 3 * pingEveryMs || this.#refreshing)
      return;
    this.#refreshing = true;
    try {
      const token = await tokens.renew();
      if (connection !== this.#connection)
        return;
      if (token)
        connection.send({ event: "refresh", data: { token: this.#token = token } });
      else
        this.#refreshing = false;
    } catch (error) {
      this.#refreshing = false;
      onError(error);
    }
  }
  #ended(code, reason, fault) {
    const { clock, tokens, random, onError } = this.#options;
    this.#connection = void 0;
    if (fault)
      onError(new SignalError("frame", `a frame could not be opened: ${fault}`, fault));
    if (isFault(code))
      onError(new SignalError("closed", `closed by the server: ${code} ${reason}`, void 0, code));
    if (this.#liveSince && clock.now() - this.#liveSince >= steadyAfterMs) {
      this.#attempts = 0;
      this.#hurried = false;
    }
    this.#liveSince = 0;
    const closed = { code, reason };
    const next = nextAfter(code, reason);
    if (next === "token" || next === "leave")
      tokens.refuse(this.#token);
    if (next === "token" && code === 4003) {
      if (this.#renewed) {
        onError(new SignalError("closed", "a new token was refused", void 0, code));
        return this.stop(closed);
      }
      this.#renewed = true;
    }
    if (next === "away" || next === "leave")
      return this.stop(closed);
    this.#tell("waiting", closed);
    const atOnce = code === 4003 || next !== "wait" && !this.#hurried;
    this.#hurried ||= atOnce;
    this.#later(atOnce ? atOnceMs(random()) : backOffMs(this.#attempts++, random()));
  }
};

// packages/client/dist/position.js
var Position = class {
  /** Every seq up to here was had; undefined while there is no position. */
  seq;
  epoch;
  /** The largest seq that was heard of. */
  top = 0;
  #ahead = /* @__PURE__ */ new Set();
  #saving = false;
  #key;
  #storage;
  #onError;
  constructor(key, storage, onError) {
    this.#key = key;
    this.#storage = storage;
    this.#onError = onError;
  }
  /** Takes the position that was kept, unless there is one already. A text that cannot be read is written over. */
  async load() {
    let text;
    try {
      text = await this.#storage?.getItem(this.#key);
    } catch (cause) {
      this.#fail(cause);
    }
    try {
      const { seq, epoch } = JSON.parse(text);
      if (Number.isSafeInteger(seq) && seq >= 0 && this.seq === void 0) {
        this.epoch = epoch;
        this.move(seq);
      }
    } catch {
    }
  }
  /** For `authenticate`. */
  get since() {
    return this.seq === void 0 ? {} : { since: this.seq, ...this.epoch ? { epoch: this.epoch } : {} };
  }
  has(seq) {
    return seq <= this.seq || this.#ahead.has(seq);
  }
  /** True when something before this seq, or before one that was heard earlier, is missing. */
  hear(seq) {
    this.top = Math.max(this.top, seq);
    if (!this.has(seq))
      this.#ahead.add(seq);
    if (this.seq === void 0)
      return false;
    this.move(this.seq);
    return this.#ahead.size > 0;
  }
  /** Everything up to `seq` was had; what was heard beyond may follow on. */
  move(seq) {
    if (seq !== this.seq) {
      for (const one of this.#ahead)
        if (one <= seq)
          this.#ahead.delete(one);
    }
    while (this.#ahead.delete(seq + 1))
      ++seq;
    this.top = Math.max(this.top, seq);
    this.seq = seq;
    void this.#save();
  }
  /** The inbox is another one than was known. */
  forget() {
    this.seq = this.epoch = void 0;
    this.top = 0;
    this.#ahead.clear();
  }
  #text() {
    return JSON.stringify({ seq: this.seq, epoch: this.epoch });
  }
  /** Told once: from there on the position is in memory alone. */
  #fail(cause) {
    this.#storage = null;
    this.#onError(cause);
  }
  /** One write at a time; what changes meanwhile is written after it. */
  #kept = "";
  async #save() {
    if (this.#saving || !this.#storage)
      return;
    this.#saving = true;
    try {
      while (this.#kept !== this.#text()) {
        this.#kept = this.#text();
        await this.#storage.setItem(this.#key, this.#kept);
      }
    } catch (cause) {
      this.#fail(cause);
    }
    this.#saving = false;
  }
};

// packages/client/dist/rest.js
var mostRetryAfterSeconds = 3;
var Rest = class {
  #origin;
  #tokens;
  #fetch;
  #clock;
  #withinMs;
  /** `withinMs`: a proxy that holds a connection open must not hold the inbox. */
  constructor(origin, tokens, fetch2, clock, withinMs) {
    this.#withinMs = withinMs;
    this.#origin = origin;
    this.#tokens = tokens;
    this.#fetch = fetch2;
    this.#clock = clock;
  }
  /** Again once: with a new token after 401, or after the wait that a 503 or 429 asks for. */
  async call(path, method = "GET", body) {
    for (let attempt = 0; ; ++attempt) {
      const token = await this.#tokens.get();
      const fetch2 = this.#fetch;
      let response, answer;
      try {
        response = await fetch2(this.#origin + path, {
          method,
          signal: AbortSignal.timeout(this.#withinMs),
          cache: "no-store",
          headers: { authorization: `Bearer ${token}`, ...body ? { "content-type": "application/json" } : {} },
          ...body ? { body: JSON.stringify(body) } : {}
        });
        answer = await response.json();
      } catch (cause) {
        throw new SignalError("rest", `${method} ${path} has no answer: ${cause}`, cause);
      }
      const { status, headers } = response;
      if (response.ok)
        return { body: answer, headers };
      if (!attempt && status === 401)
        this.#tokens.refuse(token);
      else if (!attempt && (status === 503 || status === 429)) {
        const seconds = Math.min(Number(headers.get("retry-after")) || 1, mostRetryAfterSeconds);
        await new Promise((resolve) => this.#clock.setTimeout(resolve, seconds * 1e3));
      } else
        throw new SignalError("rest", `${method} ${path} is answered ${status}: ${answer?.message}`, void 0, status);
    }
  }
  /** `path`: the first page's, or the `next` of the one before. */
  async page(path) {
    const { body, headers } = await this.call(path);
    return { rows: body.data ?? body, next: /<([^>]+)>; *rel="?next/.exec(headers.get("link") ?? "")?.[1] };
  }
};

// packages/client/dist/tabs.js
var answerWithinMs = 2e3;
var Tabs = class {
  leading = false;
  #name;
  #options;
  #channel;
  #tab = crypto.randomUUID();
  #rooms = /* @__PURE__ */ new Map();
  #release;
  #queued;
  #unanswered;
  /** Web Locks need a page on `https://` or loopback, as WebCrypto does. */
  static get possible() {
    return typeof BroadcastChannel === "function" && !!globalThis.navigator?.locks;
  }
  /** `name`: the same for all tabs of this server and this user. */
  constructor(name, options) {
    this.#name = name;
    this.#options = options;
    this.#unanswered = new Timer(options.clock);
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#queue();
    this.greet();
  }
  /** To all other tabs. */
  tell(message) {
    this.#channel.postMessage(message);
  }
  tellRooms() {
    this.tell({ rooms: this.#options.rooms(), tab: this.#tab });
  }
  /** Asks the tab that has the lock how it is, and takes the lock when there is no answer. */
  greet() {
    if (this.leading)
      return;
    this.#unanswered.set(answerWithinMs, () => this.#queue(true));
    this.tell({ hello: true });
    this.tellRooms();
  }
  stop() {
    this.#unanswered.clear();
    this.tell({ rooms: [], tab: this.#tab });
    this.#channel.close();
    this.#queued?.abort();
    this.#release?.();
  }
  #queue(steal) {
    this.#queued?.abort();
    const { signal } = this.#queued = new AbortController();
    const lead = () => {
      if (signal.aborted)
        return;
      this.#unanswered.clear();
      this.leading = true;
      this.#options.lead();
      this.tell({ hello: true });
      return new Promise((resolve) => {
        this.#release = resolve;
      });
    };
    navigator.locks.request(this.#name, steal ? { steal } : { signal }, lead).catch(({ name }) => {
      if (name === "SecurityError")
        return void lead();
      if (!this.leading || signal.aborted)
        return;
      this.leading = false;
      this.#options.yield();
      this.#queue();
    });
  }
  #hear({ frame, status, rooms, tab, hello, start }) {
    const { leading } = this;
    const own = this.#options;
    if (rooms)
      this.#rooms.set(tab, rooms);
    if (leading) {
      if (rooms)
        own.onRooms([...this.#rooms.values()].flat());
      if (hello)
        this.tell({ status: own.status() });
      if (start)
        own.onStart();
      return;
    }
    if (hello)
      this.tellRooms();
    if (frame)
      own.onFrame(frame);
    if (status) {
      this.#unanswered.clear();
      own.onStatus(status);
    }
  }
};

// packages/client/dist/client.js
var systemClock = {
  now: () => performance.now(),
  setTimeout: (work, ms) => setTimeout(work, ms),
  clearTimeout: (timer) => clearTimeout(timer)
};
var liveWithinMs = 1e3;
var caughtUpWithinMs = 5e3;
var ackEveryMs = 1e3;
function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
var Signal = class {
  /** The rows, the badge, and what can be done with them. */
  inbox;
  /** Names server and user: the same in all tabs, and the key in the storage. */
  name;
  #options;
  #clock;
  #handlers = new Emitter((cause) => this.#fail(new SignalError("handler", `a handler threw: ${cause}`, cause)));
  #position;
  #link;
  #tabs;
  #rooms = [];
  // one for each call of `join`
  #others = [];
  // those of other tabs
  #joined = /* @__PURE__ */ new Set();
  // on this connection
  #status = { state: "stopped" };
  #started = false;
  #acked = 0;
  #ackTimer;
  constructor(options) {
    const { url, user, pageSize = 20, pingEveryMs = 25e3, pongWithinMs = 1e4, checkEveryMs = 6e4, clock = systemClock, random = Math.random, sealed = true } = options;
    const { origin } = new URL(url);
    const tokens = new Tokens(options);
    this.#options = options;
    this.name = `nx-signal ${origin} ${user}`;
    this.#clock = clock;
    const position = this.#position = new Position(this.name, options.storage === void 0 ? browserStorage() : options.storage, (cause) => this.#fail(new SignalError("storage", `the position is kept in memory only: ${cause}`, cause)));
    const common = { position, clock, random, onError: (error) => this.#fail(error) };
    this.inbox = new Inbox({
      ...common,
      pageSize,
      checkEveryMs,
      events: this.#handlers,
      rest: new Rest(origin, tokens, options.fetch ?? ((...request) => fetch(...request)), clock, pongWithinMs)
    });
    this.#link = new Link({
      ...common,
      user,
      sealed,
      tokens,
      pingEveryMs,
      pongWithinMs,
      url: origin.replace(/^http/, "ws") + (options.streamPath ?? "/stream"),
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      onFrame: (frame) => {
        this.#tabs?.tell({ frame });
        this.#take(frame, true);
      },
      onStatus: (status) => {
        this.#tabs?.tell({ status });
        this.#follow(status);
      }
    });
  }
  get status() {
    return this.#status;
  }
  /**
   * True in the tab that has the socket; where tabs are not shared, always. What must happen once in a browser belongs
   * there.
   */
  get leading() {
    return this.#tabs?.leading ?? true;
  }
  /** Calls `handler` at each event of that name, until what is returned is called. */
  on(name, handler) {
    return this.#handlers.on(name, handler);
  }
  /**
   * Direct pushes of services: `handler` gets the data of each push with that topic. Rooms that another tab has joined
   * are heard here, too.
   */
  topic(topic, handler) {
    return this.#handlers.on(`topic ${topic}`, handler);
  }
  /**
   * Hears a room from now on, over reconnections, until what is returned is called. The server leaves out, without a
   * word, what this user is no member of.
   */
  join(room) {
    const joined = [room];
    this.#rooms.push(room);
    this.#tellRooms();
    return () => {
      for (const one of joined.splice(0))
        this.#rooms.splice(this.#rooms.indexOf(one), 1);
      this.#tellRooms();
    };
  }
  /** Begins, or begins again after the server said to stay away. */
  start() {
    if (this.#started) {
      this.#tabs?.tell({ start: true });
      if (this.leading)
        this.#link.start();
      return;
    }
    this.#started = true;
    listen("addEventListener", this.wake);
    this.inbox.start();
    this.inbox.synchronise(true, liveWithinMs);
    if (!globalThis.crypto?.subtle)
      return this.#fail(new SignalError("insecure", "no live frames without crypto.subtle: use https:// or localhost"));
    const lead = async () => {
      await this.#position.load();
      if (this.#started)
        this.#link.start();
    };
    if (this.#options.shareTabs === false || !Tabs.possible)
      return void lead();
    this.#tabs = new Tabs(this.name, {
      clock: this.#clock,
      lead,
      yield: () => this.#link.stop(),
      onFrame: (frame) => this.#take(frame, false),
      onStatus: (status) => this.#follow(status),
      onRooms: (rooms) => {
        this.#others = rooms;
        this.#tellRooms();
      },
      onStart: () => this.#link.start(),
      status: () => this.#status,
      rooms: () => this.#rooms
    });
  }
  /** Ends all of it; `start()` begins again. */
  stop() {
    this.#started = false;
    listen("removeEventListener", this.wake);
    this.#clock.clearTimeout(this.#ackTimer);
    this.inbox.stop();
    this.#link.stop();
    this.#tabs?.stop();
    this.#tabs = this.#ackTimer = void 0;
  }
  /** The device or the app is back: called at `online`, when the page is shown, and by an app that knows of more. */
  wake = () => {
    if (globalThis.document?.visibilityState === "hidden")
      return;
    this.#tabs?.greet();
    this.#link.wake();
    this.inbox.synchronise(!this.leading, 0);
  };
  #fail(fault) {
    const error = fault instanceof SignalError ? fault : new SignalError("unexpected", String(fault), fault);
    if (!this.#handlers.emit("error", error))
      console.error(error);
  }
  #follow(status) {
    const isNew = status.state !== this.#status.state;
    this.#status = status;
    if (isNew && status.state === "live") {
      this.#joined.clear();
      this.#acked = 0;
      this.#tellRooms();
      this.inbox.synchronise(true, this.leading && this.#link.asked ? caughtUpWithinMs : 0);
    }
    this.#handlers.emit("status", status);
  }
  /** The rooms of all tabs are those of the one that has the socket. */
  #tellRooms() {
    if (!this.leading)
      return this.#tabs.tellRooms();
    const wanted = /* @__PURE__ */ new Set([...this.#rooms, ...this.#others]);
    const say = (event, rooms) => {
      if (rooms.length > 0)
        this.#link.send({ event, data: { rooms } });
    };
    say("join", [...wanted].filter((room) => !this.#joined.has(room)));
    say("leave", [...this.#joined].filter((room) => !wanted.has(room)));
    this.#joined = wanted;
  }
  #take(frame, mine) {
    try {
      this.inbox.take(frame, mine);
    } catch (fault) {
      this.#fail(fault);
    }
    this.#handlers.emit(`topic ${frame.event}`, frame.data);
    if (mine && this.#options.ack)
      this.#ackTimer ??= this.#clock.setTimeout(() => this.#ack(), ackEveryMs);
  }
  #ack() {
    this.#ackTimer = void 0;
    const { seq = 0 } = this.#position;
    if (seq > this.#acked)
      this.#link.send({ event: "ack", data: { upTo: this.#acked = seq } });
  }
};
function listen(how, wake) {
  for (const name of ["online", "pageshow"])
    globalThis[how]?.(name, wake);
  globalThis.document?.[how]("visibilitychange", wake);
}
var createSignal = (options) => new Signal(options);
export {
  Signal,
  SignalError,
  createSignal
};
