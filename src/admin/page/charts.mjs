// Small line charts over all instances: the last five minutes.
import { byId, element, setText } from "./elements.mjs";
import { bytes, number } from "./format.mjs";
import { charts, valueOf } from "./series.mjs";

const points = 150; // of 2 s
const size = { width: 300, height: 60, margin: 2 };
const svgNames = "http://www.w3.org/2000/svg";

const shown = (chart, value) => (value === null ? "–" : chart.unit === "bytes" ? bytes(value) : number(value));

function svg(name, attributes) {
  const made = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

class Chart {
  #chart;
  #values = []; // null: no value at that time
  #now = element("span", { class: "now" });
  #line = svg("polyline", {});
  #picture = svg("svg", { viewBox: `0 0 ${size.width} ${size.height}`, preserveAspectRatio: "none", role: "img" });

  constructor(chart) {
    this.#chart = chart;
    this.#picture.append(this.#line);
    const caption = element("figcaption", {}, element("span", {}, chart.title), this.#now);
    this.root = element("figure", { class: "card", "data-testid": `chart-${chart.id}` }, caption, this.#picture);
  }

  add(before, now) {
    const value = valueOf(this.#chart, before, now);
    this.#values.push(value);
    if (this.#values.length > points) this.#values.shift();
    const known = this.#values.filter((one) => one !== null);
    const highest = Math.max(...known, 0);
    const text = shown(this.#chart, value);
    setText(this.#now, text);
    this.root.dataset.value = value === null ? "" : String(value);
    const peak = shown(this.#chart, known.length > 0 ? highest : null);
    const label = `${this.#chart.title}: now ${text}, highest ${peak} in the last five minutes`;
    this.#picture.setAttribute("aria-label", label);
    const { width, height, margin } = size;
    const scale = highest > 0 ? (height - 2 * margin) / highest : 0;
    const first = points - this.#values.length;
    this.#line.setAttribute(
      "points",
      this.#values
        .map((one, n) =>
          one === null
            ? ""
            : `${(((first + n) * width) / (points - 1)).toFixed(1)},${(height - margin - one * scale).toFixed(1)}`,
        )
        .filter(Boolean)
        .join(" "),
    );
  }
}

export class Charts {
  #charts = [];
  #before = null;

  constructor() {
    this.clear();
  }
  clear() {
    this.#before = null;
    this.#charts = charts.map((chart) => new Chart(chart));
    byId("charts").replaceChildren(...this.#charts.map(({ root }) => root));
  }
  add(instances) {
    for (const chart of this.#charts) chart.add(this.#before, instances);
    this.#before = instances;
  }
}
