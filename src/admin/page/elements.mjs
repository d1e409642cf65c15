// Makes elements. A value from outside becomes a text node or the value of a field; nothing on this page becomes HTML.

/** `attributes` are names and values that this page chooses; a value of null or false omits the attribute. Children
 *  are elements or texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** A button that runs `work` and is disabled meanwhile. */
export function actionButton(label, attributes, work) {
  const button = element("button", { type: "button", class: "quiet small", ...attributes }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await work();
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/** A list of names and values; a value is a text or an element. */
export const facts = (...pairs) =>
  element("dl", {}, ...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value ?? "none")]));

export const idText = (text) => element("span", { class: "id" }, text);
export const chip = (text, kind = "") => element("span", { class: `chip ${kind}`.trim() }, text);

/** Writes only what differs, so that a selection survives. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
