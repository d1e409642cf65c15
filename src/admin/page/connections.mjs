// Who is connected: search, pages, and disconnecting.
import { withQuery } from "./api.mjs";
import { confirmed } from "./confirm.mjs";
import { actionButton, byId, chip, element, facts, idText } from "./elements.mjs";
import { bytes, duration, time } from "./format.mjs";

const path = "/v1/socket/websocket/clients";
const pageSize = 20;
const queuedMuch = 64 * 1024; // bytes

export class Connections {
  #api;
  #list = byId("connection-list");
  #note = byId("connections-note");
  #problem = byId("connections-problem");
  #more = byId("connections-more");
  #next = null;
  #search = 0; // counts searches: the answer of an earlier one is dropped

  constructor(api) {
    this.#api = api;
    byId("search").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.load();
    });
    this.#more.addEventListener("click", () => this.#add(this.#next));
  }

  clear() {
    ++this.#search;
    this.#list.replaceChildren();
    this.#note.textContent = "";
    this.#problem.textContent = "";
    this.#more.hidden = true;
    for (const id of ["search-user", "search-room", "search-address"]) byId(id).value = "";
  }

  load() {
    ++this.#search;
    this.#list.replaceChildren();
    this.#more.hidden = true;
    const values = { userId: byId("search-user").value, room: byId("search-room").value };
    return this.#add(withQuery(path, { ...values, address: byId("search-address").value.trim(), limit: pageSize }));
  }

  async #add(target) {
    const search = this.#search;
    this.#problem.textContent = "";
    this.#more.disabled = true;
    try {
      const { body, next } = await this.#api.ask(target);
      if (search !== this.#search) return;
      this.#list.append(...body.clients.map((client) => this.#card(client)));
      this.#next = next;
      this.#more.hidden = next === null;
      const missing = body.missing?.length ? ` These instances did not answer: ${body.missing.join(", ")}.` : "";
      const shown = this.#list.children.length;
      this.#note.textContent = `${body.count} connected${shown < body.count ? `, ${shown} shown` : ""}.${missing}`;
    } catch (error) {
      if (search === this.#search) this.#problem.textContent = error.message;
    } finally {
      this.#more.disabled = false;
    }
  }

  #card(client) {
    const user = String(client.userId);
    const card = element("li", { class: "card item", "data-testid": "connection" });
    const one = actionButton(
      "Disconnect",
      { "data-testid": "disconnect", "aria-label": `Disconnect ${client.id}` },
      () => this.#disconnectOne(client, user, card),
    );
    const all = actionButton(
      "Disconnect the user",
      { "data-testid": "disconnect-user", "aria-label": `Disconnect the user ${user}` },
      () => this.#disconnectUser(user),
    );
    const rooms = element("div", { class: "chips" }, ...client.rooms.map((room) => chip(room)));
    const queued =
      client.queuedBytes >= queuedMuch ? chip(bytes(client.queuedBytes), "bad") : bytes(client.queuedBytes);
    card.append(
      element("h3", { "data-testid": "connection-user" }, user),
      idText(client.id),
      facts(
        ["Address", client.address],
        ["Connected", `${time(client.connectedAt)}, ${duration(Date.now() - client.connectedAt)}`],
        ["Last message", `${duration(Date.now() - client.lastActivityAt)} ago`],
        ["Queued", queued],
        ["Instance", idText(client.instance)],
      ),
      element("details", {}, element("summary", {}, `Rooms: ${client.rooms.length}`), rooms),
      element("div", { class: "tools" }, one, all),
    );
    return card;
  }

  async #disconnectOne(client, user, card) {
    const agreed = await confirmed({
      title: "Disconnect this connection?",
      text:
        `The connection ${client.id} of the user ${user} from ${client.address} is closed with 4009. ` +
        "Its token stays valid: the client may come back.",
      action: "Disconnect",
    });
    if (!agreed) return;
    await this.#attempt(async () => {
      await this.#api.ask(`${path}/${encodeURIComponent(client.id)}`, { method: "DELETE" });
      card.remove();
      this.#note.textContent = `The connection ${client.id} of ${user} is closed.`;
      byId("connections-title").parentElement.focus();
    });
  }

  async #disconnectUser(user) {
    const agreed = await confirmed({
      title: "Disconnect this user everywhere?",
      text:
        `All connections of the user ${user} are closed with 4009, and all tokens that the user has are revoked: ` +
        "the user must sign in again.",
      action: "Disconnect the user",
    });
    if (!agreed) return;
    await this.#attempt(async () => {
      const { body } = await this.#api.ask(withQuery(path, { userId: user }), { method: "DELETE" });
      await this.load();
      const missing = body.missing?.length ? ` These instances did not answer yet: ${body.missing.join(", ")}.` : "";
      const until = time(body.revokedAt);
      this.#note.textContent = `Closed for ${user}: ${body.count}. Tokens issued until ${until} are refused.${missing}`;
      byId("connections-title").parentElement.focus();
    });
  }

  async #attempt(work) {
    this.#problem.textContent = "";
    try {
      await work();
    } catch (error) {
      this.#problem.textContent = error.message;
    }
  }
}
