"use strict";

// Menus: a button with aria-controls opens a list; Escape, a click elsewhere or tabbing away closes it.
function closeMenus(except) {
  for (const button of document.querySelectorAll(".menu-button[aria-expanded=true]")) {
    if (button === except) continue;
    button.setAttribute("aria-expanded", "false");
    document.getElementById(button.getAttribute("aria-controls")).hidden = true;
  }
}

for (const button of document.querySelectorAll(".menu-button")) {
  const list = document.getElementById(button.getAttribute("aria-controls"));
  const items = [...list.querySelectorAll("[role^=menuitem]")];
  button.addEventListener("click", () => {
    const open = list.hidden;
    closeMenus(button);
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) items[0].focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
  list.parentElement.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !list.parentElement.contains(event.relatedTarget)) closeMenus();
  });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu")) closeMenus();
});
document.addEventListener("keydown", (event) => {
  const button = document.querySelector(".menu-button[aria-expanded=true]");
  if (event.key !== "Escape" || !button) return;
  closeMenus();
  button.focus();
});

// Stars are set in place. Without this script the form does the same with a new page.
for (const form of document.querySelectorAll("form.star")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
      if (answer.status === 401) {
        location.href = "/sign-in?next=" + encodeURIComponent(location.pathname);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      button.setAttribute("aria-pressed", String(now.starred));
      button.querySelector(".star-icon").textContent = now.starred ? "★" : "☆";
      button.querySelector(".star-word").textContent = now.starred ? "Starred" : "Star";
      for (const count of document.querySelectorAll(".star-count")) count.textContent = now.stars.toLocaleString("en");
      form.action = "/" + form.dataset.project + (now.starred ? "/unstar" : "/star");
      say(now.message);
    } catch {
      say("That did not work. Please try again.");
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

// Forms that ask before they send.
const dialog = document.getElementById("confirm");
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirmed) return;
    event.preventDefault();
    document.getElementById("confirm-text").textContent = form.dataset.confirm;
    document.getElementById("confirm-ok").textContent = form.dataset.confirmAction ?? "Delete";
    // In the same turn as the click, so that nobody sees the page without a question and without an answer.
    dialog.querySelector("form").onsubmit = (answer) => {
      if (answer.submitter.value !== "ok") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    };
    dialog.showModal();
  });
}

// Dialogs of the page's own: opened and closed by buttons; one may wait until a field says what it should.
for (const button of document.querySelectorAll("[data-opens]"))
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
for (const button of document.querySelectorAll("[data-closes]"))
  button.addEventListener("click", () => document.getElementById(button.dataset.closes).close());
for (const button of document.querySelectorAll("[data-waits-for]")) {
  const field = document.getElementById(button.dataset.waitsFor);
  const check = () => (button.disabled = field.value.trim() !== field.dataset.expects);
  field.addEventListener("input", check);
  check();
}

// Tables that sort by any column: numbers from large to small first, names from A to Z.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    button.addEventListener("click", () => {
      const numeric = button.dataset.sort === "number";
      const before = head.getAttribute("aria-sort");
      const descending = before ? before === "ascending" : numeric;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const value = (row) => row.cells[column].dataset.value;
      const rows = [...table.tBodies[0].rows].sort((a, b) =>
        numeric ? value(a) - value(b) : value(a).localeCompare(value(b), "en"),
      );
      table.tBodies[0].append(...(descending ? rows.reverse() : rows));
    });
  });
}
