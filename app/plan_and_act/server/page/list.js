// The list of runs, live and past.

import * as api from "./api.js";
import { announce, badge, calm, field, fill, h, said, trouble } from "./dom.js";
import { statusOf, total } from "./model.js";
import { STATUS, ago, money } from "./words.js";

const EVERY_MS = 3_000;
const PAGE = 50;
const FILTERS = {
  all: ["All", () => true],
  waiting: ["Waiting", (row) => row.status === "waiting"],
  running: ["Running", (row) => row.status === "running"],
  paused: ["Paused", (row) => row.status === "paused" || row.status === "new"],
  done: ["Ended", (row) => ["succeeded", "failed", "stopped", "error"].includes(row.status)],
};

export function list(main) {
  const known = new Map();
  let rows = [];
  let limit = PAGE;
  let more = false;
  let chosen = "all";
  let waiting = 0;
  let timer = 0;
  let left = false;
  let failed = false;

  const search = h("input", { type: "search", oninput: show, placeholder: "Task or address", autocomplete: "off" });
  const filters = h("div.filters", { role: "group", "aria-label": "Show" });
  const table = h("div");
  main.replaceChildren(
    h("div.title", {}, h("h1", {}, "Runs"), filters, field("Find", search)),
    table,
  );
  main.querySelector(".field").classList.add("find");

  function show() {
    const words = search.value.toLowerCase();
    const found = rows.filter((row) => FILTERS[chosen][1](row) && `${row.task} ${row.url}`.toLowerCase().includes(words));
    const counts = Object.fromEntries(Object.entries(FILTERS).map(([name, [, fits]]) => [name, rows.filter(fits).length]));
    fill(filters, [chosen, counts], () => Object.entries(FILTERS).map(([name, [label]]) => {
      const choose = () => {
        chosen = name;
        show();
        announce(`${label}: ${counts[name]} runs`);
      };
      const pressed = String(chosen === name);
      const many = h("span.count", {}, String(counts[name]));
      return h("button", { type: "button", "aria-pressed": pressed, "data-key": name, onclick: choose }, label, " ", many);
    }));
    fill(table, [found, rows.length, more, Math.floor(Date.now() / 60_000)], () => {
      if (!rows.length) return empty();
      if (!found.length) return h("p.none", {}, "No run fits.");
      const older = h("button.button", { type: "button", "data-key": "older", onclick: () => { limit += PAGE; refresh(); } }, "Show older runs");
      return [runsTable(found), more && older];
    });
  }

  async function refresh() {
    clearTimeout(timer);
    try {
      const threads = await api.threads(limit);
      rows = await Promise.all(threads.map((thread) => rowOf(thread, known)));
      if (left) return;
      more = threads.length === limit;
      if (failed) calm();
      failed = false;
      const now = rows.filter((row) => row.status === "waiting").length;
      if (now > waiting) announce(now === 1 ? "A run waits for you." : `${now} runs wait for you.`);
      waiting = now;
      document.title = `${now ? `(${now}) ` : ""}Runs · plan-and-act`;
      show();
    } catch (error) {
      failed = true;
      if (!left) trouble(error);
    }
    if (!left) timer = setTimeout(document.hidden ? later : refresh, EVERY_MS);
  }

  function later() {
    document.addEventListener("visibilitychange", () => left || refresh(), { once: true });
  }

  refresh();
  return () => {
    left = true;
    clearTimeout(timer);
  };
}

// What the list tells of a run. Its state is read again only when the thread has changed, or works.
async function rowOf(thread, known) {
  const { thread_id: id, status, metadata, created_at: started, updated_at: changed } = thread;
  const before = known.get(id);
  if (before?.changed === `${status} ${changed}` && status !== "busy") return before.row;
  const { values = {}, tasks = [] } = await api.state(id);
  const used = total(values.usage);
  const row = {
    id, started,
    status: statusOf({ status, values, interrupts: tasks.flatMap((task) => task.interrupts ?? []) }),
    task: values.task || metadata?.task || "A task that is not known yet",
    url: values.url || metadata?.url || "",
    fork: metadata?.forked_from ? metadata.forked_round : null,
    rounds: values.rounds?.length ?? 0,
    cost: used.cost,
  };
  known.set(id, { changed: `${status} ${changed}`, row });
  return row;
}

function runsTable(rows) {
  const head = ["Status", "Task", "Started", "Rounds", "Cost"].map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  return h("div.runs", {}, h("table", { role: "table", "aria-label": "Runs" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
    h("tbody", { role: "rowgroup" }, rows.map(rowNode)),
  ));
}

function rowNode(row) {
  const cell = (name, ...content) => h(`td.${name}`, { role: "cell", "data-label": name }, ...content);
  const from = row.fork ? `forked before round ${row.fork} · ` : "";
  return h(`tr.${row.status}`, { role: "row" },
    cell("status", badge(row.status, STATUS[row.status])),
    cell("task", h("a", { href: `#/runs/${row.id}`, "data-key": row.id, dir: "auto" }, row.task), h("small", {}, from, said(row.url, "bdi"))),
    cell("started", h("time", { datetime: row.started, title: new Date(row.started).toLocaleString() }, ago(row.started))),
    cell("rounds", String(row.rounds)),
    cell(row.cost === null ? "cost.unknown-cost" : "cost", money(row.cost)),
  );
}

const empty = () => h("div.empty", {},
  h("h2", {}, "No runs yet"),
  h("p", {}, "Give the agent a task and the page it begins on; here you watch and steer what it does."),
  h("a.button.primary", { href: "#/new" }, "Start a run"),
);
