// Elements are made by calls, and every value becomes a text node or an attribute: nothing is parsed as HTML.
export type AttributeValue = string | number | boolean | null | undefined;
type Attributes = Record<string, AttributeValue | ((event: any) => void)>;

/** Writes only a difference: each write makes the browser compute styles again. */
export function set(element: Element, name: string, value: AttributeValue): void {
  const text = value === true ? "" : value === false || value == null ? null : String(value);
  if (element.getAttribute(name) === text) return;
  if (text === null) element.removeAttribute(name);
  else element.setAttribute(name, text);
}

/** Writes only a difference: each write of a live region is announced. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Functions among the attributes are listeners of the event of that name. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === "function") element.addEventListener(key, value);
    else set(element, key, value);
  element.append(...children);
  return element;
}

/** A button; of type `button`, so that it submits no form around the element. */
export const button = (
  attributes: Attributes,
  click: (event: MouseEvent) => void,
  ...children: (Node | string)[]
): HTMLButtonElement => h("button", { type: "button", ...attributes, click }, ...children);

const svg = "http://www.w3.org/2000/svg";
/** A picture of lines in a square of 24 units. */
export function icon(path: string): SVGElement {
  const picture = document.createElementNS(svg, "svg");
  const line = document.createElementNS(svg, "path");
  set(picture, "viewBox", "0 0 24 24");
  set(picture, "aria-hidden", "true");
  set(line, "d", path);
  picture.append(line);
  return picture;
}
export const icons = {
  bell: "M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9zM10 20.5a2.2 2.2 0 0 0 4 0",
  close: "M6 6l12 12M18 6L6 18",
  read: "M5 12.5l4.5 4.5L19 7.5",
  unread: "M12 7a5 5 0 1 0 .01 0z",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
};
