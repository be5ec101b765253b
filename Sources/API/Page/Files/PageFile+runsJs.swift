// Made by scripts/embed-page of Sources/API/Page/Web/runs.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let runsJs = PageFile(
        path: "/page/runs.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// The list of runs.

import { all } from "./api.js";
import { element, notice, time } from "./dom.js";

const pollMilliseconds = 5000;

/** Shows all runs, the newest first, and looks again every few seconds until `signal` fires. */
export async function showRuns(view, signal) {
  const body = element("tbody");
  const empty = element("p", { class: "empty", hidden: true },
    "No runs yet. POST a spec to /v1/runs, or use hone train.");
  const heads = ["Run", "State", "Kind", "Model"].map((text) => element("th", { scope: "col" }, text));
  heads.push(element("th", { scope: "col", class: "number" }, "Iteration"));
  heads.push(element("th", { scope: "col" }, "Made"));
  const table = element("table", {}, element("thead", {}, element("tr", {}, heads)), body);
  view.replaceChildren(
    element("h1", {}, "Runs"),
    element("section", { class: "card scroll" }, table, empty),
  );
  while (!signal.aborted) {
    try {
      const runs = await all("/v1/runs", signal);
      body.replaceChildren(...runs.reverse().map(row));
      empty.hidden = runs.length > 0;
      table.hidden = runs.length === 0;
      notice(null);
    } catch (error) {
      if (signal.aborted) return;
      notice(error.message);
    }
    await rest(signal);
  }
}

/** Waits until it is worth looking again: nobody reads a page in the background. */
async function rest(signal) {
  do {
    await new Promise((done) => {
      const timer = setTimeout(done, pollMilliseconds);
      signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
    });
  } while (document.hidden && !signal.aborted);
}

function row(run) {
  const state = [badge(run.state)];
  if (run.state === "queued" && run.queue_position) state.push(` place ${run.queue_position}`);
  if (run.state === "running" && run.phase) state.push(` ${run.phase}`);
  if (run.error) state.push(element("div", { class: "error" }, run.error.message));
  const place = run.iterations ? `${run.iteration} / ${run.iterations}` : `${run.iteration}`;
  return element("tr", {},
    element("td", {}, element("a", { href: `#/runs/${encodeURIComponent(run.id)}` }, run.name)),
    element("td", {}, state),
    element("td", {}, run.kind),
    element("td", {}, run.model),
    element("td", { class: "number" }, place),
    element("td", { class: "soft" }, time(run.created_at)));
}

/** A run's state as a coloured word. */
export function badge(state) {
  return element("span", { class: `state ${state}` }, state);
}

"""#
    )
}
