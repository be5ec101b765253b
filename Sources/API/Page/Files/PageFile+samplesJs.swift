// Made by scripts/embed-page of Sources/API/Page/Web/samples.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let samplesJs = PageFile(
        path: "/page/samples.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// What a run sampled in one iteration, by prompt.

import { request } from "./api.js";
import { element, figure, notice, promptText } from "./dom.js";

const limit = 200;

export class Samples {
  constructor(run, signal) {
    this.run = run;
    this.signal = signal;
    this.list = element("div");
    this.input = element("input", {
      id: "iteration", type: "number", min: 0, onchange: () => this.load(this.input.valueAsNumber),
    });
    this.newest = element("button", { type: "button", hidden: true, onclick: () => this.load(this.offered) });
    this.element = element("section", { class: "card" },
      element("div", { class: "row" },
        element("h2", {}, "Samples"),
        element("label", { for: "iteration", class: "soft spread" }, "of iteration"),
        this.input, this.newest),
      this.list);
  }

  /** Says that a later iteration can be looked at; what is being read stays where it is. */
  offer(iteration) {
    this.offered = iteration;
    this.newest.textContent = `show ${iteration}`;
    this.newest.hidden = iteration === this.input.valueAsNumber;
    if (this.isEmpty) this.load(iteration);
  }

  async load(iteration) {
    if (!Number.isInteger(iteration) || iteration < 0) return;
    this.input.value = iteration;
    this.newest.hidden = this.offered === undefined || this.offered === iteration;
    const query = new URLSearchParams({ run: this.run.id, iteration, limit });
    try {
      const page = await request("GET", `/v1/rollouts?${query}`, { signal: this.signal });
      this.show(page);
    } catch (error) {
      if (!this.signal.aborted) notice(error.message);
    }
  }

  show(page) {
    this.isEmpty = page.data.length === 0;
    const groups = new Map();
    for (const rollout of page.data) {
      const key = `${rollout.purpose} ${rollout.prompt_index}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(rollout);
    }
    const shown = [...groups.values()].map(group);
    if (this.isEmpty) shown.push(element("p", { class: "empty" }, "Nothing was sampled in this iteration."));
    if (page.has_more) shown.push(element("p", { class: "empty" }, `The first ${limit} are shown.`));
    this.list.replaceChildren(...shown);
  }
}

function group(rollouts) {
  const { prompt, purpose } = rollouts[0];
  const held = purpose === "evaluation" ? [element("span", { class: "state" }, "held out")] : [];
  return element("div", { class: "group" },
    element("p", { class: "text" }, promptText(prompt), " ", held),
    rollouts.map((rollout) => {
      const reason = rollout.scores?.map((score) => score.reason).find(Boolean);
      const score = rollout.reward ?? rollout.scores?.[0]?.score;
      return element("div", { class: "sample" },
        element("span", { class: "number" }, figure(score)),
        element("div", {},
          rollout.text === ""
            ? element("span", { class: "reason" }, "empty ")
            : element("p", { class: "text" }, rollout.text),
          reason ? element("span", { class: "reason" }, `not scored: ${reason}`) : null));
    }));
}

"""#
    )
}
