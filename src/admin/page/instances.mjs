// One card for each instance, and the broadcasts that they work on.
import { byId, chip, element, idText, setText } from "./elements.mjs";
import { duration, number, time } from "./format.mjs";
import { broadcastsOf } from "./series.mjs";

const dependencies = [
  ["database", "Database"],
  ["kafka", "Kafka"],
  ["redis", "Redis"],
];
const states = { ok: "ok", away: "away", null: "not used" };

/** Names and values of a card. */
const values = [
  ["Connections", (one) => metric(one, "signal_connections")],
  ["Partitions assigned", (one) => metric(one, "signal_kafka_assigned_partitions")],
  ["Partitions held", (one) => metric(one, "signal_ingest_held_partitions")],
  ["Lag, messages", (one) => metric(one, "signal_kafka_lag_messages")],
  ["Waiting for a lock", (one) => metric(one, "signal_ingest_waiting_messages")],
  ["Oldest record in hand", (one) => seconds(one, "signal_oldest_unstored_record_age_seconds")],
  ["Dead letters since start", (one) => metric(one, "signal_poison_total")],
  ["Started", (one) => time(one.startedAt)],
  ["Version", (one) => one.version],
];
const metric = (one, name) => (one.metrics[name] === undefined ? "–" : number(one.metrics[name]));
const seconds = (one, name) => (one.metrics[name] === undefined ? "–" : duration(one.metrics[name] * 1000));

class Card {
  #ready = element("span");
  #address = element("h3");
  #states = dependencies.map(() => element("span"));
  #values = values.map(() => element("dd"));

  constructor(id) {
    const list = element("dl", {}, ...values.flatMap(([name], n) => [element("dt", {}, name), this.#values[n]]));
    this.root = element(
      "li",
      { class: "card item", "data-testid": "instance", "data-id": id },
      element("div", { class: "row" }, this.#address, this.#ready),
      idText(id),
      element("div", { class: "chips" }, ...this.#states),
      list,
    );
  }

  show(one) {
    const held = (one.metrics.signal_ingest_held_partitions ?? 0) > 0;
    this.root.className = `card item ${one.ready && !held ? "good" : "bad"}`;
    this.root.dataset.state = one.ready ? "ready" : "not-ready";
    setText(this.#address, one.address);
    setChip(this.#ready, one.ready ? "ready" : "not ready", one.ready ? "good" : "bad");
    for (const [n, [key, name]] of dependencies.entries()) {
      const state = String(one[key]);
      setChip(this.#states[n], `${name} ${states[state] ?? state}`, { ok: "good", away: "bad" }[state] ?? "");
    }
    for (const [n, [, valueOf]] of values.entries()) setText(this.#values[n], String(valueOf(one)));
  }

  showMissing() {
    this.root.className = "card item bad";
    this.root.dataset.state = "missing";
    setChip(this.#ready, "no answer", "bad");
    if (this.#address.textContent === "") setText(this.#address, "An instance that did not answer within a second");
  }
}

function setChip(node, text, kind) {
  node.className = `chip ${kind}`.trim();
  setText(node, text);
}

export class Instances {
  #list = byId("instance-list");
  #cards = new Map(); // id → Card
  #broadcasts = new Map(); // id → how far it was at the last look, and its rate

  clear() {
    this.#cards.clear();
    this.#broadcasts.clear();
    this.#list.replaceChildren();
  }

  show({ count, instances, missing = [] }) {
    const seen = new Map([...missing.map((id) => [id, null]), ...instances.map((one) => [one.id, one])]);
    for (const [id, card] of this.#cards) {
      if (seen.has(id)) continue;
      card.root.remove();
      this.#cards.delete(id);
    }
    for (const [id, one] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
      let card = this.#cards.get(id);
      if (!card) this.#cards.set(id, (card = new Card(id)));
      if (one) card.show(one);
      else card.showMissing();
      if (card.root.parentNode === null) this.#list.append(card.root);
    }
    const left = count - instances.length;
    const silent = missing.length > 0 ? `, ${missing.length} did not` : "";
    setText(byId("polled"), `${count} answered${silent}${left > 0 ? `, ${left} are not shown` : ""}`);
    this.#showBroadcasts(instances);
  }

  #showBroadcasts(instances) {
    const open = broadcastsOf(instances);
    const total = Math.max(0, ...instances.map((one) => one.broadcastsOpen));
    setText(
      byId("broadcasts-note"),
      total === 0 ? "None." : `${total} in all; the oldest are shown with the recipients who have the notification.`,
    );
    byId("broadcast-list").replaceChildren(
      ...open.map((one) => {
        const rate = this.#broadcastRate(one);
        const grown = rate === null ? "" : `, ${number(rate)} a second`;
        return element(
          "li",
          { "data-testid": "broadcast" },
          idText(one.id),
          `: ${number(one.recipientsDone)} recipients done${grown}, ${duration(one.ageMs)} old`,
        );
      }),
    );
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.#broadcasts.keys()) if (!ids.has(id)) this.#broadcasts.delete(id);
  }

  /** Recipients in a second since the instances last looked; null until they have looked twice. */
  #broadcastRate(one) {
    const before = this.#broadcasts.get(one.id);
    const seconds = before ? (one.ageMs - before.ageMs) / 1000 : 0;
    if (before && seconds <= 0) return before.rate;
    const rate = before ? Math.max(0, (one.recipientsDone - before.recipientsDone) / seconds) : null;
    this.#broadcasts.set(one.id, { ...one, rate });
    return rate;
  }
}
