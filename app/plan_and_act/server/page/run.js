// One run: watched and steered.

import * as api from "./api.js";
import { announce, badge, button, calm, dialog, fill, h, link, said, trouble } from "./dom.js";
import { total } from "./model.js";
import { question, questionInWords } from "./person.js";
import { drawPlan } from "./plan.js";
import { stage } from "./stage.js";
import * as steer from "./steer.js";
import { watch } from "./watch.js";
import { OUTCOME, STATUS, actionInWords, duration, money, thousands } from "./words.js";

// What a run does, by the node that comes next, and the role whose model does it.
const DOING = {
  planner: ["Writing the plan", "planner"], replan: ["Looking at the plan again", "replanner"],
  executor: ["Deciding what to do", "executor"], verify: ["Checking whether the task is done", "verifier"], observe: ["Looking at the page"],
};

export function run(main, id) {
  const parts = Object.fromEntries(["head", "doing", "person", "stage", "plan", "rounds", "cost"].map((name) => [name, h(`section.${name}`)]));
  parts.person.setAttribute("aria-labelledby", "question");
  for (const [name, label] of [["stage", "Page"], ["plan", "Plan"], ["rounds", "Rounds"], ["cost", "Cost by role"]]) parts[name].setAttribute("aria-label", label);
  main.replaceChildren(parts.head, h("div.columns", {},
    h("div.side", {}, parts.plan, parts.cost),
    h("div.work", {}, parts.doing, parts.person, parts.stage, parts.rounds),
  ));
  const picture = stage(parts.stage);
  let view = null;

  // A command: done, then looked at what came of it.
  const command = (work) => async (...given) => {
    calm();
    await work(...given);
    watching.look();
  };

  const changePlan = async (lines) => {
    if (lines !== null) await command(steer.changePlan)(view, lines);
    else drawPlan(parts.plan, view, changePlan);
  };

  async function fork(round) {
    const text = "A new run begins before this round, on the page as it was then: its login state, tabs and address. This run stays as it is.";
    const choice = await dialog(`Fork before round ${round}`, h("p", {}, text), [["Fork and run", "run", "primary"], ["Fork, paused", "paused"], ["Cancel", ""]]);
    if (choice) location.hash = `#/runs/${await steer.fork(view, round, { run: choice === "run" })}`;
  }

  function show(now) {
    const before = view;
    view = now;
    if (before?.thread) tell(before, now);
    document.title = `${STATUS[now.status]} · ${now.values.task ?? "Run"} · plan-and-act`;
    fill(parts.head, headKey(now), () => headNode(now, { command }));
    const waits = now.status === "waiting" ? now.interrupts[0] : null;
    fill(parts.person, waits?.id ?? null, () => waits && question(waits, {
      answer: command((value) => steer.answer(view, waits, value)), seen: now.values.page?.observation,
    }));
    picture.draw(now);
    drawPlan(parts.plan, now, changePlan);
    const doing = underWay(now);
    fill(parts.doing, doing, () => doing && [h("span.pulse", { "aria-hidden": "true" }), said(doing)]);
    const rounds = now.values.rounds ?? [];
    fill(parts.rounds, rounds, () => [
      h("h2", {}, "Rounds"),
      rounds.length ? h("ol.cards", { reversed: true }, rounds.map((round) => roundNode(round, { fork, show: picture.choose })).reverse()) : h("p.none", {}, "No action was taken yet."),
    ]);
    fill(parts.cost, now.values.usage ?? {}, () => costNode(now.values));
  }

  const watching = watch(id, show);
  return watching.stop;
}

// What is news to somebody who listens: rounds, questions, endings.
function tell(before, now) {
  const rounds = (now.values.rounds ?? []).slice((before.values.rounds ?? []).length);
  const round = rounds.at(-1);
  if (now.interrupts[0] && now.interrupts[0].id !== before.interrupts[0]?.id) announce(questionInWords(now.interrupts[0]), { urgent: true });
  else if (now.status !== before.status && now.status !== "running") announce(`The run ${now.status === "waiting" ? "waits for you" : `is now: ${STATUS[now.status]}`}. ${now.values.ending?.message ?? ""}`);
  else if (round) announce(`Round ${round.index}: ${actionInWords(round.action)}, ${OUTCOME[round.outcome.status]}.`);
  else if ((now.values.plans ?? []).length > (before.values.plans ?? []).length) announce(`The plan has revision ${now.values.plans.at(-1).revision}.`);
}

function underWay({ status, next, values }) {
  if (status !== "running") return "";
  if (next[0] === "act" && values.pending?.action) return actionInWords(values.pending.action);
  const [words, role] = DOING[next[0]] ?? ["Getting ready"];
  const model = values.settings?.made_by?.models?.[role];
  return model ? `${words} (${model})` : words;
}

const headKey = ({ id, status, error, thread, values }) =>
  [id, status, error, thread?.metadata, values.task, values.url, values.ending, values.answer, values.seconds, values.rounds?.length, values.usage, values.settings];

