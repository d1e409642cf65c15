// One card: a user with a client of their own, and the elements that show its inbox and its toasts.
import { getToken } from "./api.mjs";
import { recordedSocket } from "./recorded_socket.mjs";
import { createSignal } from "./signal_client.mjs";

const statusText = {
  connecting: "Connecting…",
  live: "Live, encrypted",
  waiting: "Connection lost, coming back…",
  stopped: "Offline",
};

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("");

export class Person {
  #slot;
  #users;
  #streamPath;
  #on;
  #parts;
  #signal = null;
  #connected; // resolves `connected`

  /** Resolves when a connection is live for the first time, or the person went offline before. */
  connected = new Promise((done) => {
    this.#connected = done;
  });

  /** @param on {frame(user, frame), shown(user, notification), chosen(slot, userId)} */
  constructor({ slot, users, streamPath, on }) {
    this.#slot = slot;
    this.#users = users;
    this.#streamPath = streamPath;
    this.#on = on;
    this.root = document.getElementById("person-template").content.firstElementChild.cloneNode(true);
    this.root.dataset.testid = `person-${slot}`;
    this.root.classList.add(`tone-${slot}`);
    const part = (name) => this.root.querySelector(`.${name}`);
    this.#parts = { avatar: part("avatar"), role: part("role"), link: part("link") };
    for (const name of ["choose", "status", "toasts", "inbox", "line"]) {
      this.#parts[name] = part(name);
      this.#parts[name].dataset.testid = `${name}-${slot}`;
    }
    const { choose, line } = this.#parts;
    choose.setAttribute("aria-label", `Person ${slot + 1}`);
    for (const user of users) choose.append(new Option(user.name, user.id));
    choose.addEventListener("change", () => this.become(choose.value));
    line.addEventListener("click", () => {
      if (this.#signal.status.state === "stopped") this.#signal.start();
      else this.#signal.stop();
    });
  }

  /** Ends the client of the previous user and starts the new user's. */
  become(userId) {
    this.#signal?.stop();
    const user = this.#users.find(({ id }) => id === userId) ?? this.#users[0];
    const { id, name, role } = user;
    const { avatar, choose, inbox, role: shownRole, toasts } = this.#parts;
    this.root.dataset.user = id;
    this.root.setAttribute("aria-label", name);
    choose.value = id;
    avatar.textContent = initials(name);
    shownRole.textContent = role;
    this.#on.chosen(this.#slot, id);

    const signal = createSignal({
      url: location.origin,
      streamPath: this.#streamPath,
      user: id,
      token: () => getToken(id),
      shareTabs: false, // each card has a connection of its own, whose frames the page shows
      storage: null, // the rows are gone when `dev` ends: a position in the browser would outlive them
      WebSocket: recordedSocket((frame) => this.#on.frame(user, frame)),
    });
    this.#signal = signal;
    signal.on("status", (status) => {
      if (this.#signal === signal) this.#show(status.state);
    });
    // The inbox renders in the next animation frame; a hidden tab has none, and shows nothing.
    signal.on("notification", ({ notification }) => {
      if (document.visibilityState === "visible") requestAnimationFrame(() => this.#on.shown(user, notification));
    });
    // Three inboxes on one page need three names, and a card is narrow.
    const inboxName = (unread) => `Notifications of ${name}${unread && `, ${unread} unread`}`;
    inbox.texts = { bell: inboxName, markAllRead: "Mark all read" };
    toasts.texts = { title: `New notifications of ${name}` };
    inbox.signal = toasts.signal = signal;
    this.#show("connecting");
    signal.start();
  }

  #show(state) {
    const { line, link, status } = this.#parts;
    status.textContent = statusText[state];
    link.dataset.status = state;
    line.textContent = state === "stopped" ? "Come back" : "Go offline";
    if (state === "live" || state === "stopped") this.#connected();
  }
}
