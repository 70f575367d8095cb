// Which view is shown: #/ the list, #/new and #/new/{run} the form, #/runs/{id} one run.

import { calm, trouble } from "./dom.js";
import { list } from "./list.js";
import { run } from "./run.js";
import { start } from "./start.js";

const VIEWS = { "": list, new: start, runs: run };

const main = document.getElementById("main");
let leave = null;

function route(event) {
  leave?.();
  calm();
  const [name = "", id] = location.hash.replace(/^#\//, "").split("/");
  leave = (VIEWS[name] ?? list)(main, id);
  for (const link of document.querySelectorAll("header.top nav a")) {
    if (link.dataset.view === (name === "new" ? "new" : "runs")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (event) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", route);
addEventListener("unhandledrejection", ({ reason }) => reason?.name === "AbortError" || trouble(reason));
route();
