"use strict";

// Parts of forms with a life of their own. Without this script their contents are plain fields.

function withStyle(host, name) {
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `/static/${name}.css`;
  root.append(style);
  return root;
}

// A number with buttons on both sides; the field itself stays in the page.
customElements.define(
  "quantity-stepper",
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const root = withStyle(this, "stepper");
      const button = (text, label, step) => {
        const made = document.createElement("button");
        made.type = "button";
        made.textContent = text;
        made.setAttribute("aria-label", label);
        made.addEventListener("click", () => {
          const field = this.querySelector("input");
          field.value = Math.min(Number(field.max), Math.max(Number(field.min), Number(field.value) + step));
          field.dispatchEvent(new Event("change", { bubbles: true }));
        });
        return made;
      };
      root.append(
        button("−", "Decrease quantity", -1),
        document.createElement("slot"),
        button("+", "Increase quantity", 1),
      );
    }
  },
);

// Stars to choose from, in the place of a drop-down list, which keeps the value for the form.
customElements.define(
  "star-input",
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const list = this.querySelector("select");
      const group = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = "Your rating";
      group.append(legend);
      for (const option of list.options) {
        if (!option.value) continue;
        const label = document.createElement("label");
        const radio = document.createElement("input");
        radio.type = "radio";
        radio.name = "stars";
        radio.checked = option.selected;
        radio.setAttribute("aria-label", option.textContent);
        radio.addEventListener("change", () => (list.value = option.value));
        label.append(radio, "★".repeat(Number(option.value)));
        group.append(label);
      }
      withStyle(this, "stars").append(group);
    }
  },
);
