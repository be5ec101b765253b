// Made by scripts/embed-page of Sources/API/Page/Web/dom.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let domJs = PageFile(
        path: "/page/dom.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// Making elements. Text only ever becomes text: nothing here reads markup from a string.

/** An element with attributes, listeners (`onclick`) and children (elements or text). */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same in SVG. */
export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** A number for people: four figures, and a dash for none. */
export function figure(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  if (Number.isInteger(number) && Math.abs(number) < 1e6) return `${number}`;
  const size = Math.abs(number);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? number.toExponential(2) : `${+number.toPrecision(4)}`;
}

/** A prompt as a text: it may be one, or messages, or tokens. */
export function promptText(prompt) {
  if (typeof prompt === "string") return prompt;
  if (!Array.isArray(prompt)) return JSON.stringify(prompt);
  if (prompt.every((part) => typeof part === "number")) return `[${prompt.length} tokens]`;
  return prompt.map((message) => `${message.role}: ${message.content}`).join("\n");
}

/** Seconds since 1970 in the reader's own time. */
export function time(seconds) {
  if (!seconds) return "–";
  const options = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(undefined, options).format(new Date(seconds * 1000));
}

/** Says what went wrong above the view; null takes it away. */
export function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text ?? "";
  place.hidden = !text;
}

"""#
    )
}
