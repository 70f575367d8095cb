// The plan as a check list, its revisions as differences, and its editor.

import { button, field, fill, forget, h, said } from "./dom.js";
import { checklist, revisions } from "./model.js";

const TICK = { done: "✓", under_way: "▸", open: "", dropped: "–" };
const STATE = { done: "done", under_way: "under way", dropped: "left out" };
const SIGN = { added: "+", removed: "−", kept: " " };

// Draws the plan into `part`; `change(lines)` is called with what a person wrote, one goal a line.
export function drawPlan(part, { values, status, interrupts }, change) {
  const { plans = [], rounds = [], ending, pending } = values;
  if (part.querySelector("form.editor")) return;
  const open = plans.length > 0 && ["running", "waiting", "paused"].includes(status) && interrupts[0]?.value?.type !== "plan";
  const steps = checklist(plans, rounds, ending, pending);
  fill(part, [steps, plans.length, open], () => [
    h("div.heading", {}, h("h2", {}, "Plan"), open && button("Edit plan", () => edit(part, plans.at(-1), change), { kind: "quiet" })),
    steps.length
      ? h("ol.checklist", {}, steps.map(stepNode))
      : h("p.none", {}, status === "running" && values.settings?.planning !== "none" ? "The plan is being written." : "This run has no plan."),
    plans.length > 1 && h("div.revisions", {}, revisions(plans).slice(1).reverse().map(revisionNode)),
  ]);
}

const stepNode = ({ goal, state, number }) => h(`li.${state}`, {},
  h(`span.tick.${state}`, { "aria-hidden": "true" }, TICK[state]),
  h("span.number", {}, number ? String(number) : ""),
  said(goal),
  state !== "open" && h("small", {}, STATE[state]),
);

function revisionNode({ plan, changes }, at) {
  const after = plan.round ? ` after round ${plan.round}` : "";
  return h("details.revision", { open: at === 0, "data-key": `revision-${plan.revision}` },
    h("summary", {}, h("b", {}, `Revision ${plan.revision}`), after, plan.cause && [": ", said(plan.cause)]),
    h("ul.diff", {}, changes.map(({ kind, step }) => h(`li.${kind}`, {},
      h("span.sign", {}, SIGN[kind], h("span.sr", {}, ` ${kind}: `)),
      h("span", {}, said(step.goal), step.reasoning && kind !== "removed" && h("small", { dir: "auto" }, step.reasoning)),
    ))),
  );
}

function edit(part, plan, change) {
  const text = h("textarea", { rows: Math.max(5, plan.steps.length + 2), "data-key": "lines" });
  text.value = plan.steps.map((step) => step.goal.trim().replace(/\s+/g, " ")).join("\n");
  const close = () => {
    forget(part);
    part.replaceChildren();
    change(null);
    (part.querySelector("button") ?? part).focus();
  };
  const save = button("Save plan", async () => {
    await change(text.value);
    close();
  }, { kind: "primary" });
  const keys = (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save.click();
  };
  part.replaceChildren(h("form.editor", { onsubmit: (event) => event.preventDefault(), onkeydown: keys },
    h("h2", {}, "Plan"),
    field("One goal a line", text, "Saving makes this the plan's next revision. A run under way pauses for it and goes on."),
    h("div.actions", {}, save, button("Cancel", close)),
  ));
  text.focus();
}
