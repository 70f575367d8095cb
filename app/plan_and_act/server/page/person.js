// What waits for a person: an action to approve, a question to answer, or anything else a run may ask.

import * as api from "./api.js";
import { badge, button, field, h, link, said, trouble } from "./dom.js";
import { defaults, plain, property, read, titled } from "./form.js";
import { actionInWords } from "./words.js";

// Actions that a person may put in place of another: those that the browser carries out.
const STEERING = new Set(["note", "finish", "give_up", "replan", "ask"]);

// The card of an interrupt. `answer(value)` sends the answer; `seen` is the hash of the page's text.
export function question({ value, response_schema: schema }, { answer, seen }) {
  if (value?.type === "approval") return approval(value, schema, answer, seen);
  if (value?.type === "plan") return review(value, answer);
  if (value?.type === "question") return asked(value, answer);
  return unknown(value, schema, answer);
}

export const questionInWords = ({ value }) => {
  if (value?.type === "approval") return `Your approval is needed: ${actionInWords(value.action)}`;
  if (value?.type === "plan") return "Your approval of the plan is needed.";
  return value?.type === "question" ? `The agent asks: ${value.question}` : "The run waits for an answer.";
};

function approval(value, schema, answer, seen) {
  const risks = (value.risks ?? []).filter((risk) => risk !== "none");
  return decision("Approve this action?", actionInWords(value.action), "Approve", answer,
    [
      risks.length > 0 && h("p", {}, "It may ", risks.map((risk) => badge("warn", risk))),
      value.rule?.reason && h("p", {}, said(value.rule.reason)),
      value.reasoning && h("blockquote", { dir: "auto" }, value.reasoning),
      h("p.page", {}, "On ", h("b", { dir: "auto" }, value.title || "a page without a title"), " · ", link(value.url)),
    ],
    "The executor is told, and decides anew.",
    (close) => edit(value.action, schema, answer, close, seen),
  );
}

function review(value, answer) {
  const steps = value.steps.map((step) => h("li", {}, said(step.goal)));
  return decision("Before anything is done", "Begin with this plan?", "Begin", answer, [h("ol", {}, steps)], "The planner is told, and plans again.", (close) => {
    const text = h("textarea", { rows: steps.length + 2, required: true });
    text.value = value.steps.map((step) => step.goal.trim().replace(/\s+/g, " ")).join("\n");
    const goals = () => text.value.split("\n").map((line) => line.trim()).filter(Boolean);
    return form("Begin with this", () => answer({ decision: "edit", steps: goals() }), close, field("One goal a line", text));
  });
}

// What is asked for, and the four things a person can do about it.
function decision(kind, words, yes, answer, about, told, edit) {
  const more = h("div.more");
  const open = (make) => () => {
    more.replaceChildren(make(close));
    more.querySelector("select, textarea, input")?.focus();
  };
  const close = () => {
    more.replaceChildren();
    card.querySelector("button").focus();
  };
  const card = h("div.question", { onkeydown: (event) => event.key === "Escape" && more.hasChildNodes() && close() },
    h("p.kind", {}, kind),
    h("h2", { id: "question", dir: "auto" }, words),
    about,
    h("div.actions", {},
      button(yes, () => answer({ decision: "approve" }), { kind: "primary" }),
      button("Edit…", open(edit)),
      button("Reject…", open(() => reject(answer, close, told))),
      button("Stop the run", () => answer({ decision: "stop" }), { kind: "danger" }),
    ),
    more,
  );
  return card;
}

function reject(answer, close, told) {
  const reason = h("textarea", { rows: 2, maxlength: 4_000 });
  return form("Reject", () => answer({ decision: "reject", reason: reason.value.trim() }), close, field("Why", reason, told));
}

function edit(action, schema, answer, close, seen) {
  const variants = actionsOf(schema).filter((variant) => !STEERING.has(variant.properties.action.const));
  const kind = h("select", { onchange: draw }, variants.map(({ properties: { action: { const: name } } }) => h("option", { value: name }, titled(name))));
  kind.value = action.action;
  const rest = h("div.settings");
  const labels = h("datalist", { id: "labels" });
  let variant;
  let fields;

  function draw() {
    variant = variants.find((one) => one.properties.action.const === kind.value);
    const names = Object.keys(variant.properties).filter((name) => !["action", "step", "note"].includes(name));
    fields = Object.fromEntries(names.map((name) => [name, property(name, variant.properties[name], schema, action[name] ?? variant.properties[name].default)]));
    rest.replaceChildren(...Object.values(fields).map(({ node }) => node));
    for (const name of variant.required ?? []) rest.querySelector(`[name="${name}"]`)?.setAttribute("required", "");
    rest.querySelector('[name="element"]')?.setAttribute("list", labels.id);
  }

  draw();
  if (seen) api.text(seen).then((text) => labels.replaceChildren(...elementsOf(text).map((label) => h("option", { value: label })))).catch(() => {});
  const step = action.step ? { step: action.step } : {};
  const send = () => answer({ decision: "edit", action: { action: kind.value, ...read(fields, defaults(variant)), ...step } });
  return form("Carry out instead", send, close, field("Action", kind), rest, labels);
}

// The labels of the elements that the page as the models saw it names.
export const elementsOf = (text) => [...new Set(text.match(/[\w-]+ "[^"\n]* ?#\d+"/g) ?? [])];

// The schemas of the actions in the schema of an answer: its property `action` is one of them, or null.
function actionsOf(schema) {
  const one = plain(schema.properties.action, schema).schema;
  return (one.oneOf ?? one.anyOf).map((variant) => plain(variant, schema).schema);
}

function asked(value, answer) {
  const text = h("textarea", { rows: 2, required: true });
  return h("div.question", {},
    h("p.kind", {}, "The agent asks"),
    h("h2", { id: "question", dir: "auto" }, value.question),
    form("Answer", () => answer(text.value.trim()), null, field("Your answer", text)),
  );
}

// A question of a kind that this page does not know: shown as it is, answered as JSON.
function unknown(value, schema, answer) {
  const text = h("textarea.code", { rows: 4, required: true, spellcheck: "false" });
  return h("div.question", {},
    h("p.kind", {}, "The run waits for an answer"),
    h("h2", { id: "question", dir: "auto" }, value?.type ?? "A question"),
    h("pre", { dir: "auto" }, typeof value === "string" ? value : JSON.stringify(value, null, 1)),
    form("Answer", () => answer(JSON.parse(text.value)), null, field("Your answer, as JSON", text)),
    schema && h("details", {}, h("summary", {}, "What an answer looks like"), h("pre", {}, JSON.stringify(schema, null, 1))),
  );
}

function form(label, send, close, ...fields) {
  const node = h("form", { onsubmit: submit, onkeydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && node.requestSubmit() },
    fields,
    h("div.actions", {}, h("button.button.primary", {}, label), close && button("Cancel", close)),
  );
  async function submit(event) {
    event.preventDefault();
    const go = node.querySelector("button.primary");
    go.disabled = true;
    try {
      await send();
    } catch (error) {
      trouble(error);
      go.disabled = false;
    }
  }
  return node;
}
