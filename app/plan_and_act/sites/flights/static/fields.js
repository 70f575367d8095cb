"use strict";

// Airports: a combobox that asks the server for suggestions while one types.
for (const box of document.querySelectorAll(".combobox")) {
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  let timer = 0;
  let asked = 0;
  let active = -1;

  // What was asked before, or is about to be, must not open a closed list again, nor change it under who chooses from it.
  const settle = () => {
    clearTimeout(timer);
    asked++;
  };
  const close = () => {
    settle();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    input.value = option.dataset.label;
    close();
    input.focus();
  };
  const mark = (index) => {
    settle();
    const options = [...list.children];
    active = (index + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };
  const show = (airports) => {
    list.replaceChildren(
      ...airports.map((airport, i) => {
        const option = document.createElement("li");
        option.id = `${input.id}-option-${i}`;
        option.setAttribute("role", "option");
        option.dataset.label = airport.label;
        option.textContent = airport.option;
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => take(option));
        return option;
      }),
    );
    if (!airports.length) {
      close();
      return;
    }
    active = -1;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const suggest = async () => {
    const turn = ++asked;
    if (!input.value.trim()) {
      close();
      return;
    }
    const answer = await fetch("/api/airports?q=" + encodeURIComponent(input.value)).catch(() => null);
    const airports = answer?.ok ? await answer.json() : null;
    if (turn === asked && airports) show(airports);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 80);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) suggest();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(list.children[Math.max(active, 0)]);
    } else if (event.key === "Escape") {
      close();
    }
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", close);
}

// Dates: a field one can type into, and a calendar that a button opens. Calendar days are UTC, so that no day is skipped.
const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const dayOf = (text) => new Date(text + "T00:00:00Z");
const isoOf = (day) => day.toISOString().slice(0, 10);
const wordsOf = (day) => `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
const read = (text) => {
  const iso = /^\s*(\d{4}-\d\d-\d\d)\s*$/.exec(text);
  if (iso) return dayOf(iso[1]);
  const words = /^\s*(\d{1,2}) ([a-z]+) (\d{4})\s*$/i.exec(text);
  const month = words ? MONTHS.findIndex((name) => name.toLowerCase() === words[2].toLowerCase()) : -1;
  return month < 0 ? null : new Date(Date.UTC(+words[3], month, +words[1]));
};

for (const field of document.querySelectorAll(".dated")) {
  const input = field.querySelector("input");
  const button = field.querySelector(".calendar-button");
  const label = field.querySelector("label").textContent;
  const first = dayOf(field.dataset.first);
  const last = dayOf(field.dataset.last);
  const box = document.createElement("div");
  box.className = "calendar";
  box.hidden = true;
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", `Calendar for ${label.toLowerCase()}`);
  field.append(box);
  let shown = first;

  const close = () => {
    box.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const turnTo = (step) => {
    shown = new Date(Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth() + step, 1));
    draw();
    box.querySelector(step < 0 ? ".before" : ".after").focus();
  };
  const turner = (name, sign, step, off) => {
    const turn = document.createElement("button");
    turn.type = "button";
    turn.className = step < 0 ? "before" : "after";
    turn.textContent = sign;
    turn.setAttribute("aria-label", name);
    turn.disabled = off;
    turn.addEventListener("click", () => turnTo(step));
    return turn;
  };
  const choose = (day) => {
    input.value = wordsOf(day);
    close();
    input.focus();
  };
  const cell = (day, chosen) => {
    const td = document.createElement("td");
    if (day.getUTCMonth() !== shown.getUTCMonth()) return td;
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = day.getUTCDate();
    one.dataset.day = isoOf(day);
    one.setAttribute("aria-label", `${WEEKDAYS[(day.getUTCDay() + 6) % 7]} ${wordsOf(day)}`);
    if (chosen && isoOf(chosen) === isoOf(day)) one.setAttribute("aria-current", "date");
    one.disabled = day < first || day > last;
    one.addEventListener("click", () => choose(day));
    td.append(one);
    return td;
  };
  const draw = () => {
    const start = new Date(Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), 1));
    const end = new Date(Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth() + 1, 0));
    const head = document.createElement("div");
    head.className = "calendar-head";
    const title = document.createElement("strong");
    title.textContent = `${MONTHS[start.getUTCMonth()]} ${start.getUTCFullYear()}`;
    title.setAttribute("aria-live", "polite");
    head.append(turner("Previous month", "‹", -1, start <= first), title, turner("Next month", "›", 1, end >= last));
    const table = document.createElement("table");
    const names = table.createTHead().insertRow();
    for (const name of WEEKDAYS) names.append(Object.assign(document.createElement("th"), { textContent: name.slice(0, 2), scope: "col" }));
    const body = table.createTBody();
    const chosen = read(input.value);
    const day = new Date(start);
    day.setUTCDate(1 - ((start.getUTCDay() + 6) % 7));
    while (day <= end) {
      const row = body.insertRow();
      for (let i = 0; i < 7; i++) {
        row.append(cell(new Date(day), chosen));
        day.setUTCDate(day.getUTCDate() + 1);
      }
    }
    box.replaceChildren(head, table);
  };
  button.addEventListener("click", () => {
    if (!box.hidden) {
      close();
      return;
    }
    const chosen = read(input.value);
    shown = chosen && chosen >= first && chosen <= last ? chosen : first;
    draw();
    box.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (box.querySelector("[aria-current]") ?? box.querySelector("td button:enabled")).focus();
  });
  box.addEventListener("keydown", (event) => {
    const from = event.target.dataset.day;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.key];
    if (!from || !step) return;
    event.preventDefault();
    const to = dayOf(from);
    to.setUTCDate(to.getUTCDate() + step);
    if (to < first || to > last) return;
    if (to.getUTCMonth() !== shown.getUTCMonth()) {
      shown = to;
      draw();
    }
    box.querySelector(`[data-day="${isoOf(to)}"]`).focus();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    close();
    button.focus();
  });
  document.addEventListener("mousedown", (event) => {
    if (!field.contains(event.target)) close();
  });
}

// The return date is asked for when there is a way back.
for (const form of document.querySelectorAll(".search-form")) {
  const back = form.querySelector("#return");
  const field = back.closest(".field");
  const kinds = [...form.querySelectorAll("[name=trip]")];
  const adapt = () => {
    const wanted = kinds.some((kind) => kind.checked && kind.value === "return");
    field.hidden = !wanted;
    back.disabled = !wanted;
  };
  for (const kind of kinds) kind.addEventListener("change", adapt);
  adapt();
}

// Saved travellers fill in the fields of a passenger.
for (const saved of document.querySelectorAll("select.saved")) {
  saved.addEventListener("change", () => {
    const { first, last, born } = saved.selectedOptions[0].dataset;
    for (const [name, value] of Object.entries({ first, last, born }))
      document.getElementById(`${name}-${saved.dataset.index}`).value = value ?? "";
  });
}
