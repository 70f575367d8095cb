// Building and replacing parts of the page. Data becomes text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = new Set(["svg", "image", "rect"]);

// h("a.button", { href: "#/", onclick: fn, hidden: false }, "text", node, null)
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = SHAPES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...shownOf(children));
  return node;
}

const shownOf = (children) => [children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

// Text written by a page or a model: its own direction of writing must not disturb what stands around it.
export const said = (text, tag = "span") => h(tag, { dir: "auto" }, String(text ?? ""));

// A URL as a link, when following it is harmless; else as text.
export function link(url) {
  const text = h("bdi", {}, String(url ?? ""));
  return /^https?:\/\//i.test(url ?? "") ? h("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, text) : text;
}

export function button(label, onclick, { kind = "", ...rest } = {}) {
  const work = async () => {
    node.disabled = true;
    try {
      await onclick();
    } catch (error) {
      trouble(error);
    } finally {
      node.disabled = false;
    }
  };
  const node = h(`button.button${kind ? `.${kind}` : ""}`, { type: "button", "data-key": label, ...rest, onclick: work }, label);
  return node;
}

export const badge = (status, words) => h(`span.badge.${status}`, {}, words);

export function field(label, control, help) {
  control.id ||= `field-${++fields}`;
  const hint = help ? h("small", { id: `${control.id}-help` }, help) : null;
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return h("div.field", {}, h("label", { for: control.id }, label), control, hint);
}
let fields = 0;

// Fills a part of the page when `key` differs from what it shows; what had the focus there has it again afterwards.
export function fill(part, key, make) {
  const text = JSON.stringify(key);
  if (shown.get(part) === text) return;
  shown.set(part, text);
  const focused = part.contains(document.activeElement) ? document.activeElement.dataset.key ?? "" : null;
  const open = new Set([...part.querySelectorAll("details[open][data-key]")].map((node) => node.dataset.key));
  part.replaceChildren(...shownOf(make()));
  part.hidden = !part.hasChildNodes();
  for (const node of part.querySelectorAll("details[data-key]")) node.open ||= open.has(node.dataset.key);
  if (focused === null) return;
  const again = [...part.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused);
  (again ?? part.querySelector("button, a[href], [tabindex]") ?? document.getElementById("main")).focus();
}
const shown = new WeakMap();

// The next `fill` of this part shows it anew.
export const forget = (part) => shown.delete(part);

// News for those who do not see the page change.
export function announce(text, { urgent = false } = {}) {
  document.getElementById(urgent ? "urgent" : "news").textContent = text;
}

export function trouble(error) {
  const bar = document.getElementById("trouble");
  bar.replaceChildren(said(error?.message ?? error), button("Dismiss", calm, { kind: "quiet" }));
  bar.hidden = false;
}

export function calm() {
  document.getElementById("trouble").hidden = true;
}

// Asks in a modal dialog; gives the value of the button that closed it, "" when it was dismissed.
export function dialog(title, content, choices) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const buttons = choices.map(([label, value, kind = ""]) => h(`button.button${kind && `.${kind}`}`, { value }, label));
  const form = h("form", { method: "dialog" }, heading, content, h("div.actions", {}, buttons));
  const node = h("dialog", { "aria-labelledby": heading.id }, form);
  document.body.append(node);
  return new Promise((resolve) => {
    node.addEventListener("close", () => {
      node.remove();
      resolve(node.returnValue);
    });
    node.showModal();
  });
}
