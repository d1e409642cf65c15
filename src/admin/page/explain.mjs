// Why a user did or did not get a notification; without a user, how many have it.
import { withQuery } from "./api.mjs";
import { byId, element, facts, idText } from "./elements.mjs";
import { bytes, time } from "./format.mjs";

const outcomes = {
  pushed: "pushed",
  held: "waits behind a catch-up",
  caughtUp: "sent by a catch-up",
  slowClosed: "queued for a client that did not read and was closed",
};
const when = (value) => (value ? time(value) : "no");

function part(title, ...content) {
  return element("section", { class: "card stack" }, element("h3", {}, title), ...content);
}

const lines = (items, none) =>
  items.length === 0
    ? element("p", { class: "muted" }, none)
    : element("ul", { class: "lines" }, ...items.map((item) => element("li", {}, ...[item].flat())));

function originOf(notification) {
  return part(
    "The notification",
    facts(
      ["Id", idText(notification.id)],
      ["Type", notification.type],
      ["Key", notification.key],
      ["Scope", notification.recipientScope],
      ["Organisation", notification.organizerId],
      ["Merchant", notification.merchantId],
      ["Created", time(notification.createdAt)],
      ["Excluded users", notification.excluded.length > 0 ? notification.excluded.join(", ") : "none"],
      ["Kafka record", notification.record],
    ),
  );
}

const policyRow = (row) =>
  `${row.subjectType} ${row.subjectId} – ${row.variant} → ${row.targetType} ${row.targetId}` +
  (row.deletedAt ? `, ended ${time(row.deletedAt)}` : "");

function membershipOf(membership) {
  if (!membership)
    return part("Membership", element("p", { class: "muted" }, "Does not matter: the message names its users."));
  return part(
    "Membership",
    element("p", {}, membership.why),
    lines(membership.rows.map(policyRow), "No policy row joins the user."),
  );
}

function explanationOf(body) {
  const stored = body.stored;
  return [
    element("p", { class: "card verdict", "data-testid": "verdict", "data-code": body.code }, body.verdict),
    part(
      "The row in the inbox",
      stored
        ? facts(
            ["seq", String(stored.seq)],
            ["Delivered", when(stored.deliveredAt)],
            ["Read", when(stored.readAt)],
            ["Archived", when(stored.archivedAt)],
            ["Too old for a push", body.tooOld ? "yes" : "no"],
          )
        : element("p", { class: "muted" }, `${body.userId} has no such row.`),
    ),
    membershipOf(body.membership),
    part(
      "Pushes",
      lines(
        body.pushes.map((one) => [
          `${time(one.at)}: ${outcomes[one.outcome] ?? one.outcome}, instance `,
          idText(one.instance),
        ]),
        "No instance has a record of a push.",
      ),
    ),
    part(
      "Connections now",
      lines(
        body.connections.map((one) => [
          `${one.address}, since ${time(one.connectedAt)}, ${bytes(one.queuedBytes)} queued, `,
          idText(one.id),
        ]),
        "The user is not connected.",
      ),
    ),
    ...(body.missing.length > 0 ? [part("Did not answer within a second", lines(body.missing.map(idText)))] : []),
    originOf(body.notification),
  ];
}

function summaryOf(body) {
  return [
    part(
      body.complete ? "Recipients" : "Recipients counted so far: there are more than one second allows",
      facts(
        ["Have the notification", String(body.recipients)],
        ["Delivered", String(body.delivered)],
        ["Read", String(body.read)],
        ["Archived", String(body.archived)],
      ),
    ),
    originOf(body.notification),
  ];
}

export class Explain {
  #api;
  #problem = byId("explain-problem");
  #result = byId("explanation");
  #asked = 0; // counts questions: the answer to an earlier one is dropped

  constructor(api) {
    this.#api = api;
    byId("explain").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask(byId("explain-id").value.trim(), byId("explain-user").value);
    });
  }

  clear() {
    ++this.#asked;
    this.#problem.textContent = "";
    this.#result.replaceChildren();
    for (const id of ["explain-id", "explain-user"]) byId(id).value = "";
  }

  async #ask(id, userId) {
    const asked = ++this.#asked;
    this.#problem.textContent = "";
    this.#result.replaceChildren();
    if (id === "") {
      this.#problem.textContent = "The notification id is missing.";
      return;
    }
    try {
      const { body } = await this.#api.ask(
        withQuery(`/v1/notifications/${encodeURIComponent(id)}/explain`, { userId }),
      );
      if (asked === this.#asked)
        this.#result.replaceChildren(...(userId === "" ? summaryOf(body) : explanationOf(body)));
    } catch (error) {
      if (asked === this.#asked) this.#problem.textContent = error.message;
    }
  }
}
