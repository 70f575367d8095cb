"use strict";

// Date fields get a calendar. Without this script a date is typed, and it still can be.
const MONTHS = Array.from({ length: 12 }, (_, month) =>
  new Date(Date.UTC(2026, month, 1)).toLocaleString("en", { month: "long", timeZone: "UTC" }),
);
for (const field of document.querySelectorAll("[data-today]")) {
  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = "button calendar-button";
  opener.setAttribute("aria-haspopup", "dialog");
  opener.setAttribute("aria-expanded", "false");
  opener.textContent = "Calendar";
  const calendar = document.createElement("div");
  calendar.className = "calendar";
  calendar.hidden = true;
  calendar.setAttribute("role", "dialog");
  calendar.setAttribute("aria-label", "Choose a date");
  field.after(opener, calendar);

  const close = () => {
    calendar.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  };
  const choose = (text) => {
    field.value = text;
    close();
    field.focus();
  };
  const turn = (label, sign, year, month) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.textContent = sign;
    button.addEventListener("click", () => show(year, month));
    return button;
  };
  const show = (year, month) => {
    const first = new Date(Date.UTC(year, month, 1));
    year = first.getUTCFullYear();
    month = first.getUTCMonth();
    const head = document.createElement("p");
    head.className = "calendar-head";
    const title = document.createElement("strong");
    title.setAttribute("aria-live", "polite");
    title.textContent = `${MONTHS[month]} ${year}`;
    head.append(turn("Previous month", "‹", year, month - 1), title, turn("Next month", "›", year, month + 1));
    const days = document.createElement("div");
    days.className = "calendar-days";
    // Weeks begin on Monday.
    for (let gap = (first.getUTCDay() + 6) % 7; gap; gap -= 1) days.append(document.createElement("span"));
    const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    for (let day = 1; day <= last; day += 1) {
      const text = new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = day;
      button.setAttribute("aria-label", `${day} ${MONTHS[month]} ${year}`);
      if (text === field.dataset.today) button.setAttribute("aria-current", "date");
      if (text === field.value) button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => choose(text));
      days.append(button);
    }
    calendar.replaceChildren(head, days);
  };
  opener.addEventListener("click", () => {
    if (!calendar.hidden) {
      close();
      return;
    }
    const [year, month] = (/^\d{4}-\d\d/.test(field.value) ? field.value : field.dataset.today).split("-");
    show(Number(year), Number(month) - 1);
    calendar.hidden = false;
    opener.setAttribute("aria-expanded", "true");
  });
  calendar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    opener.focus();
  });
}

// Fields that suggest people while one types.
for (const field of document.querySelectorAll("[data-suggests]")) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.after(list);
  let asked = 0;

  const close = () => {
    asked++; // an answer still on its way must not open the list again
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    field.value = option.dataset.value;
    close();
  };
  const mark = (step) => {
    asked++; // nor change the list under who chooses from it
    const options = [...list.children];
    const before = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const now = options[(before + step + options.length) % options.length];
    for (const option of options) option.setAttribute("aria-selected", String(option === now));
    field.setAttribute("aria-activedescendant", now.id);
  };
  field.addEventListener("input", async () => {
    const turn = ++asked;
    const url = `${field.dataset.suggests}?q=${encodeURIComponent(field.value)}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    const people = answer.ok ? await answer.json() : [];
    if (turn !== asked) return;
    list.replaceChildren(
      ...people.map((person, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.value = person.username;
        option.textContent = `${person.name} (@${person.username})`;
        option.addEventListener("click", () => choose(option));
        return option;
      }),
    );
    list.hidden = !people.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const marked = list.querySelector("[aria-selected=true]");
    if (step) mark(step);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && marked) choose(marked);
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target !== field) close();
  });
}
