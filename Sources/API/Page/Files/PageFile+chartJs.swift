// Made by scripts/embed-page of Sources/API/Page/Web/chart.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let chartJs = PageFile(
        path: "/page/chart.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// A line chart in SVG: up to two lines over the iterations of a run.

import { drawing, element, figure } from "./dom.js";

const width = 480;
const height = 220;
const inset = { left: 52, right: 12, top: 10, bottom: 26 };

/** Round steps that cut a range into about so many parts. */
export function ticks(low, high, parts = 5) {
  const rough = (high - low) / parts || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const list = [];
  for (let index = first; index * step <= high + step * 1e-9; index += 1) list.push(index * step);
  return list;
}

/** The range of some numbers with a little room; never empty. */
function range(numbers) {
  let low = Infinity;
  let high = -Infinity;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}

/** A chart with a title; `names` are the metrics of its lines, each with a label. */
export class Chart {
  constructor(title, lines) {
    this.lines = lines;
    this.points = lines.map(() => []);
    this.outputs = lines.map(() => element("output"));
    this.svg = drawing("svg", {
      class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title,
      onpointermove: (event) => this.point(event), onpointerleave: () => this.point(null),
    });
    this.legend = element("div", { class: "legend" }, lines.map((line, index) => {
      return element("span", { class: index > 0 ? "second" : undefined }, `${line.label} `, this.outputs[index]);
    }));
    this.element = element("section", { class: "card" }, element("h2", {}, title), this.legend, this.svg);
  }

  /** Draws iterations, a map from number to metrics. */
  draw(iterations) {
    const numbers = [...iterations.keys()].sort((one, other) => one - other);
    this.points = this.lines.map((line) => numbers
      .map((iteration) => ({ x: iteration, y: iterations.get(iteration)[line.metric] }))
      .filter((point) => Number.isFinite(point.y)));
    const every = this.points.flat();
    this.svg.replaceChildren();
    this.lines.forEach((line, index) => {
      this.legend.children[index].hidden = this.points[index].length === 0;
    });
    if (every.length === 0) {
      this.svg.append(drawing("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "nothing measured"));
      return;
    }
    const [low, high] = range(every.map((point) => point.y));
    const from = numbers[0];
    const to = Math.max(numbers.at(-1), from + 1);
    this.x = (value) => inset.left + ((value - from) / (to - from)) * (width - inset.left - inset.right);
    this.y = (value) => height - inset.bottom - ((value - low) / (high - low)) * (height - inset.top - inset.bottom);
    this.frame(low, high, from, to);
    this.points.forEach((points, index) => this.line(points, index));
    this.cursor = drawing("line", { class: "cursor", y1: inset.top, y2: height - inset.bottom, visibility: "hidden" });
    this.svg.append(this.cursor);
    this.point(null);
  }

  frame(low, high, from, to) {
    for (const value of ticks(low, high)) {
      const y = this.y(value);
      this.svg.append(
        drawing("line", { class: "grid", x1: inset.left, x2: width - inset.right, y1: y, y2: y }),
        drawing("text", { x: inset.left - 6, y: y + 4, "text-anchor": "end" }, figure(+value.toPrecision(12))),
      );
    }
    for (const value of ticks(from, to, 7).filter(Number.isInteger)) {
      this.svg.append(drawing("text", { x: this.x(value), y: height - 8, "text-anchor": "middle" }, `${value}`));
    }
    const y = height - inset.bottom;
    this.svg.append(drawing("line", { class: "axis", x1: inset.left, x2: width - inset.right, y1: y, y2: y }));
  }

  line(points, index) {
    if (points.length === 0) return;
    const path = points.map((point) => `${this.x(point.x).toFixed(2)},${this.y(point.y).toFixed(2)}`).join(" L");
    const last = points.at(-1);
    this.svg.append(drawing("g", { class: index > 0 ? "second" : undefined },
      drawing("path", { class: "line", d: `M${path}` }),
      drawing("circle", { class: "dot", r: 3.5, cx: this.x(last.x), cy: this.y(last.y) })));
  }

  /** Shows the numbers at the pointer, or the last ones. */
  point(event) {
    const every = this.points.flat();
    if (every.length === 0) return;
    let iteration = null;
    if (event !== null) {
      const box = this.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * width;
      const nearest = every.reduce((best, point) => (
        Math.abs(this.x(point.x) - x) < Math.abs(this.x(best.x) - x) ? point : best));
      iteration = nearest.x;
      this.cursor.setAttribute("x1", this.x(iteration));
      this.cursor.setAttribute("x2", this.x(iteration));
    }
    this.cursor.setAttribute("visibility", iteration === null ? "hidden" : "visible");
    this.points.forEach((points, index) => {
      const point = iteration === null ? points.at(-1) : points.find((one) => one.x === iteration);
      const where = iteration === null || index > 0 ? "" : ` (iteration ${iteration})`;
      this.outputs[index].textContent = point ? figure(point.y) + where : "–";
    });
  }
}

"""#
    )
}
