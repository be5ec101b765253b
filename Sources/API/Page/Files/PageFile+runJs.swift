// Made by scripts/embed-page of Sources/API/Page/Web/run.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let runJs = PageFile(
        path: "/page/run.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// One run: its state, reward and KL as they come, and its samples.

import { follow, request } from "./api.js";
import { Chart } from "./chart.js";
import { element, notice } from "./dom.js";
import { badge } from "./runs.js";
import { Samples } from "./samples.js";

const final = new Set(["succeeded", "failed", "cancelled"]);

/** Shows a run until `signal` fires. */
export async function showRun(view, id, signal) {
  const path = `/v1/runs/${encodeURIComponent(id)}`;
  const run = await request("GET", path, { signal });
  const charts = [
    new Chart("Reward", [
      { metric: "reward/mean", label: "training" },
      { metric: "evaluation/reward_mean", label: "held out" },
    ]),
    new Chart("KL to the reference", [{ metric: "policy/kl", label: "nats a completion" }]),
  ];
  const names = charts.flatMap((chart) => chart.lines.map((line) => line.metric));
  const measured = await request("GET", `${path}/metrics?${new URLSearchParams({ names })}`, { signal });
  const iterations = new Map(measured.data.map((one) => [one.iteration, one.metrics]));
  const head = element("div", { class: "row" });
  const samples = new Samples(run, signal);
  view.replaceChildren(
    head,
    element("div", { class: "charts" }, charts.map((chart) => chart.element)),
    samples.element,
  );
  const draw = () => charts.forEach((chart) => chart.draw(iterations));
  const drawSoon = once(draw);
  draw();
  showHead(head, run);
  notice(null);
  await samples.load(run.iteration);
  if (final.has(run.state)) return;
  await follow(run.id, run.last_event ?? 0, signal, (event) => {
    if (event.kind === "metrics") {
      const { iteration, metrics } = event.data;
      iterations.set(iteration, Object.fromEntries(names.map((name) => [name, metrics[name]])));
      run.iteration = Math.max(run.iteration, iteration);
      drawSoon();
      samples.offer(run.iteration);
    } else if (event.kind === "state") {
      run.state = event.data.state;
      run.phase = null;
      run.error = event.data.error ?? null;
    } else if (event.kind === "progress") {
      run.phase = event.data.phase;
    }
    showHead(head, run);
  });
}

/** Does something at the next frame, once however often it was asked for until then. */
function once(work) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      work();
    });
  };
}

function showHead(head, run) {
  const place = run.iterations ? `iteration ${run.iteration} of ${run.iterations}` : `iteration ${run.iteration}`;
  const phase = run.state === "running" && run.phase ? `, ${run.phase}` : "";
  head.replaceChildren(
    element("h1", {}, run.name),
    badge(run.state),
    element("span", { class: "soft" }, `${place}${phase}`),
    element("a", { class: "spread", href: `#/label/${encodeURIComponent(run.id)}` }, "Label its pairs"),
    ...(run.error ? [element("p", { class: "error" }, run.error.message)] : []),
  );
}

"""#
    )
}
