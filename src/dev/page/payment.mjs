// The form that simulates a payment, and the panel that shows who got the notification, who did not, and why.
import { pay } from "./api.mjs";

/** Others may pay at the same time, by a terminal: more notifications are not kept during a request. */
const mostEarly = 100;

const byId = (id) => document.getElementById(id);

function choice({ type, name, value, label, hint, testid, checked = false }) {
  const row = document.createElement("label");
  row.className = "choice";
  const input = document.createElement("input");
  Object.assign(input, { type, name, value, checked });
  input.dataset.testid = testid;
  const text = document.createElement("span");
  text.textContent = label;
  row.append(input, text);
  if (hint) {
    const more = document.createElement("span");
    more.className = "muted";
    more.textContent = hint;
    row.append(more);
  }
  return row;
}

export class Payment {
  #info;
  #lines = new Map(); // userId → the line under their name
  #key = null; // key of the payment that is shown
  #early = null; // what was shown while the request is under way; null without a request
  #began = 0;

  constructor(info) {
    this.#info = info;
    const places = [
      {
        testid: "scope-org",
        value: `org ${info.organization.id}`,
        label: info.organization.name,
        hint: "the organisation",
      },
      ...info.merchants.map(({ id, name }) => ({
        testid: `scope-${id}`,
        value: `merchant ${id}`,
        label: name,
        hint: "a merchant",
      })),
      { testid: "scope-users", value: "users", label: "Chosen people", hint: "by name" },
    ];
    byId("scopes").append(
      ...places.map((place, at) => choice({ type: "radio", name: "scope", checked: at === 1, ...place })),
    );
    byId("recipients").append(
      ...info.users.map(({ id, name }, at) =>
        choice({
          type: "checkbox",
          name: "recipient",
          value: id,
          label: name,
          testid: `recipient-${id}`,
          checked: at === 0,
        }),
      ),
    );
    byId("exclude").append(new Option("nobody", ""), ...info.users.map(({ id, name }) => new Option(name, id)));
    const form = byId("pay");
    form.addEventListener("change", () => {
      byId("recipients").hidden = form.elements.scope.value !== "users";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(form);
    });
  }

  /** Everybody on the page can see what a payment does: from now on the button works. */
  offer() {
    byId("pay").querySelector("[type=submit]").removeAttribute("aria-disabled");
    byId("pay-wait").hidden = true;
  }

  #request(form) {
    const [scope, id] = form.elements.scope.value.split(" ");
    const payment = { scope, amount: byId("amount").value.trim().replace(",", ".") };
    if (scope === "org") payment.organizerId = id;
    if (scope === "merchant") payment.merchantId = id;
    if (scope === "users")
      payment.recipientIds = [...form.querySelectorAll("[name=recipient]:checked")].map((box) => box.value);
    if (byId("exclude").value) payment.excludeUserIds = [byId("exclude").value];
    return payment;
  }

  async #send(form) {
    const button = form.querySelector("[type=submit]");
    const problem = byId("pay-problem");
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // not `disabled`, which would lose the focus
    problem.textContent = "";
    byId("amount").removeAttribute("aria-invalid");
    this.#key = null;
    this.#early = [];
    this.#began = performance.now();
    try {
      this.#show(await pay(this.#request(form)));
      for (const { userId, key, at } of this.#early) this.#seen(userId, key, at);
    } catch (error) {
      problem.textContent = error.message;
      if (/amount/.test(error.message)) byId("amount").setAttribute("aria-invalid", "true");
    } finally {
      this.#early = null;
      button.removeAttribute("aria-disabled");
    }
  }

  #show({ id, message, audience }) {
    this.#key = id;
    this.#lines.clear();
    const got = audience.filter((one) => one.gets).length;
    byId("result-note").textContent = `${message.body}: ${got} of ${audience.length} people.`;
    byId("audience").replaceChildren(
      ...[...audience].sort((a, b) => Number(b.gets) - Number(a.gets)).map((one) => this.#line(one)),
    );
    byId("message").hidden = false;
    byId("message").querySelector("pre").textContent = JSON.stringify(message, null, 2);
  }

  #line({ userId, name, gets, why }) {
    const line = document.createElement("li");
    line.className = gets ? "gets" : "not";
    line.dataset.testid = `audience-${userId}`;
    line.dataset.gets = String(gets);
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = gets ? "✓" : "–";
    mark.setAttribute("aria-hidden", "true");
    const text = document.createElement("div");
    const who = document.createElement("p");
    who.className = "title";
    who.textContent = name;
    const verdict = document.createElement("p");
    verdict.className = "muted";
    verdict.textContent = `${gets ? "Got it" : "Did not get it"}: ${why}`;
    const seen = document.createElement("p");
    seen.className = "seen";
    text.append(who, verdict, seen);
    line.append(mark, text);
    this.#lines.set(userId, seen);
    return line;
  }

  /** A card on this page shows a notification with this key. */
  shown(userId, key) {
    const at = performance.now();
    if (this.#early === null) this.#seen(userId, key, at);
    else if (this.#early.length < mostEarly) this.#early.push({ userId, key, at });
  }

  #seen(userId, key, at) {
    const line = this.#lines.get(userId);
    if (key === this.#key && line && !line.textContent)
      line.textContent = `On screen ${Math.max(1, Math.round(at - this.#began))} ms after the click`;
  }
}