function headNode(view, { command }) {
  const { id, status, error, thread, values } = view;
  const { metadata = {} } = thread ?? {};
  const { ending, settings } = values;
  const sum = total(values.usage);
  const facts = {
    Rounds: `${values.rounds?.length ?? 0}${settings?.max_rounds ? ` of ${settings.max_rounds} at most` : ""}`,
    Time: duration(values.seconds ?? 0),
    Tokens: thousands(sum.input_tokens + sum.output_tokens),
    Cost: money(sum.cost),
    Started: new Date(thread?.created_at ?? Date.now()).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }),
    Models: [...new Set(Object.values(settings?.made_by?.models ?? {}))].join(", "),
  };
  const commands = {
    running: () => button("Stop", command(() => steer.stop(view)), { kind: "danger" }),
    paused: () => button("Resume", command(() => steer.resume(view)), { kind: "primary" }),
    error: () => button("Try again", command(() => steer.resume(view)), { kind: "primary" }),
  };
  const over = !["running", "waiting"].includes(status);
  const news = ending?.status ? ending.message : error ? String(error) : "";
  return [
    h("div.heading", {},
      h("p.kind", {}, badge(status, STATUS[status]), "Run ", h("code", {}, id.slice(0, 8)),
        metadata.forked_from && [" · forked from ", h("a", { href: `#/runs/${metadata.forked_from}` }, metadata.forked_from.slice(0, 8)), ` before round ${metadata.forked_round}`]),
      h("div.actions", {}, commands[status]?.(), over && h("a.button", { href: `#/new/${id}`, "data-key": "again" }, "Run again…")),
    ),
    h("h1", { dir: "auto" }, values.task || metadata.task || "Run"),
    h("p.from", {}, link(values.url || metadata.url)),
    news && h(`p.ending.${ending?.status ?? "error"}`, {}, said(news), ending?.reason && [" ", h("code", {}, ending.reason)]),
    values.answer && h("section.answer", { "aria-label": "Answer" }, h("h2", {}, "Answer"), said(values.answer, "p")),
    h("dl.facts", {}, Object.entries(facts).filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  ];
}

function roundNode(round, { fork, show }) {
  const { index, plan, action, outcome, reasoning, title, url, seconds = 0, hint } = round;
  const name = `round-${index}`;
  return h("li", {}, h(`article.card.${outcome.status}`, { "aria-labelledby": name },
    h("div.heading", {},
      h("p.where", {}, h("span.index", {}, `Round ${index}`), plan ? ` · plan ${plan}${action.step ? `, step ${action.step}` : ""}` : "", ` · ${duration(seconds)}`),
      h("div.actions", {},
        round.screenshot && button("Show page", () => show(index), { kind: "quiet", "aria-label": `Show the page of round ${index}`, "data-key": `show-${index}` }),
        button("Fork from here…", () => fork(index), { kind: "quiet", "aria-label": `Fork before round ${index}`, "data-key": `fork-${index}` }),
      ),
    ),
    h("h3", { id: name, dir: "auto" }, actionInWords(action)),
    h(`p.outcome.${outcome.status}`, {}, badge(outcome.status, OUTCOME[outcome.status]), said(outcome.message)),
    outcome.changes?.length > 0 && h("ul.changes", {}, outcome.changes.map((change) => said(change, "li"))),
    reasoning && h("blockquote", { dir: "auto" }, reasoning),
    action.note && action.action !== "note" && h("p.note", {}, h("b", {}, "Noted: "), said(action.note)),
    h("details", { "data-key": `details-${index}` }, h("summary", {}, "Details"),
      h("p.page", {}, "On ", h("b", { dir: "auto" }, title || "a page without a title"), " · ", link(url)),
      hint && h("p", {}, "The executor was told: ", said(hint)),
      h("pre", { dir: "auto" }, JSON.stringify(action, null, 1)),
      round.observation && seen(round.observation),
    ),
  ));
}

// The page as the model saw it, fetched when somebody looks.
function seen(hash) {
  const text = h("pre", { dir: "auto" });
  const load = () => text.textContent || api.text(hash).then((found) => { text.textContent = found; }).catch(trouble);
  return h("details", { ontoggle: load }, h("summary", {}, "Page as the model saw it"), text);
}

function costNode({ usage = {}, settings }) {
  const roles = Object.entries(usage);
  if (!roles.length) return null;
  const row = (tag, name, used) => h("tr", {}, h("th", { scope: "row" }, name),
    [used.calls ?? 0, used.input_tokens ?? 0, used.output_tokens ?? 0].map((number) => h(tag, {}, thousands(number))), h(tag, {}, money(used.cost)));
  const models = settings?.made_by?.models ?? {};
  return [h("h2", {}, "Cost by role"), h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Table of cost" }, h("table", {},
    h("thead", {}, h("tr", {}, ["Role", "Calls", "Tokens in", "out", "Cost"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, roles.map(([role, used]) => row("td", h("span", { title: models[role] }, role), used))),
    roles.length > 1 && h("tfoot", {}, row("td", "Total", total(usage))),
  ))];
}
