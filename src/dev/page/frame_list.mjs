// The frames of all connections on this page, newest first: encrypted and decrypted.
const kept = 80;
/** They come all the time: they replace neither the frame that is shown nor, in the full list, one that says more. */
const isLiveness = (event) => event === "ping" || event === "pong";

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};
const eventOf = (text) => {
  try {
    return String(JSON.parse(text).event ?? "?");
  } catch {
    return "?";
  }
};

export class FrameList {
  #list = document.getElementById("wire-list");
  #raw = document.getElementById("wire-raw");
  #opened = document.getElementById("wire-opened");
  #picked = null; // the selected <li>; without a selection the newest frame is shown
  #shown = null; // the <li> whose frame is shown

  constructor() {
    document.getElementById("wire-clear").addEventListener("click", () => {
      this.#list.replaceChildren();
      this.#picked = null;
      this.#show(null);
    });
    this.#show(null);
  }

  /** A frame is added when its content is known, which may be later than those that arrived after it. */
  add(person, slot, { number, direction, wire, opened }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = `frame tone-${slot}`;
    button.dataset.testid = "frame";
    button.dataset.event = eventOf(opened ?? wire);
    button.dataset.sealed = String(opened !== null);
    const who = document.createElement("span");
    who.className = "chip";
    who.textContent = person;
    const what = document.createElement("span");
    what.className = "what";
    // Long event names wrap after a slash.
    what.append(
      direction === "in" ? "↓ " : "↑ ",
      ...button.dataset.event.split(/(?<=\/)/).flatMap((piece) => [piece, document.createElement("wbr")]),
    );
    const size = document.createElement("span");
    size.className = "muted";
    size.textContent = `${opened !== null ? "sealed" : "in clear"}, ${new TextEncoder().encode(wire).length} B`;
    button.append(who, size, what);
    button.addEventListener("click", () => {
      this.#picked = this.#picked === item ? null : item;
      this.#show(this.#picked ? item : this.#list.firstElementChild);
    });
    item.append(button);
    item.frame = { number, wire, opened };
    this.#list.insertBefore(item, [...this.#list.children].find(({ frame }) => frame.number < number) ?? null);
    const isNewest = number > (this.#shown?.frame.number ?? 0);
    if (!this.#picked && isNewest && !isLiveness(button.dataset.event)) this.#show(item);
    if (this.#list.children.length > kept) this.#drop();
  }

  /** The oldest frame goes. */
  #drop() {
    const all = [...this.#list.children];
    const item = all.findLast((one) => isLiveness(one.firstElementChild.dataset.event)) ?? all.at(-1);
    if (item === this.#picked) this.#picked = null;
    item.remove();
  }

  #show(item) {
    this.#shown = item;
    for (const button of this.#list.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
    if (!item) {
      this.#raw.textContent = "No frame yet.";
      this.#opened.textContent = "";
      return;
    }
    item.firstElementChild.setAttribute("aria-current", "true");
    const { wire, opened } = item.frame;
    this.#raw.textContent = wire;
    this.#opened.textContent = opened === null ? `In clear: nothing to open.\n\n${pretty(wire)}` : pretty(opened);
  }
}
