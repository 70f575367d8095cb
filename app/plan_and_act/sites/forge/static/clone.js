"use strict";

// <clone-address path="owner/project">: the address to clone from, by either protocol, with a button to copy it.
const ADDRESSES = {
  HTTPS: (path) => `https://emberforge.example/${path}.git`,
  SSH: (path) => `git@emberforge.example:${path}.git`,
};
customElements.define(
  "clone-address",
  class extends HTMLElement {
    connectedCallback() {
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = `<link rel="stylesheet" href="/static/clone.css">
        <div role="group" aria-label="Protocol"></div>
        <p><input readonly aria-label="Address"><button type="button" class="copy">Copy</button></p>`;
      const field = root.querySelector("input");
      const choices = Object.keys(ADDRESSES).map((name) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => show(name));
        return button;
      });
      const show = (name) => {
        field.value = ADDRESSES[name](this.getAttribute("path"));
        for (const button of choices) button.setAttribute("aria-pressed", String(button.textContent === name));
      };
      root.querySelector("div").append(...choices);
      root.querySelector(".copy").addEventListener("click", async () => {
        field.select();
        // Where the clipboard is not to be had, the address stays selected.
        const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
        say(copied ? "Address copied." : "Press Ctrl+C to copy the address.");
      });
      show("HTTPS");
    }
  },
);
