// What a person does to a run: start it again, stop it, answer it, change its plan, fork it.

import * as api from "./api.js";
import { WRITER, contextOf, rewritten } from "./model.js";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const go = (view, body) => api.startRun(view.id, { assistant_id: view.thread.metadata?.assistant_id ?? "agent", ...body });

export async function resume(view) {
  const asked = await askedFor(view.id, view.values);
  if (!asked) throw new Error("What this run was asked for is not known any more. Start it anew with “Run again…”.");
  return go(view, asked);
}

// Answers the interrupt that was shown, by its id: another one that took its place stays unanswered.
export const answer = (view, interrupt, value) => go(view, { context: contextOf(view.values), command: { resume: { [interrupt.id]: value } } });

// What a run goes on with, as {input, context}; null when nothing tells. A run that stopped or failed before its settings
// were in the state has them, and its task where the state has none, in what its thread was last asked for.
export async function askedFor(id, values) {
  if (values.settings?.started) return { input: null, context: contextOf(values) };
  const [last] = await api.runs(id);
  const known = Object.keys(values).length > 0;
  if (!last?.kwargs || !(known || last.kwargs.input)) return null;
  return { input: known ? null : last.kwargs.input, context: last.kwargs.context ?? {} };
}

export async function stop(view) {
  const working = (await api.runs(view.id)).filter(({ status }) => status === "running" || status === "pending");
  await Promise.all(working.map(({ run_id: run }) => api.cancel(view.id, run)));
}

// Makes what a person wrote the plan's next revision; a run under way pauses for it, and goes on.
export async function changePlan(view, lines) {
  if (view.status === "running") {
    await stop(view);
    while ((await api.thread(view.id)).status === "busy") await sleep(100);
  }
  const { values, next } = await api.state(view.id);
  const writer = WRITER[next?.[0]];
  if (!writer) throw new Error("The run has ended meanwhile; its plan can no longer be changed.");
  const outdated = values.plans.length !== view.values.plans.length;
  const plan = outdated ? null : rewritten(values, lines);
  if (plan) {
    const { replan, ...control } = values.control ?? {};
    await api.writeState(view.id, { plans: [plan], ...(replan && { control }) }, writer);
  }
  // What ran runs again; what waits for a person asks again, since a change of state takes its question away.
  if (view.status === "running" || (plan && view.status === "waiting")) await resume(view);
  if (outdated) throw new Error("The agent revised the plan meanwhile. Look at the new one and change that.");
}

// A new run that shares everything up to a round with this one, which stays as it is. Gives the new run's id.
export async function fork(view, round, { run }) {
  const { values } = await checkpointBefore(view.id, view.thread.metadata, round);
  const { assistant_id } = view.thread.metadata;
  const made = await api.createThread({ task: values.task, url: values.url, assistant_id, forked_from: view.id, forked_round: round });
  await api.writeState(made.thread_id, values, "observe");
  if (run) await resume({ ...view, id: made.thread_id });
  return made.thread_id;
}

// The newest checkpoint at which the executor was about to decide on a round; a fork has its first rounds in its origin.
async function checkpointBefore(id, metadata, round) {
  for (let before = null; ; ) {
    const page = await api.history(id, before);
    const found = page.find(({ next, values }) => next[0] === "executor" && values.rounds.length === round - 1);
    if (found) return found;
    if (!page.length) break;
    before = page.at(-1).checkpoint;
  }
  const origin = metadata?.forked_from;
  if (!origin) throw new Error(`This run keeps no checkpoint of round ${round}.`);
  return checkpointBefore(origin, (await api.thread(origin)).metadata, round);
}
