// What a run's state means: pure functions of the values that the graph API gives (see plan_and_act/agent/state.py).

// How a run stands: running, waiting (for a person), paused, new, error, or the status of its ending.
export function statusOf({ status, interrupts, values }) {
  if (status === "busy") return "running";
  if (interrupts.length) return "waiting";
  if (values?.ending?.status) return values.ending.status;
  if (status === "error") return "error";
  return status === "interrupted" || values?.settings?.started ? "paused" : "new";
}

// The state's values after a node's update, as the stream tells it: only what the graph gives out, `Output`.
export function after(values, update) {
  let next = values;
  for (const [node, wrote] of Object.entries(update)) {
    if (!wrote || node === "start" || node.startsWith("__")) continue;
    const call = node === "executor" && (wrote.messages ?? []).flatMap((message) => message.tool_calls ?? []).at(-1);
    next = {
      ...next,
      plans: joined(next.plans, wrote.plans, "revision"),
      rounds: joined(next.rounds, wrote.rounds, "index"),
      usage: { ...next.usage, ...wrote.usage },
      ...(wrote.rounds?.length && { pending: {} }),
      ...(call && { pending: { action: { action: call.name, ...call.args } } }),
      ...(wrote.answer && { answer: wrote.answer }),
      ...(wrote.ending && { ending: wrote.ending }),
    };
  }
  return next;
}

// Rows told twice (by the stream, by a stream joined again, by the state) count once.
function joined(rows = [], news, key) {
  const fresh = (Array.isArray(news) ? news : []).filter((row) => !rows.some((known) => known[key] === row[key]));
  return fresh.length ? [...rows, ...fresh] : rows;
}

// Whether the state that was read lies before what the stream has already told.
export const older = (read, known) =>
  read.settings?.started === known.settings?.started && (count(read.rounds) < count(known.rounds) || count(read.plans) < count(known.plans));
const count = (rows) => rows?.length ?? 0;

const same = (step) => step.goal.toLowerCase().trim().replace(/\s+/g, " ").replace(/\.+$/, "");

// The steps that replans left out, then the plan as it is now, each {goal, state, number}: the report's rules.
export function checklist(plans, rounds, ending, pending) {
  const steps = [];
  for (const [index, later] of plans.slice(1).entries()) {
    const earlier = plans[index];
    const kept = new Set(later.steps.map(same));
    for (const [at, step] of earlier.steps.entries()) {
      if (!kept.has(same(step))) steps.push({ goal: step.goal, state: worked(earlier, at + 1, rounds) ? "done" : "dropped", number: null });
    }
  }
  const plan = plans.at(-1);
  const last = rounds.at(-1);
  const underWay = pending?.action?.step ?? (last && last.plan === plan?.revision ? last.action.step : undefined);
  for (const [at, step] of (plan?.steps ?? []).entries()) {
    const doing = !ending?.status && at + 1 === underWay;
    steps.push({ goal: step.goal, state: ending?.status === "succeeded" ? "done" : doing ? "under_way" : "open", number: at + 1 });
  }
  return steps;
}

function worked(plan, number, rounds) {
  return rounds.findLast((round) => round.plan === plan.revision && round.action.step === number)?.outcome.status === "ok";
}

// Every revision as {plan, changes: [{kind: kept | added | removed, step}]}, the difference to the one before.
export function revisions(plans) {
  return plans.map((plan, index) => ({ plan, changes: difference(index ? plans[index - 1].steps : [], plan.steps) }));
}

function difference(before, now) {
  // Longest common subsequence; plans have a handful of steps.
  const length = Array.from({ length: before.length + 1 }, () => new Array(now.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      length[i][j] = same(before[i]) === same(now[j]) ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const changes = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < now.length) {
    if (i < before.length && j < now.length && same(before[i]) === same(now[j])) {
      changes.push({ kind: "kept", step: now[j++] });
      i++;
    } else if (i < before.length && (j === now.length || length[i + 1][j] >= length[i][j + 1])) {
      changes.push({ kind: "removed", step: before[i++] });
    } else {
      changes.push({ kind: "added", step: now[j++] });
    }
  }
  return changes;
}

export function total(usage) {
  const sum = { calls: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0, seconds: 0, cost: null };
  for (const row of Object.values(usage ?? {})) {
    for (const key of ["calls", "input_tokens", "cached_tokens", "output_tokens", "seconds"]) sum[key] += row[key] ?? 0;
    if (row.cost !== null && row.cost !== undefined) sum.cost = (sum.cost ?? 0) + row.cost;
  }
  return sum;
}

// The plan that a person wrote, one goal a line, as the next revision; null when it is empty or says the same.
export function rewritten(values, lines) {
  const goals = lines.split("\n").map((line) => line.trim().replace(/\s+/g, " ")).filter(Boolean);
  const now = values.plans.at(-1);
  const known = new Map(now.steps.map((step) => [same(step), step]));
  const steps = goals.map((goal) => ({ reasoning: "", ...known.get(same({ goal })), goal }));
  if (!steps.length || JSON.stringify(goals) === JSON.stringify(now.steps.map((step) => step.goal))) return null;
  const cause = "a person edited it";
  return { revision: now.revision + 1, steps, cause, round: values.rounds.length, observation: values.page?.observation ?? null };
}

// As which node a change of the plan is written, by the node that comes next, so that the run goes on where it is: a
// decision stays pending, an action that may have been carried out keeps its lease, and what waited for a plan has one.
export const WRITER = {
  planner: "planner", replan: "planner", executor: "planner", observe: "act", act: "approve", approve: "executor", ask: "executor", verify: "executor",
};

// The settings a run was made with; a later run of the thread (an answer, a resume) must be given them again.
export const contextOf = (values) => values.settings?.made_by?.config ?? {};
