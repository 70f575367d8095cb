"use strict";

// The list of flights: asked for by what the filters say, in the order one wants, a few at a time.
const results = document.getElementById("results");
const filters = document.getElementById("filters");
const by = (id) => document.getElementById(id);
const STEP = 5;
let limit = STEP;
let fresh = false;
let turn = 0;

function entry(flight) {
  const item = by("card").content.firstElementChild.cloneNode(true);
  item.querySelector("h3").textContent = flight.times;
  item.querySelector(".facts").textContent = `${flight.airline}, ${flight.number}, ${flight.duration}`;
  item.querySelector(".muted").textContent = flight.stops;
  item.querySelector(".price strong").textContent = flight.price;
  const link = item.querySelector("a");
  link.textContent += ` ${flight.number}`;
  link.href = flight.url;
  return item;
}

function otherDay(day) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = day.url;
  link.textContent = `${day.day} from ${day.price}`;
  item.append(link);
  return item;
}

function tell(name, error) {
  by(name + "-error").textContent = error ?? "";
  by(name + "-error").hidden = !error;
  for (const [attribute, value] of [["aria-invalid", "true"], ["aria-describedby", name + "-error"]])
    if (error) by(name).setAttribute(attribute, value);
    else by(name).removeAttribute(attribute);
}

function show(found) {
  tell("most", found.errors.most);
  const filtered = [...new FormData(filters)].some(([name, value]) => name !== "sort" && value && value !== "any");
  by("flights").replaceChildren(...found.shown.map(entry));
  by("count").textContent = `${found.shown.length} of ${found.total} flights`;
  by("stale").hidden = !found.hours || !found.total;
  by("stale").firstElementChild.textContent = `Prices updated ${found.hours} hours ago.`;
  by("around").replaceChildren(...found.around.map(otherDay));
  by("around").hidden = !found.around.length || !found.total;
  by("more").hidden = found.shown.length >= found.total;
  by("nothing").hidden = found.total > 0;
  by("nothing").lastElementChild.textContent = filtered
    ? "No flight fits your filters. Change or clear them."
    : "We found no flights for this search. Try again with flexible dates, or search for another day.";
  filters.hidden = by("sorting").hidden = !found.total && !filtered;
}

// Filters are kept in the address, so that going back leads to the same list.
const NAMES = ["stops", "time", "most", "airline", "sort"];
const address = new URL(location.href);
for (const control of filters.elements) {
  const values = address.searchParams.getAll(control.name);
  if (!NAMES.includes(control.name) || !values.length) continue;
  if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
  else control.value = values[0];
}

async function load() {
  const mine = ++turn;
  const wishes = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
  for (const name of NAMES) address.searchParams.delete(name);
  for (const [name, value] of wishes) address.searchParams.append(name, value);
  history.replaceState(null, "", address);
  wishes.set("limit", limit);
  if (fresh) wishes.set("fresh", "yes");
  by("spinner").hidden = false;
  by("spinner").textContent = "Looking for flights…";
  try {
    const answer = await fetch(`${results.dataset.source}&${wishes}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    if (mine !== turn) return;
    show(found);
    by("spinner").hidden = true;
  } catch {
    if (mine === turn) by("spinner").textContent = "The list could not be loaded. Please search again.";
  }
}

function anew() {
  limit = STEP;
  load();
}

filters.addEventListener("change", anew);
filters.addEventListener("reset", () => setTimeout(anew));
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  anew();
});
by("sort").addEventListener("change", anew);
by("more").firstElementChild.addEventListener("click", () => {
  limit += STEP;
  load();
});
by("stale").querySelector("button").addEventListener("click", () => {
  fresh = true;
  load();
});
load();
