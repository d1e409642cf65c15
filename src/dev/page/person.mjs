// One card: a user with session, inbox, badge and toasts. The rows are authoritative; a hint only announces a new one.
import { Inbox } from "./api.mjs";
import { Session } from "./session.mjs";

const created = "observation/signal/notification/created";
const updated = "observation/signal/notification/updated";
const statusText = {
  connecting: "Connecting…",
  live: "Live, encrypted",
  waiting: "Connection lost, coming back…",
  offline: "Offline",
};
const shownRows = 30;
const toastMs = 8_000;

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("");
const clock = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export class Person {
  #slot;
  #users;
  #streamUrl;
  #on;
  #user = null;
  #inbox = null;
  #session = null;
  #entries = new Map(); // id → entry
  #rows = new Map(); // id → <li>
  #lastSeq = 0;
  #missed = null; // counts catch-up hints between `connected` and `caught-up`
  #online = true;
  #connected; // resolves `connected`

  /** Resolves when a connection is live for the first time, or the person went offline before. */
  connected = new Promise((done) => {
    this.#connected = done;
  });

  /** @param on {wire(person, frame), hint(person, entry), chosen(slot, userId)} */
  constructor({ slot, users, streamUrl, on }) {
    this.#slot = slot;
    this.#users = users;
    this.#streamUrl = streamUrl;
    this.#on = on;
    const root = document.getElementById("person-template").content.firstElementChild.cloneNode(true);
    this.root = root;
    const find = (selector) => root.querySelector(selector);
    this.parts = {
      avatar: find(".avatar"),
      choose: find(".choose"),
      role: find(".role"),
      badge: find(".badge"),
      badgeText: find(".badge-text"),
      link: find(".link"),
      status: find(".status"),
      toasts: find(".toasts"),
      inbox: find(".inbox"),
      empty: find(".empty"),
      readAll: find(".read-all"),
      line: find(".line"),
    };
    root.dataset.testid = `person-${slot}`;
    root.classList.add(`tone-${slot}`);
    for (const [part, id] of [
      ["choose", "choose"],
      ["badge", "badge"],
      ["status", "status"],
      ["toasts", "toasts"],
      ["inbox", "inbox"],
      ["readAll", "read-all"],
      ["line", "line"],
    ]) {
      this.parts[part].dataset.testid = `${id}-${slot}`;
    }
    this.parts.choose.setAttribute("aria-label", `Person ${slot + 1}`);
    for (const user of users) this.parts.choose.append(new Option(user.name, user.id));
    this.parts.choose.addEventListener("change", () => this.become(this.parts.choose.value));
    this.parts.readAll.addEventListener("click", () => this.#attempt(() => this.#inbox.readAll(this.#lastSeq)));
    this.parts.line.addEventListener("click", () => this.#toggleLine());
  }

  get user() {
    return this.#user;
  }

  /** Ends the previous user's session and starts the new user's. */
  async become(userId) {
    this.#session?.disconnect();
    this.#user = this.#users.find((user) => user.id === userId) ?? this.#users[0];
    const { id, name, role } = this.#user;
    this.#entries.clear();
    this.#rows.clear();
    this.#lastSeq = 0;
    this.#missed = null;
    this.#online = true;
    this.parts.inbox.replaceChildren();
    this.parts.toasts.replaceChildren();
    this.root.dataset.user = id;
    this.root.setAttribute("aria-label", name);
    this.parts.inbox.setAttribute("aria-label", `Inbox of ${name}`);
    this.parts.choose.value = id;
    this.parts.avatar.textContent = initials(name);
    this.parts.role.textContent = role;
    this.#showUnread(0);
    this.#showLine();
    this.#on.chosen(this.#slot, id);

    const inbox = new Inbox(id);
    this.#inbox = inbox;
    const session = new Session({
      url: this.#streamUrl,
      inbox,
      since: () => this.#lastSeq,
      on: {
        status: (status) => {
          if (this.#session === session) this.#showStatus(status);
        },
        frame: (frame) => {
          if (this.#session === session) this.#take(frame);
        },
        wire: (frame) => {
          if (this.#session === session) this.#on.wire(this, frame);
        },
      },
    });
    this.#session = session;
    this.#showStatus("connecting");
    await this.#attempt(async () => {
      const [rows, unread] = await Promise.all([inbox.newest(shownRows), inbox.unread()]);
      if (this.#session !== session) return;
      for (const row of rows.reverse()) this.#keep(row, row.seq);
      this.#showUnread(unread.count);
    });
    // Connects even when the rows could not be read: the catch-up sends them.
    if (this.#session === session && this.#online) session.connect();
  }

  #take(frame) {
    if (frame.event === "connected") this.#missed = 0;
    if (frame.event === created) {
      const isNew = this.#keep(frame.data, frame.seq);
      if (this.#missed !== null && frame.unread === undefined) this.#missed += isNew ? 1 : 0;
      else {
        this.#showUnread(frame.unread);
        if (isNew) this.#toast(frame.data.title, frame.data.body ?? "", frame.data.key);
      }
      if (isNew) this.#on.hint(this, frame.data);
    }
    if (frame.event === "caught-up") {
      this.#showUnread(frame.data.unread);
      if (this.#missed > 0) this.#toast(`${this.#missed} while you were away`, "");
      this.#missed = null;
      if (!frame.data.complete) this.#readOn(frame.data.seq);
    }
    if (frame.event === updated) {
      const { ids, all, upTo, readAt } = frame.data;
      for (const entry of this.#entries.values()) {
        if (all ? entry.seq <= upTo && !entry.readAt : ids.includes(entry.id)) {
          entry.readAt = readAt;
          this.#showRow(entry);
        }
      }
      this.#showUnread(frame.unread);
    }
  }

  /** Reads the rows that the catch-up omitted, page by page. */
  #readOn(seq) {
    this.#attempt(async () => {
      for (let from = seq; ; ) {
        const rows = await this.#inbox.since(from);
        for (const row of rows) this.#keep(row, row.seq);
        if (rows.length === 0) return;
        from = rows.at(-1).seq;
      }
    });
  }

  /** False for a row that is shown already: a hint may arrive twice. */
  #keep(row, seq) {
    this.#lastSeq = Math.max(this.#lastSeq, seq ?? 0);
    if (this.#entries.has(row.id)) return false;
    const entry = { ...row, seq };
    this.#entries.set(row.id, entry);
    this.#addRow(entry);
    return true;
  }

  #addRow(entry) {
    const row = document.createElement("li");
    row.dataset.testid = "item";
    row.dataset.key = entry.key ?? "";
    const text = document.createElement("div");
    const title = document.createElement("p");
    title.className = "title";
    title.textContent = entry.title;
    const body = document.createElement("p");
    body.className = "muted";
    body.textContent = [entry.body, clock(entry.createdAt)].filter(Boolean).join(" · ");
    text.append(title, body);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet small";
    button.addEventListener("click", () =>
      this.#attempt(async () => {
        const fresh = await this.#inbox.setRead(entry.id, !entry.readAt);
        if (!fresh) return;
        entry.readAt = fresh.readAt;
        this.#showRow(entry);
        if (!this.#online) this.#showUnread((await this.#inbox.unread()).count); // online, `updated` contains it
      }),
    );
    row.append(text, button);
    this.#rows.set(entry.id, row);
    this.parts.inbox.prepend(row);
    this.#showRow(entry);
    while (this.#rows.size > shownRows) {
      const [oldest] = this.#rows.keys();
      this.#rows.get(oldest).remove();
      this.#rows.delete(oldest);
      this.#entries.delete(oldest);
    }
    this.parts.empty.hidden = true;
  }

  #showRow(entry) {
    const row = this.#rows.get(entry.id);
    if (!row) return;
    row.classList.toggle("unread", !entry.readAt);
    row.dataset.read = String(Boolean(entry.readAt));
    const button = row.querySelector("button");
    button.textContent = entry.readAt ? "Mark unread" : "Mark read";
    button.setAttribute("aria-label", `Mark ${entry.readAt ? "unread" : "read"}: ${entry.title}, ${entry.body ?? ""}`);
  }

  #showUnread(count = 0) {
    this.parts.badge.textContent = count > 99 ? "99+" : String(count);
    this.parts.badge.hidden = count === 0;
    this.parts.badge.dataset.count = String(count);
    this.parts.badgeText.textContent = count === 0 ? "nothing unread" : " unread";
    this.parts.empty.hidden = this.#rows.size > 0;
  }

  #toast(title, body, key = null) {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.dataset.testid = "toast";
    if (key !== null) toast.dataset.key = key;
    const text = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = title;
    text.append(strong, body ? ` ${body}` : "");
    const dismiss = document.createElement("button");
    dismiss.type = "button";
    dismiss.className = "quiet small";
    dismiss.textContent = "Dismiss";
    dismiss.addEventListener("click", () => {
      toast.remove();
      this.parts.line.focus();
    });
    toast.append(text, dismiss);
    this.parts.toasts.prepend(toast);
    while (this.parts.toasts.children.length > 3) this.parts.toasts.lastElementChild.remove();
    // Stays while the pointer or the focus is on it.
    const fade = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? fade() : toast.remove()), toastMs);
    fade();
  }

  #toggleLine() {
    this.#online = !this.#online;
    if (this.#online) this.#session.connect();
    else this.#session.disconnect();
    this.#showLine();
  }

  #showLine() {
    this.parts.line.textContent = this.#online ? "Go offline" : "Come back";
  }
  #showStatus(status) {
    this.parts.status.textContent = statusText[status];
    this.parts.link.dataset.status = status;
    if (status === "live" || status === "offline") this.#connected();
  }

  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      this.#toast("That did not work.", error.message);
    }
  }
}
