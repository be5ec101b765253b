// Which view is shown: #/, #/runs/ID, #/label or #/label/RUN.

import { token } from "./api.js";
import { element, notice } from "./dom.js";
import { showLabels } from "./label.js";
import { showRun } from "./run.js";
import { showRuns } from "./runs.js";

const view = document.getElementById("view");
let current = new AbortController();

async function show() {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const [name = "", id] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  for (const link of document.querySelectorAll("nav a")) {
    const isShown = (link.dataset.view === "label") === (name === "label");
    if (isShown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  notice(null);
  try {
    if (name === "label") await showLabels(view, id, signal);
    else if (name === "runs" && id) await showRun(view, id, signal);
    else await showRuns(view, signal);
  } catch (error) {
    if (signal.aborted) return;
    view.replaceChildren(element("p", { class: "empty" }, "Nothing to show."));
    notice(error.message);
  }
}

const field = document.getElementById("token");
field.value = token.get();
field.addEventListener("change", () => { token.set(field.value.trim()); show(); });
document.getElementById("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  field.blur();
});
addEventListener("hashchange", show);
show();
