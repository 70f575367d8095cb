// What has to be known about an element before and after an action. Called as (element, name, argument).
(element, [name, argument]) => {
  const TEXT_TYPES = ["text", "search", "email", "tel", "url", "password"];
  const win = element.ownerDocument.defaultView;
  const clean = (text, size = 80) => {
    const short = (text ?? "").replace(/\s+/g, " ").trim();
    return short.length > size ? short.slice(0, size - 1) + "…" : short;
  };
  const textOf = (node) => clean(node.innerText ?? node.textContent, 200);
  const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const contains = (outer, node) => {
    for (let at = node; at; at = parentOf(at)) if (at === outer) return true;
    return false;
  };
  const hasBox = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const isShown = (node) => hasBox(node) && node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const labelsOf = (node) => [...(node.labels ?? [])];

  const struck = (x, y) => {
    let hit = null;
    for (let root = win.document; root; root = hit?.shadowRoot) {
      const next = root.elementFromPoint(x, y);
      if (!next || next === hit) break;
      hit = next;
    }
    return hit;
  };
  const hitAt = (node) => {
    const [box] = node.getClientRects();
    return box ? struck(box.left + box.width / 2, box.top + box.height / 2) : null;
  };
  const isFree = (node) => {
    const hit = hitAt(node);
    return !hit || contains(node, hit) || contains(hit, node);
  };
  const nameOf = (node) => {
    const ids = (node.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const by = ids.map((id) => node.getRootNode().getElementById?.(id)).find(Boolean);
    const heading = node.querySelector("h1, h2, h3, h4, [role=heading], legend");
    return clean(node.getAttribute("aria-label") || (by && textOf(by)) || (heading && textOf(heading)) || textOf(node), 60);
  };
  // What lies over the element: the whole dialog or banner, not the layer of it that was hit.
  const coverOf = (node) => {
    const hit = hitAt(node);
    if (!hit || contains(node, hit) || contains(hit, node)) return null;
    let cover = hit;
    for (let at = hit; at && at !== win.document.body && !contains(at, node); at = parentOf(at)) {
      cover = at;
      if (at.matches("dialog, [role=dialog], [role=alertdialog], [aria-modal=true]")) break;
    }
    const dialog = win.document.querySelector("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]");
    // An empty backdrop says nothing; the dialog that it belongs to does.
    const named = nameOf(cover) || !dialog || !isShown(dialog) || contains(dialog, node) ? cover : dialog;
    const role = named.getAttribute("role") || (named.localName === "dialog" ? "dialog" : "");
    return { role, name: nameOf(named), tag: named.localName };
  };

  const isEditable = (node) =>
    node.isContentEditable || node.localName === "textarea" || node.localName === "select" ||
    (node.localName === "input" && !["button", "submit", "reset", "image", "hidden"].includes(node.type));
  const fieldOf = (node) => {
    if (isEditable(node)) return node;
    if (node.localName === "label" && node.control) return node.control;
    const inner = [...node.querySelectorAll("input, textarea, select, [contenteditable]")].filter((n) => isEditable(n) && isShown(n));
    return inner.length === 1 ? inner[0] : null;
  };
  const kindOf = (node) => {
    if (node.localName === "input") return TEXT_TYPES.includes(node.type) ? "text" : node.type;
    if (node.localName === "textarea" || node.localName === "select") return node.localName;
    return node.isContentEditable ? "editable" : "";
  };
  const isDisabled = (node) => node.matches(":disabled") || !!node.closest('[aria-disabled="true"]');
  // The header of a table that can be sorted, when the control is in one.
  const columnOf = (node) => {
    const head = node.closest("th, [role=columnheader]");
    return head?.parentElement?.querySelector("[aria-sort]") ? head : null;
  };
  const stateOf = (node) => {
    const aria = (name) => node.getAttribute(`aria-${name}`);
    if (node.matches("input[type=checkbox], input[type=radio]")) return node.checked ? "checked" : "not checked";
    if (aria("checked")) return aria("checked") === "true" ? "checked" : aria("checked") === "mixed" ? "partly checked" : "not checked";
    if (aria("pressed")) return aria("pressed") === "true" ? "pressed" : "not pressed";
    if (aria("expanded")) return aria("expanded") === "true" ? "open" : "closed";
    if (aria("selected")) return aria("selected") === "true" ? "selected" : "not selected";
    if (node.localName === "label" && node.control) return stateOf(node.control);
    if (node.localName === "summary") return node.parentElement?.open ? "open" : "closed";
    const sort = columnOf(node)?.getAttribute("aria-sort");
    return sort === "ascending" || sort === "descending" ? `sorted ${sort}` : null;
  };
  // Where to click instead: a hidden box has its label, an element without a box of its own its first child with one.
  const standIn = (node) => {
    if (!hasBox(node)) {
      const label = labelsOf(node).find(isShown);
      return label ?? [...node.querySelectorAll("*")].find(isShown) ?? null;
    }
    if (node.matches("input[type=checkbox], input[type=radio], input[type=file]") && (!isFree(node) || !isShown(node))) {
      const hit = hitAt(node);
      return labelsOf(node).find((label) => isShown(label) && (!hit || contains(label, hit) || isFree(label))) ?? null;
    }
    return null;
  };

  const OTHERS =
    "a[href], button, summary, input[type=checkbox], input[type=radio], input[type=submit], input[type=button], " +
    "[role=button], [role=link], [role=checkbox], [role=switch], [role=menuitem], [role=tab]";
  // Where to click so that no control inside the element is hit, like a link in a label: from its upper left corner
  // inside the border, as Playwright counts. Null for the middle.
  const spotOf = (node) => {
    const isOther = (at) => at !== node.control && at.matches(OTHERS) && textOf(at) !== textOf(node);
    const isOwn = (hit) => {
      if (!hit || !contains(node, hit)) return false;
      for (let at = hit; at !== node; at = parentOf(at)) if (isOther(at)) return false;
      return true;
    };
    const middle = hitAt(node);
    if (!middle || !contains(node, middle) || isOwn(middle)) return null;
    const box = node.getBoundingClientRect();
    const style = win.getComputedStyle(node);
    const [left, top] = [box.left + parseFloat(style.borderLeftWidth), box.top + parseFloat(style.borderTopWidth)];
    for (const part of node.getClientRects()) {
      for (const down of [0.5, 0.2, 0.8]) {
        for (const along of [0.1, 0.3, 0.7, 0.9]) {
          const [x, y] = [part.left + part.width * along, part.top + part.height * down];
          if (isOwn(struck(x, y))) return { x: x - left, y: y - top };
        }
      }
    }
    return null;
  };

  const optionsOf = (list) => [...list.options].map((option, index) => ({
    index, text: clean(option.label || option.text, 200), value: option.value.slice(0, 200), selected: option.selected,
    disabled: option.disabled || option.parentElement.disabled === true,
  }));
  const CHOICES = "[role=option], [role=menuitem], [role=menuitemradio], [role=menuitemcheckbox], [role=treeitem], option";
  // The choices that belong to a list of the page's own making: named by it, inside it, else any that are shown.
  const choicesOf = (node) => {
    const inputs = [node, ...node.querySelectorAll("[aria-controls], [aria-owns]")];
    const ids = inputs.flatMap((n) => [n.getAttribute("aria-controls"), n.getAttribute("aria-owns")]).filter(Boolean);
    const lists = ids.flatMap((id) => id.split(/\s+/)).map((id) => node.getRootNode().getElementById?.(id) ?? win.document.getElementById(id));
    const shown = (root) => [...root.querySelectorAll(CHOICES)].filter((n) => n.localName !== "option" && isShown(n));
    for (const root of [...lists.filter(Boolean), node]) {
      const found = shown(root);
      if (found.length) return found;
      const items = [...root.querySelectorAll("li, [data-value]")].filter(isShown);
      if (root !== node && items.length) return items;
    }
    const anywhere = shown(win.document);
    if (anywhere.length) return anywhere;
    // A list without roles, drawn next to the field it belongs to.
    return [...(node.parentElement?.querySelectorAll("li") ?? [])].filter(isShown);
  };

  const root = win.document.scrollingElement;
  const { body, documentElement: html } = win.document;
  const flowOf = (node) => win.getComputedStyle(node).overflowY;
  const overflows = (node) => node.scrollHeight > node.clientHeight + 1;
  // What the style of the root says goes for the window; that of the body only where the root says nothing.
  const bodyScrolls = body !== root && flowOf(html) !== "visible";
  const canScroll = () => overflows(root) && !/hidden|clip/.test(flowOf(bodyScrolls || !body ? html : body));
  const scrollable = (node) => {
    for (let at = node; at; at = parentOf(at)) {
      if (at === root || at === html || (at === body && !bodyScrolls)) break;
      if (/auto|scroll|overlay/.test(flowOf(at)) && overflows(at) && at.clientHeight > 30) return at;
    }
    return root;
  };
  const mainArea = () => {
    const middle = struck(win.innerWidth / 2, win.innerHeight / 2) ?? html;
    let dialog = middle;
    while (dialog && !dialog.matches("dialog, [role=dialog], [role=alertdialog], [aria-modal=true]")) dialog = parentOf(dialog);
    if (canScroll() && !dialog) return root;
    // A dialog, or an application that fills the window, has an area of its own: what is under the middle of the window.
    const inner = scrollable(middle);
    const areas = [...(dialog ?? win.document).querySelectorAll("body, main, section, div, ul, article")].filter((n) => scrollable(n) === n);
    if (inner !== root && (!dialog || contains(dialog, inner) || !areas.length)) return inner;
    const [largest] = areas.sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight);
    return largest ?? (dialog && !canScroll() ? dialog : root);
  };

  const calls = {
    facts: () => {
      const box = element.getBoundingClientRect();
      const outside = box.bottom <= 0 || box.right <= 0 || box.top >= win.innerHeight || box.left >= win.innerWidth;
      if (outside) element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
      const tag = element.localName;
      return {
        tag, kind: kindOf(element), connected: element.isConnected, disabled: isDisabled(element), state: stateOf(element),
        sorts: columnOf(element) !== null, cover: coverOf(element), instead: standIn(element) !== null,
        spot: spotOf(element),
      };
    },
    spot: () => spotOf(element),
    standIn: () => standIn(element),
    state: () => (element.isConnected ? stateOf(element) : null),
    cover: () => coverOf(element),
    field: () => {
      const field = fieldOf(element);
      if (!field) return null;
      const number = (text) => (text === "" || text == null ? null : Number(text));
      const parts = new Intl.DateTimeFormat().formatToParts(new Date(2000, 1, 2)).map((part) => part.type);
      return {
        kind: kindOf(field), inner: field !== element, disabled: isDisabled(field), readonly: field.readOnly === true,
        order: parts.filter((type) => ["day", "month", "year"].includes(type)),
        min: field.min || null, max: field.max || null, step: number(field.step), multiple: field.multiple === true,
      };
    },
    innerField: () => fieldOf(element),
    value: () => (element.isContentEditable ? element.innerText : element.value) ?? "",
    options: () => optionsOf(element),
    optionOwner: () => element.closest("select"),
    choices: () => choicesOf(element).slice(0, 200).map((node) => clean(node.getAttribute("aria-label") || textOf(node), 200)),
    choice: () => choicesOf(element)[argument] ?? null,
    fileField: () => {
      if (element.matches("input[type=file]")) return element;
      if (element.control?.type === "file") return element.control;
      const inner = element.querySelectorAll("input[type=file]");
      return inner.length === 1 ? inner[0] : null;
    },
    scroll: async () => {
      const { up, own } = argument;
      const near = own ? scrollable(element) : null;
      const area = near && (near !== root || canScroll()) ? near : mainArea();
      const before = area.scrollTop;
      win[Symbol.for("plan_and_act.settle")]?.arm(); // no input event announces this
      area.scrollBy({ top: (up ? -1 : 1) * Math.round((area.clientHeight * 2) / 3), behavior: "instant" });
      // What a page loads when a place comes into view is asked for one frame later.
      const frame = () => new Promise((resolve) => (win.requestAnimationFrame(resolve), win.setTimeout(resolve, 100)));
      if (area.scrollTop !== before) await frame().then(frame);
      const screens = (pixels) => Math.round((10 * Math.max(pixels, 0)) / area.clientHeight) / 10;
      return {
        moved: area.scrollTop !== before, page: area === root || area === body, name: nameOf(area).slice(0, 40),
        above: screens(area.scrollTop), below: screens(area.scrollHeight - area.clientHeight - area.scrollTop),
      };
    },
  };
  return calls[name]();
}
