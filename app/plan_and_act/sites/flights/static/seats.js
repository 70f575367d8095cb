"use strict";

// A seat map: a click gives the seat to the passenger who is marked, and goes on to the next one without a seat.
const form = document.getElementById("seating");
const whose = [...form.querySelectorAll("[name=whose]")];
const held = (index) => form.elements[`seat-${index}`];
const seats = [...form.querySelectorAll("button[data-seat]")];

function draw() {
  const taken = whose.map((_, index) => held(index).value);
  for (const seat of seats) seat.setAttribute("aria-pressed", String(taken.includes(seat.dataset.seat)));
  taken.forEach((name, index) => {
    form.querySelector(`[data-held="${index}"]`).textContent = name ? `: ${name}` : "";
  });
}

for (const seat of seats)
  seat.addEventListener("click", () => {
    const me = whose.findIndex((radio) => radio.checked);
    const name = seat.dataset.seat;
    const giveBack = held(me).value === name;
    whose.forEach((_, index) => {
      if (held(index).value === name) held(index).value = "";
    });
    held(me).value = giveBack ? "" : name;
    const next = whose.findIndex((_, index) => !held(index).value);
    if (!giveBack && next >= 0) whose[next].checked = true;
    draw();
  });
