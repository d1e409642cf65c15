/** Runs in the page: visible texts, those of shadow roots included, whose computed contrast against what is painted
 *  behind them is below `least` (WCAG 2.2, 1.4.3). */
export function lowContrast(least) {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.assignedSlot ?? at.parentElement ?? at.getRootNode().host) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.a > 0) layers.push(color);
      if (color.a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const found = [];
  let looked = 0;
  const look = (element, text) => {
    const style = getComputedStyle(element);
    if (!text.trim() || element.getClientRects().length === 0 || style.visibility === "hidden") return;
    looked += 1;
    const back = behind(element);
    const [light, dark] = [luminance(over(parse(style.color), back)), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least)
      found.push(`${ratio.toFixed(2)} ${style.color} on ${JSON.stringify(back)}: ${text.trim().slice(0, 40)}`);
  };
  const walk = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const { currentNode: node } = walker;
      if (node.nodeType === Node.TEXT_NODE && node.parentElement) look(node.parentElement, node.data);
      else if (node.shadowRoot) walk(node.shadowRoot);
    }
    for (const field of root.querySelectorAll("input, select")) look(field, field.value || "empty");
  };
  walk(document.body);
  return looked > 40 ? found : [`only ${looked} texts were found`];
}
