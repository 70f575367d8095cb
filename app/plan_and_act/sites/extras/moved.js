"use strict";

// What is marked data-movable goes into a menu at the place of the first of its neighbours.
for (const parent of new Set([...document.querySelectorAll("[data-movable]")].map((node) => node.parentElement))) {
  const menu = document.createElement("details");
  menu.className = "extra-more";
  menu.innerHTML = "<summary>More options</summary><div></div>";
  const moved = [...parent.children].filter((node) => node.hasAttribute("data-movable"));
  moved[0].before(menu);
  menu.querySelector("div").append(...moved);
}
