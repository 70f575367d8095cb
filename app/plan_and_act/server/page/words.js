// How actions, states, times and money are said; the same words as in the report (plan_and_act/report/words.py).

const LONGEST = 120;

const clip = (text) => {
  const line = [...String(text ?? "").trim().replace(/\s+/g, " ")];
  return line.length <= LONGEST ? line.join("") : `${line.slice(0, LONGEST - 1).join("")}…`;
};
const quoted = (text) => `“${clip(text)}”`;

// A label as `link “Blue Kettle”`; without a name, the number tells what was meant.
function element(label) {
  const [, role, inner, ref] = /^(?:([a-z][\w-]*) )?["']?(.*?)\s*(?:#?(\d+)["'\]\s]*)?$/s.exec(String(label).trim());
  const name = inner.replace(/^["']|["'\s#[]+$/g, "").trim();
  if (role) return name ? `${role} ${quoted(name)}` : `${role} #${ref}`;
  if (ref !== undefined && !name) return `#${ref}`;
  return ref !== undefined && /^[a-z]+$/.test(name) ? `${name} #${ref}` : quoted(name || label);
}

const SAID = {
  click: (a) => `Click ${element(a.element)}`,
  type: (a) => `Type ${quoted(a.text)} into ${element(a.element)}${a.submit ? " and press Enter" : ""}`,
  search: (a) => `Search for ${quoted(a.text)} in ${element(a.element)}`,
  select: (a) => `Select ${quoted(a.option)} in ${element(a.element)}`,
  hover: (a) => `Move the mouse over ${element(a.element)}`,
  press: (a) => `Press ${clip(a.key)}`,
  scroll: (a) => `Scroll ${a.direction ?? "down"}${a.element ? ` around ${element(a.element)}` : ""}`,
  go_back: () => "Go back",
  go_forward: () => "Go forward",
  goto: (a) => `Open ${clip(a.url)}`,
  switch_tab: (a) => `Switch to tab ${a.tab}`,
  close_tab: () => "Close the tab",
  upload: (a) => `Upload ${quoted(a.file)} to ${element(a.element)}`,
  wait: (a) => `Wait ${a.seconds ?? 2} s`,
  note: (a) => `Note: ${clip(a.note)}`,
  finish: (a) => `Finish: ${clip(a.answer)}`,
  give_up: (a) => `Give up: ${clip(a.reason)}`,
  replan: (a) => `Ask for a new plan: ${clip(a.reason)}`,
  ask: (a) => `Ask: ${clip(a.question)}`,
};

export const actionInWords = (action) => (SAID[action.action] ?? (() => clip(JSON.stringify(action))))(action);

export const STATUS = {
  running: "running", waiting: "waits for you", paused: "paused", new: "not started", error: "error",
  succeeded: "succeeded", failed: "failed", stopped: "stopped",
};

export const OUTCOME = { ok: "ok", no_effect: "no effect", error: "error", unknown: "unknown" };

export function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

export function money(dollars) {
  if (dollars === null || dollars === undefined) return "–";
  return `$${dollars.toFixed(dollars > 0 && dollars < 0.1 ? 4 : 2)}`;
}

export const thousands = (number) => Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");

// A moment as people say it: how long ago today, else the day.
export function ago(iso, now = Date.now()) {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
