"use strict";

async function json(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { Accept: "application/json" } });
  if (answer.status === 401) location.href = "/sign-in?next=" + encodeURIComponent(location.pathname);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Forms that ask before they send.
const dialog = document.getElementById("confirm");
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirmed) return;
    event.preventDefault();
    document.getElementById("confirm-text").textContent = form.dataset.confirm;
    dialog.returnValue = "cancel";
    dialog.onclose = () => {
      if (dialog.returnValue !== "ok") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    };
    dialog.showModal();
  });
}

// Lists that send their form when something is chosen.
for (const list of document.querySelectorAll("select[data-submit]"))
  list.addEventListener("change", () => list.form.requestSubmit());

// What the search field suggests, as one types; arrows choose, Enter opens, Escape closes.
{
  const field = document.getElementById("q-top");
  const list = document.getElementById("suggestions");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let asked = 0;
  let chosen = -1;
  const show = (open) => {
    if (!open) asked++; // an answer still on its way must not open the list again
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
  };
  show(false);
  field.addEventListener("input", async () => {
    const number = ++asked;
    const words = field.value.trim();
    if (words.length < 2) return show(false);
    const found = await json("/suggest?q=" + encodeURIComponent(words)).catch(() => []);
    if (number !== asked) return;
    list.replaceChildren(
      ...found.map(({ name, url }, index) => {
        const option = document.createElement("li");
        option.id = "suggestion-" + index;
        option.setAttribute("role", "option");
        option.textContent = name;
        option.addEventListener("click", () => (location.href = url));
        return option;
      }),
    );
    show(found.length > 0);
  });
  field.addEventListener("keydown", (event) => {
    const options = [...list.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !list.hidden) {
      // A search field would also be emptied.
      event.preventDefault();
      show(false);
    }
    if (event.key === "Enter") {
      asked++;
      if (!list.hidden && chosen >= 0) {
        event.preventDefault();
        options[chosen].click();
      }
    }
    if (!step || list.hidden) return;
    event.preventDefault();
    asked++; // nor change it under who chooses from it
    chosen = (chosen + step + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    field.setAttribute("aria-activedescendant", options[chosen].id);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) show(false);
  });
}

// Lists that grow: the next part comes when the end is in view, or when "Load more" is used.
{
  let more = document.getElementById("more");
  let loading = false;
  const load = async () => {
    if (loading || !more) return;
    loading = true;
    try {
      const part = await json(more.href);
      document.getElementById("grid").insertAdjacentHTML("beforeend", part.html);
      if (part.more) more.href = part.more;
      else {
        more.parentElement.remove();
        more = null;
      }
    } catch {
      say("More could not be loaded. Please try again.");
    } finally {
      loading = false;
    }
  };
  if (more) {
    more.addEventListener("click", (event) => {
      event.preventDefault();
      load();
    });
    new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && scrollY > 0 && load(), {
      rootMargin: "200px",
    }).observe(more);
  }
}

// Price, stock and picture follow the options; what is put into the cart goes there without a new page.
const buy = document.getElementById("buy");
if (buy) {
  const offers = JSON.parse(buy.dataset.offers);
  const art = document.querySelector(".stage .art");
  const follow = () => {
    const values = new FormData(buy);
    const offer = offers.find((one) => one.size === values.get("size") && one.colour === values.get("colour"));
    document.getElementById("price").textContent = offer.price;
    document.getElementById("sku").textContent = offer.sku;
    const stock = document.getElementById("availability");
    stock.textContent = offer.availability;
    stock.className = offer.there ? "good" : "bad";
    document.getElementById("add").disabled = !offer.there;
    if (art && offer.colour) art.setAttribute("class", `art huge tint-${offer.colour.toLowerCase()}`);
  };
  buy.addEventListener("change", follow);
  // A browser that comes back keeps what was chosen.
  window.addEventListener("pageshow", follow);
  buy.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = document.getElementById("add");
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const now = await json(buy.action, { method: "POST", body: new FormData(buy) });
      const count = document.getElementById("in-cart");
      count.textContent = now.count;
      count.hidden = !now.count;
      say(now.message);
    } catch {
      say("That did not work. Please try again.");
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

// Tabs without a new page.
for (const list of document.querySelectorAll("[role=tablist]")) {
  const tabs = [...list.children];
  const choose = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
  };
  for (const tab of tabs)
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab);
    });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tab = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    tab.focus();
    choose(tab);
  });
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
        numeric ? value(a) - value(b) : value(a).localeCompare(value(b), "en", { numeric: true }),
      );
      table.tBodies[0].append(...(descending ? rows.reverse() : rows));
    });
  });
}
