// Starting a run: a task, the page it begins on, and settings from the context's schema.

import * as api from "./api.js";
import { field, h, trouble } from "./dom.js";
import { defaults, property, read } from "./form.js";
import { askedFor } from "./steer.js";

// What most runs set; the rest stands folded below.
const FIRST = ["planner_model", "planning", "approve", "max_rounds", "review_plan", "ask", "screenshots"];

// This page shows screenshots, so runs started here take them.
const OURS = { screenshots: true };

export function start(main, from) {
  const form = h("form.start", { onsubmit: submit });
  main.replaceChildren(h("h1", {}, "New run"), form);
  document.title = "New run · plan-and-act";
  let fields = {};
  let base = {};
  let chosen = null;

  const task = h("textarea", { name: "task", rows: 3, required: true, maxlength: 20_000 });
  const url = h("input", { name: "url", type: "url", required: true, placeholder: "https://" });

  load().catch(trouble);

  async function load() {
    const [known, before] = await Promise.all([api.assistants(), from ? api.state(from) : null]);
    const values = before?.values ?? {};
    const asked = from && (await askedFor(from, values));
    task.value = values.task ?? asked?.input?.task ?? "";
    url.value = values.url ?? asked?.input?.url ?? "";
    const settings = h("div.settings");
    const pick = h("select", { name: "assistant", onchange: () => choose(pick.value).catch(trouble) },
      known.map((one) => h("option", { value: one.assistant_id }, one.name)));
    form.replaceChildren(
      field("Task", task, "What to do, in a sentence or two. Say what the answer should be when there is one."),
      field("Starts on", url, "The address of the page to begin on."),
      ...(known.length > 1 ? [field("Assistant", pick, "A named set of settings.")] : []),
      settings,
      h("div.actions", {}, h("button.button.primary", {}, "Start the run"), h("a.button", { href: "#/" }, "Cancel")),
    );
    const choose = async (id) => {
      chosen = known.find((one) => one.assistant_id === id);
      const schema = (await api.schemas(id)).context_schema;
      base = { ...defaults(schema), ...chosen.context };
      const set = { ...base, ...OURS, ...asked?.context };
      fields = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, property(name, one, schema, set[name])]));
      const rest = Object.keys(fields).filter((name) => !FIRST.includes(name));
      settings.replaceChildren(
        h("fieldset", {}, h("legend", {}, "Settings"), FIRST.filter((name) => fields[name]).map((name) => fields[name].node)),
        h("details", {}, h("summary", {}, `${rest.length} more settings`), h("fieldset", {}, rest.map((name) => fields[name].node))),
      );
    };
    if (!known.length) throw new Error("This server has no assistant for the agent.");
    await choose(known[0].assistant_id);
    task.focus();
  }

  async function submit(event) {
    event.preventDefault();
    const go = form.querySelector("button.primary");
    go.disabled = true;
    try {
      const input = { task: task.value.trim(), url: url.value.trim() };
      const context = read(fields, base);
      const { thread_id } = await api.createThread({ ...input, assistant_id: chosen.assistant_id });
      await api.startRun(thread_id, { assistant_id: chosen.assistant_id, input, context });
      location.hash = `#/runs/${thread_id}`;
    } catch (error) {
      trouble(error);
      go.disabled = false;
    }
  }
}
