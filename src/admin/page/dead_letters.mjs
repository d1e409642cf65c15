// Messages that could never be handled: look, repair, send again.
import { confirmed } from "./confirm.mjs";
import { actionButton, byId, element, facts, idText } from "./elements.mjs";
import { time } from "./format.mjs";

const path = "/v1/operators/dead-letters";
const pageSize = 20;

const sourceOf = ({ source }) =>
  source ? `${source.topic}, partition ${source.partition}, offset ${source.offset}` : "unknown";
const headersOf = ({ headers }) => Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`);

export class DeadLetters {
  #api;
  #list = byId("letter-list");
  #note = byId("letters-note");
  #problem = byId("letters-problem");
  #more = byId("letters-more");
  #next = null;
  #read = 0; // counts readings: the answer of an earlier one is dropped

  constructor(api) {
    this.#api = api;
    byId("letters-reload").addEventListener("click", () => this.load());
    this.#more.addEventListener("click", () => this.#add(this.#next));
  }

  clear() {
    ++this.#read;
    this.#list.replaceChildren();
    this.#note.textContent = "";
    this.#problem.textContent = "";
    this.#more.hidden = true;
  }

  load() {
    this.clear();
    return this.#add(`${path}?limit=${pageSize}`);
  }

  async #add(target) {
    const read = this.#read;
    this.#problem.textContent = "";
    this.#more.disabled = true;
    try {
      const { body, next } = await this.#api.ask(target);
      if (read !== this.#read) return;
      this.#list.append(...body.data.map((letter) => this.#card(letter)));
      this.#next = next;
      this.#more.hidden = next === null;
      this.#note.textContent = this.#list.children.length === 0 ? "There are no dead letters." : "";
    } catch (error) {
      if (read !== this.#read) return;
      if (error.missingRoute) this.#note.textContent = "This server has no dead-letter routes.";
      else this.#problem.textContent = error.message;
    } finally {
      this.#more.disabled = false;
    }
  }

  #card(letter) {
    const name = `${letter.partition}/${letter.offset}`;
    const value = element("textarea", {
      spellcheck: "false",
      "data-testid": "letter-value",
      "aria-label": `Value of the dead letter ${name}`,
      readonly: letter.truncated === true,
    });
    value.value = letter.value ?? ""; // as it is: JSON.parse would change large numbers
    const original = value.value; // a text area changes line ends
    const result = element("p", { class: "muted", role: "status", "data-testid": "letter-result" });
    const problem = element("p", { class: "problem", role: "alert", "data-testid": "letter-problem" });
    const send = actionButton(
      "Send again",
      { "data-testid": "letter-send", "aria-label": `Send the dead letter ${name} again` },
      () => this.#send(letter, value.value === original ? null : value.value, result, problem),
    );
    return element(
      "li",
      { class: "card item bad", "data-testid": "letter" },
      element("h3", { "data-testid": "letter-reason" }, letter.reason || "No reason is recorded"),
      facts(
        ["Dead letter", idText(name)],
        ["Since", letter.time ? time(letter.time) : "unknown"],
        ["From", sourceOf(letter)],
        ["Key", letter.key],
      ),
      ...headersPart(letter),
      value,
      ...remarks(letter).map((text) => element("p", { class: "muted" }, text)),
      element("div", { class: "tools" }, send),
      result,
      problem,
    );
  }

  /** `repaired` is null for a value that was not changed: then the server sends the bytes that it has. */
  async #send(letter, repaired, result, problem) {
    result.textContent = "";
    problem.textContent = "";
    const agreed = await confirmed({
      title: repaired === null ? "Send this message again, unchanged?" : "Send the repaired message?",
      text:
        `It is produced to the topic of the activities; it came from ${sourceOf(letter)}. ` +
        "The dead letter stays in its topic.",
      action: "Send again",
    });
    if (!agreed) return;
    try {
      const target = `${path}/${encodeURIComponent(letter.partition)}/${encodeURIComponent(letter.offset)}/replay`;
      const { body } = await this.#api.ask(target, {
        method: "POST",
        body: repaired === null ? undefined : { value: repaired },
      });
      result.textContent = `Sent again: ${body.topic}, partition ${body.partition}, offset ${body.offset}.`;
    } catch (error) {
      problem.textContent = error.message;
    }
  }
}

function headersPart(letter) {
  const headers = headersOf(letter);
  if (headers.length === 0) return [];
  const list = element("ul", { class: "lines" }, ...headers.map((text) => element("li", {}, text)));
  return [element("details", {}, element("summary", {}, `Headers: ${headers.length}`), list)];
}

function remarks(letter) {
  const said = [];
  if (letter.truncated) said.push("The value is longer than what is shown here: it can only be sent unchanged.");
  if (letter.replaced)
    said.push("The value is not UTF-8: a byte that cannot be shown is U+FFFD here. Unchanged, the original is sent.");
  return said;
}
