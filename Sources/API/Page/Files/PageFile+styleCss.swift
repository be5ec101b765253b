// Made by scripts/embed-page of Sources/API/Page/Web/style.css: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let styleCss = PageFile(
        path: "/page/style.css",
        type: "text/css; charset=utf-8",
        text: #"""
/* Light first; the dark colours are the same names again. */
:root {
  color-scheme: light dark;
  --ground: #f7f7f5;
  --surface: #ffffff;
  --ink: #1c1d1f;
  --soft: #5b6067;
  --line: #dddfe2;
  --grid: #ebecee;
  --accent: #2563c9;
  --on-accent: #ffffff;
  --first: #2563c9;
  --second: #b4540a;
  --good: #1a7f43;
  --bad: #b3261e;
  --good-ground: #e4f3e9;
  --bad-ground: #fbe9e7;
  --busy-ground: #e5eefb;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131416;
    --surface: #1c1e21;
    --ink: #e8e9eb;
    --soft: #a2a8b0;
    --line: #34383d;
    --grid: #292c30;
    --accent: #7fb0ff;
    --on-accent: #0c1a30;
    --first: #7fb0ff;
    --second: #f0a35e;
    --good: #6fd08c;
    --bad: #ff9d94;
    --good-ground: #17301f;
    --bad-ground: #3a1c1a;
    --busy-ground: #1a2b46;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
header {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 24px;
  padding: 10px 24px;
  background: var(--surface);
  border-bottom: 1px solid var(--line);
}
.brand { font-weight: 700; font-size: 17px; color: var(--ink); text-decoration: none; }
nav { display: flex; gap: 4px; }
nav a { padding: 4px 12px; border-radius: 6px; color: var(--soft); text-decoration: none; }
nav a[aria-current] { background: var(--busy-ground); color: var(--accent); }
#token-form { margin-left: auto; display: flex; align-items: center; gap: 8px; }
#token-form label { color: var(--soft); font-size: 13px; }
#token { width: 14ch; }
main { max-width: 1120px; margin: 0 auto; padding: 24px; outline: none; }
h1 { margin: 0; font-size: 22px; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 15px; }
a { color: var(--accent); }
input, button, select {
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 4px 10px;
}
button { cursor: pointer; }
button:disabled { cursor: default; opacity: 0.5; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
kbd {
  font: 12px var(--mono);
  padding: 0 5px;
  margin-right: 6px;
  border: 1px solid var(--line);
  border-bottom-width: 2px;
  border-radius: 4px;
  background: var(--ground);
  color: var(--ink);
}
#notice {
  max-width: 1072px;
  margin: 16px auto 0;
  padding: 8px 16px;
  border-radius: 6px;
  background: var(--bad-ground);
  color: var(--bad);
  overflow-wrap: anywhere;
}
#notice[hidden] { display: none; }
.empty { color: var(--soft); padding: 32px 0; text-align: center; }
.soft { color: var(--soft); }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; }
.spread { margin-left: auto; }
.card {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 8px;
  padding: 16px;
  margin-top: 16px;
}
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--soft); }
th, td { padding: 8px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number { text-align: right; }
tr:last-child td { border-bottom: none; }
.state {
  display: inline-block;
  padding: 0 8px;
  border-radius: 10px;
  font-size: 13px;
  background: var(--grid);
  color: var(--soft);
}
.state.succeeded { background: var(--good-ground); color: var(--good); }
.state.failed { background: var(--bad-ground); color: var(--bad); }
.state.running { background: var(--busy-ground); color: var(--accent); }
.error { color: var(--bad); overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--soft); }
.legend span::before {
  content: "";
  display: inline-block;
  width: 14px;
  height: 3px;
  margin-right: 6px;
  vertical-align: middle;
  background: var(--first);
}
.legend .second::before { background: var(--second); }
.legend output { color: var(--ink); font-variant-numeric: tabular-nums; }
svg.chart { display: block; width: 100%; height: auto; margin-top: 8px; }
svg.chart text { fill: var(--soft); font: 11px system-ui, "DejaVu Sans", sans-serif; }
svg.chart .grid { stroke: var(--grid); }
svg.chart .axis { stroke: var(--line); }
svg.chart .cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
svg.chart .line { fill: none; stroke: var(--first); stroke-width: 2; stroke-linejoin: round; }
svg.chart .dot { fill: var(--first); }
svg.chart .second .line { stroke: var(--second); }
svg.chart .second .dot { fill: var(--second); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 var(--mono); margin: 0; }
.group { border-top: 1px solid var(--line); padding: 12px 0; }
.group:first-of-type { border-top: none; }
.group > .text { color: var(--soft); margin-bottom: 8px; }
#iteration { width: 10ch; }
.sample { display: grid; grid-template-columns: 6ch 1fr; gap: 12px; padding: 4px 0; }
.sample .reason { color: var(--soft); font-size: 13px; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
.charts, .sides { margin-top: 16px; }
.charts > .card, .sides > .card { margin-top: 0; }
.side { display: flex; flex-direction: column; min-height: 180px; }
.side .text { flex: 1; max-height: 45vh; overflow-y: auto; margin-bottom: 12px; }
.side button { align-self: flex-start; }
.actions { margin-top: 16px; }
@media (max-width: 640px) {
  main { padding: 16px; }
  header { padding: 10px 16px; }
  .sides { grid-template-columns: 1fr; }
  .charts { grid-template-columns: 1fr; }
}

"""#
    )
}
