"use strict";

// Comments: folding, the answers that were left out, and the form for an answer, all without a new page.
document.addEventListener("click", async (event) => {
  const fold = event.target.closest(".fold");
  if (fold) {
    const open = fold.getAttribute("aria-expanded") === "true";
    fold.setAttribute("aria-expanded", String(!open));
    fold.textContent = open ? "+" : "–";
    const verbs = open ? ["Collapse", "Expand"] : ["Expand", "Collapse"];
    fold.setAttribute("aria-label", fold.getAttribute("aria-label").replace(...verbs));
    document.getElementById(fold.getAttribute("aria-controls")).hidden = open;
    return;
  }
  const rest = event.target.closest("[data-replies]");
  if (rest) {
    event.preventDefault();
    const now = await ask(rest.dataset.replies);
    if (!now) return;
    document.getElementById(rest.dataset.into).insertAdjacentHTML("beforeend", now.html);
    rest.parentElement.remove();
    return;
  }
  const reply = event.target.closest("[data-reply]");
  if (reply) {
    event.preventDefault();
    document.querySelector("form.reply")?.remove();
    const form = document.getElementById("reply-form").content.firstElementChild.cloneNode(true);
    form.elements.parent.value = reply.dataset.reply;
    reply.closest(".bar").after(form);
    form.elements.body.focus();
  }
});

// The form for a thread: a field that suggests communities, a tab for each kind, answers of a poll.
const form = document.getElementById("submit-form");
if (form) {
  const field = document.getElementById("community");
  const list = document.getElementById("community-list");
  const choices = [...list.children];
  const flair = document.getElementById("flair");
  let active = -1;
  const shown = () => choices.filter((choice) => !choice.hidden);
  const open = (on) => {
    list.hidden = !on;
    field.setAttribute("aria-expanded", String(on));
    if (!on) point(-1);
  };
  const point = (index) => {
    active = index;
    shown().forEach((choice, at) => choice.setAttribute("aria-selected", String(at === index)));
  };
  const filter = (text) => {
    for (const choice of choices) choice.hidden = !choice.textContent.toLowerCase().includes(text.trim().toLowerCase());
    open(shown().length > 0);
  };
  const flairs = async () => {
    const chosen = choices.find((choice) => choice.textContent === field.value.trim());
    flair.replaceChildren(new Option("No flair", ""));
    if (!chosen) return;
    const now = await ask(`/c/${chosen.dataset.slug}/flairs`);
    if (now) flair.append(...now.flairs.map((name) => new Option(name, name)));
  };
  const choose = (choice) => {
    field.value = choice.textContent;
    open(false);
    flairs();
  };
  field.addEventListener("click", () => filter(""));
  field.addEventListener("input", () => filter(field.value));
  field.addEventListener("change", flairs);
  field.addEventListener("blur", () => open(false));
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) filter(field.value);
      const count = shown().length;
      if (count) point((active + step + count) % count);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(shown()[active]);
    } else if (event.key === "Escape") open(false);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const choice = event.target.closest("[role=option]");
    if (choice) choose(choice);
  });

  const tabs = [...form.querySelectorAll("[role=tab]")];
  for (const tab of tabs)
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      form.elements.kind.value = tab.dataset.kind;
      for (const other of tabs) other.setAttribute("aria-selected", String(other === tab));
      for (const panel of form.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== tab.dataset.kind;
    });

  const add = document.getElementById("add-option");
  add.addEventListener("click", () => {
    const last = [...form.querySelectorAll("[name=option]")].pop();
    const number = Number(last.id.split("-")[1]) + 1;
    const row = last.parentElement.cloneNode(true);
    const [label, input] = [row.querySelector("label"), row.querySelector("input")];
    label.textContent = `Answer ${number}`;
    label.htmlFor = input.id = `option-${number}`;
    input.value = "";
    last.parentElement.after(row);
    input.focus();
    if (number >= 6) add.disabled = true;
  });
}
