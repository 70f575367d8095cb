// Follows one run: the state is the truth, the stream says when to look at it again.

import * as api from "./api.js";
import { calm, trouble } from "./dom.js";
import { after, older, statusOf } from "./model.js";

const IDLE_MS = 3_000;
const SETTLE_MS = 150;
const RETRY_MS = 500;

// The nodes that models work for.
const NODE = { planner: "planner", executor: "executor", replanner: "replan", verifier: "verify" };

// Calls `show(view)` whenever something changed. Gives {stop, look}: `look()` looks at once, after a command.
export function watch(id, show) {
  const leaving = new AbortController();
  const { signal } = leaving;
  let view = { id, thread: null, status: "new", values: {}, next: [], interrupts: [], error: null };
  let seen = "";
  let wake = () => {};
  let timer = 0;
  let following = false;
  let asked = false;

  const change = (news) => {
    view = { ...view, ...news };
    if (!signal.aborted) show(view);
  };

  async function read() {
    const [thread, state] = await Promise.all([api.thread(id), api.state(id)]);
    const interrupts = (state.tasks ?? []).flatMap((task) => task.interrupts ?? []);
    if (thread.status === "busy" && older(state.values, view.values)) return false;
    const error = state.tasks?.find((task) => task.error)?.error ?? null;
    const status = statusOf({ status: thread.status, interrupts, values: state.values });
    seen = `${thread.status} ${thread.updated_at}`;
    change({ thread, values: state.values ?? {}, next: state.next ?? [], interrupts, error, status });
    return true;
  }

  // While a run is followed: looks at the state soon after every event, and now and then without one (what others start
  // may stream something else, and write its state late).
  function soon(delay = SETTLE_MS) {
    clearTimeout(timer);
    timer = setTimeout(() => read().then((fresh) => following && soon(fresh ? IDLE_MS : RETRY_MS)).catch(report), delay);
  }

  async function follow(run) {
    following = true;
    soon();
    try {
      for await (const { event, data } of api.join(id, run, signal)) {
        if (event === "updates") change({ values: after(view.values, data), next: nextAfter(data) ?? view.next });
        if (event === "custom" && data.event === "model") change({ next: [NODE[data.role]] });
        soon();
      }
    } finally {
      following = false;
      clearTimeout(timer);
    }
  }

  function report(error) {
    if (error.name !== "AbortError" && !signal.aborted) trouble(error);
  }

  async function loop() {
    let failed = false;
    while (!signal.aborted) {
      if (asked) seen = "";
      asked = false;
      try {
        const thread = seen && (await api.thread(id));
        if (!thread || seen !== `${thread.status} ${thread.updated_at}` || view.status === "running") await read();
        if (failed) calm();
        failed = false;
        const run = view.status === "running" && (await api.runs(id)).findLast(({ status }) => status === "running" || status === "pending");
        if (run) {
          await follow(run.run_id);
          seen = "";
          continue;
        }
      } catch (error) {
        report(error);
        failed = true;
        if (error.status === 404) return;
      }
      if (!asked) await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, view.status === "running" ? RETRY_MS : IDLE_MS);
      });
    }
  }
  loop();

  return {
    stop: () => {
      leaving.abort();
      clearTimeout(timer);
      wake();
    },
    look: () => {
      asked = true;
      wake();
    },
  };
}

// What comes after a node, where the stream alone tells it; else the state does.
function nextAfter(update) {
  if (update.executor?.messages) return ["act"];
  return "act" in update || "ask" in update ? ["observe"] : null;
}
