"use strict";

// Toasts stay for eight seconds, or until they are dismissed.
const toasts = document.getElementById("toasts");
function keepShortly(toast) {
  const timer = setTimeout(() => toast.remove(), 8000);
  toast.querySelector("button").addEventListener("click", () => {
    clearTimeout(timer);
    toast.remove();
  });
}
function say(message) {
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  toast.append(words, close);
  toasts.append(toast);
  keepShortly(toast);
}
toasts.querySelectorAll(".toast").forEach(keepShortly);
