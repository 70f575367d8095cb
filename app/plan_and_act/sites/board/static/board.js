"use strict";

// Asks the server as a script does; null when that did not work, which is said.
async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, { ...options, headers: { Accept: "application/json" } });
    if (answer.status === 401) {
      location.href = "/sign-in?next=" + encodeURIComponent(location.pathname);
      return null;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  } catch {
    say("That did not work. Please try again.");
    return null;
  }
}

// Forms that take effect in place. Without this script they do the same with a new page.
const press = (button, on) => button.setAttribute("aria-pressed", String(on));
const shows = {
  vote(form, now) {
    form.querySelector(".score").textContent = now.score;
    press(form.querySelector("[value=up]"), now.vote === 1);
    press(form.querySelector("[value=down]"), now.vote === -1);
  },
  save(form, now) {
    const button = form.querySelector("button");
    press(button, now.on);
    button.textContent = now.on ? form.dataset.on : form.dataset.off;
  },
  hide(form, now) {
    if (form.closest(".post.full")) form.querySelector("button").textContent = now.on ? "Unhide" : "Hide";
    else form.closest(".post").remove();
  },
  switch(form, now) {
    form.querySelector("button").setAttribute("aria-checked", String(now.on));
  },
  approve(form) {
    form.closest(".queue").remove();
  },
};
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.live || event.defaultPrevented) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const body = new FormData(form, event.submitter);
  const now = await ask(form.action, { method: "POST", body });
  form.removeAttribute("aria-busy");
  if (!now) return;
  shows[form.dataset.live](form, now);
  say(now.message);
});

// Forms that ask before they send.
const confirmation = document.getElementById("confirm");
let asking = null;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  asking = form;
  document.getElementById("confirm-text").textContent = form.dataset.confirm;
  confirmation.showModal();
});
document.getElementById("confirm-ok").addEventListener("click", () => {
  confirmation.close();
  asking.dataset.confirmed = "yes";
  asking.requestSubmit();
});

// The dialog in which a moderator says why something is removed.
const removal = document.getElementById("removal");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (button) {
    removal.querySelector("[name=target]").value = button.dataset.remove;
    removal.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  const menu = document.querySelector("details.account[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

// Feeds go on by themselves when their end comes into view.
const more = document.getElementById("more");
if (more) {
  let loading = false;
  const next = async () => {
    if (loading || !more.isConnected) return;
    loading = true;
    const now = await ask(more.href);
    loading = false;
    if (!now) return;
    document.getElementById("feed").insertAdjacentHTML("beforeend", now.html);
    if (now.more) {
      more.href = now.more;
      // What is still in view after that is not told again unless it is watched anew.
      watcher.unobserve(more);
      watcher.observe(more);
    } else more.parentElement.replaceWith(Object.assign(document.createElement("p"), { className: "end", textContent: "You have reached the end." }));
  };
  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && next());
  watcher.observe(more);
  more.addEventListener("click", (event) => {
    event.preventDefault();
    next();
  });
}
