// Labelling pairs by keyboard.

import { request } from "./api.js";
import { element, notice, promptText } from "./dom.js";

const leaseCount = 5;
const leaseSeconds = 600;
const annotatorKey = "hone.annotator";

const verdicts = [
  { key: "1", value: "first", label: "First is better" },
  { key: "2", value: "second", label: "Second is better" },
  { key: "t", value: "tie", label: "Tie" },
  { key: "b", value: "both_bad", label: "Both bad" },
];

/** Shows the labelling view for one run, or for all, until `signal` fires. */
export async function showLabels(view, run, signal) {
  const labeller = new Labeller(view, run, signal);
  await labeller.start();
}

class Labeller {
  constructor(view, run, signal) {
    this.run = run;
    this.signal = signal;
    this.items = [];
    this.done = [];
    this.isBusy = false;
    this.stage = element("div");
    this.count = element("span", { class: "soft", id: "labelled" });
    this.annotator = element("input", {
      id: "annotator", value: localStorage.getItem(annotatorKey) ?? "", placeholder: "your name",
      maxlength: 64, spellcheck: "false",
    });
    const form = element("form", { class: "row", onsubmit: (event) => this.begin(event) },
      element("label", { for: "annotator", class: "soft" }, "Annotator"), this.annotator,
      element("button", { type: "submit" }, "Start"), this.count);
    view.replaceChildren(
      element("div", { class: "row" }, element("h1", {}, run ? `Label ${run}` : "Label"), form), this.stage);
    document.addEventListener("keydown", (event) => this.press(event), { signal });
    addEventListener("pagehide", () => this.giveBack(), { signal });
    signal.addEventListener("abort", () => this.giveBack());
  }

  async start() {
    this.tell();
    if (this.annotator.value) await this.next();
    else this.annotator.focus();
  }

  begin(event) {
    event.preventDefault();
    localStorage.setItem(annotatorKey, this.annotator.value.trim());
    this.annotator.blur();
    this.giveBack();
    this.next();
  }

  /** Shows the next item that is still ours, leasing more when there is none. */
  async next() {
    const now = Date.now() / 1000;
    this.items = this.items.filter((item) => item.expires_at > now + 5);
    if (this.items.length === 0) {
      const body = { annotator: this.annotator.value.trim(), n: leaseCount, ttl_seconds: leaseSeconds };
      if (this.run) body.run = this.run;
      await this.working(async () => {
        this.items = (await request("POST", "/v1/annotations/lease", { body, signal: this.signal })).data;
      });
    }
    this.show(this.items[0]);
  }

  show(item) {
    this.shownAt = performance.now();
    if (!item) {
      this.stage.replaceChildren(element("p", { class: "empty" },
        "Nothing to label at the moment. ",
        element("button", { type: "button", onclick: () => this.next() }, "Look again")));
      return;
    }
    this.stage.replaceChildren(
      element("section", { class: "card" },
        element("h2", {}, "Prompt"), element("p", { class: "text", id: "prompt" }, promptText(item.prompt))),
      element("div", { class: "sides" }, [item.first, item.second].map((side, index) => (
        element("section", { class: "card side", "aria-label": index === 0 ? "First" : "Second" },
          element("p", { class: "text" }, side.text), this.button(verdicts[index]))))),
      element("div", { class: "row actions" },
        this.button(verdicts[2]), this.button(verdicts[3]),
        this.action("s", "Skip", () => this.skip()), this.action("u", "Undo", () => this.undo())));
  }

  button(verdict) {
    return this.action(verdict.key, verdict.label, () => this.answer(verdict.value));
  }

  action(key, label, perform) {
    return element("button", { type: "button", onclick: perform }, element("kbd", {}, key.toUpperCase()), label);
  }

  press(event) {
    const inField = event.target instanceof HTMLInputElement;
    if (inField || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    const verdict = verdicts.find((one) => one.key === key);
    if (verdict) this.answer(verdict.value);
    else if (key === "s") this.skip();
    else if (key === "u") this.undo();
    else return;
    event.preventDefault();
  }

  async answer(value) {
    const item = this.items[0];
    if (!item) return;
    await this.working(async () => {
      const seconds = (performance.now() - this.shownAt) / 1000;
      const body = { verdict: { kind: "pairwise", value, seconds } };
      try {
        const reply = await request("POST", `/v1/annotations/${encodeURIComponent(item.id)}`, { body });
        this.done.push({ item, feedback: reply.feedback?.id });
      } finally {
        // Refused or not, the same item would only be refused again.
        this.items = this.items.filter((one) => one !== item);
      }
    }, true);
  }

  async skip() {
    const item = this.items[0];
    if (!item) return;
    await this.working(async () => {
      this.items = this.items.filter((one) => one !== item);
      await request("DELETE", `/v1/annotations/${encodeURIComponent(item.id)}`);
    }, true);
  }

  /** Withdraws the last label and shows its pair again. */
  async undo() {
    const last = this.done.at(-1);
    if (!last || last.feedback === undefined) return;
    await this.working(async () => {
      await request("POST", `/v1/feedback/${encodeURIComponent(last.feedback)}/withdraw`);
      this.done.pop();
      this.items.unshift(last.item);
    }, true);
  }

  /** One request at a time: a key that is pressed twice labels once. */
  async working(perform, showsNext = false) {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await perform();
      notice(null);
    } catch (error) {
      if (!this.signal.aborted) notice(error.message);
    } finally {
      this.isBusy = false;
    }
    this.tell();
    if (showsNext && !this.signal.aborted) await this.next();
  }

  tell() {
    const count = this.done.length;
    this.count.textContent = `${count} labelled`;
  }

  /** What is leased and was not looked at goes back at once, to come again to anyone. */
  giveBack() {
    for (const item of this.items) {
      const path = `/v1/annotations/${encodeURIComponent(item.id)}?again=true`;
      request("DELETE", path, { keepalive: true }).catch(() => {});
    }
    this.items = [];
  }
}
