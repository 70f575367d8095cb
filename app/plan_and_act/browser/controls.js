// What a control is: its role, name, value and states. First part of the page script, see observation.py.
// The browser's own functions are taken once, here, so that a page that replaces them later does not matter;
// Array methods, JSON and iterators are not used at all, because old libraries replace them most.
const un = (f) => Function.prototype.call.bind(f);
const getter = (type, name) => un(Object.getOwnPropertyDescriptor(type.prototype, name).get);
// A form's own properties are hidden by its fields (<input name="firstChild">): ask the prototypes.
const typeOf = getter(Node, "nodeType");
const firstOf = getter(Node, "firstChild");
const nextOf = getter(Node, "nextSibling");
const previousOf = getter(Node, "previousSibling");
const parentOf = getter(Node, "parentNode");
const connected = getter(Node, "isConnected");
const dataOf = getter(CharacterData, "data");
const tagOf = getter(Element, "localName");
const countOf = getter(Element, "childElementCount");
const childrenOf = getter(Element, "children");
const shadowOf = getter(Element, "shadowRoot");
const clickHandler = getter(HTMLElement, "onclick");
const attr = un(Element.prototype.getAttribute);
const has = un(Element.prototype.hasAttribute);
const rectOf = un(Element.prototype.getBoundingClientRect);
const rectOfRange = un(Range.prototype.getBoundingClientRect);
const one = un(Element.prototype.querySelector);
const all = un(Element.prototype.querySelectorAll);
const oneIn = un(DocumentFragment.prototype.querySelector);
const allIn = un(DocumentFragment.prototype.querySelectorAll);
const matches = un(Element.prototype.matches);
const closest = un(Element.prototype.closest);
const shown = un(Element.prototype.checkVisibility);
const assigned = un(HTMLSlotElement.prototype.assignedNodes);
const compare = un(Node.prototype.compareDocumentPosition);
const rootOf = un(Node.prototype.getRootNode);
const within = un(Node.prototype.contains);
const styleOf = window.getComputedStyle.bind(window);
const cut = un(String.prototype.slice);
const swap = un(String.prototype.replace);
const split = un(String.prototype.split);
const find = un(String.prototype.indexOf);
const lower = un(String.prototype.toLowerCase);
const trimmed = un(String.prototype.trim);
const tests = un(RegExp.prototype.test);
const { round, floor, abs, min, max } = Math;
const Memory = Map;
const Pool = Set;
const Ref = WeakRef;

const set = (words) => {
  const made = { __proto__: null };
  const list = split(words, " ");
  for (let i = 0; i < list.length; i++) made[list[i]] = true;
  return made;
};
const WIDGETS = set(
  "button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem combobox textbox " +
    "searchbox slider spinbutton",
);
const CONTROLS =
  "a[href],button,input:not([type=hidden]),select,textarea,summary,iframe,area[href],[tabindex]:not([tabindex^='-'])," +
  "[contenteditable]:not([contenteditable=false]),[role=button],[role=link],[role=checkbox],[role=radio],[role=switch]," +
  "[role=tab],[role^=menuitem],[role=option],[role=treeitem],[role=combobox],[role=textbox],[role=slider]";
const INPUT_ROLES = {
  __proto__: null, button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox",
  radio: "radio", range: "slider", number: "spinbutton", search: "searchbox", file: "file", color: "color",
};
const TYPED = set("date time month week datetime-local password");
const SECRET_HINT = /\bcc-|one-time-code|(?:current|new)-password/i;
const SECRET_NAME = /passw|\bpwd|\bcvv|\bcvc|\botp\b/i;
const NAME = 100; // characters of a name
const VALUE = 200; // characters of a value
const OPTIONS = 140; // characters of a list of options

// Zero-width, bidirectional and tag characters carry text that nobody sees; private-use ones are icon fonts.
const UNSEEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ue000-\uf8ff]|[\udb40\udb80-\udbff][\udc00-\udfff]/g;
const SPACES = /[\s\u0000-\u001f\u007f-\u009f]+/g;
// Classes like \p{L} would take a millisecond to compile: what is not ASCII counts as a letter.
const WORDY = /[A-Za-z0-9\u00c0-\u1fff\u2c00-\ud7ff\uf900-\uffef]/;
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;
const squeeze = (text) => (tests(PLAIN, text) ? text : swap(swap(text, UNSEEN, ""), SPACES, " "));
const clean = (text) => trimmed(squeeze(text));
const clip = (text, size) => (text.length > size ? cut(text, 0, size - 1) + "…" : text);

const everPassword = new WeakSet();
// A field that once was a password stays one, also while the page shows it in clear.
const isSecret = (el) => {
  if (attr(el, "type") === "password" || el.type === "password") everPassword.add(el);
  return (
    everPassword.has(el) ||
    tests(SECRET_HINT, attr(el, "autocomplete") || "") ||
    tests(SECRET_NAME, `${attr(el, "name") || ""} ${attr(el, "id") || ""}`)
  );
};

const roleOf = (el, tag) => {
  const given = attr(el, "role");
  if (given) {
    const role = lower(split(trimmed(given), " ")[0]);
    if (WIDGETS[role]) return role;
  }
  switch (tag) {
    case "a":
    case "area":
      return has(el, "href") ? "link" : "";
    case "button":
    case "summary":
      return "button";
    case "input":
      if (has(el, "list")) return "combobox";
      return INPUT_ROLES[el.type] || "textbox";
    case "select":
      return el.multiple || el.size > 1 ? "listbox" : "combobox";
    case "textarea":
      return "textbox";
    case "video":
    case "audio":
      return has(el, "controls") ? tag : "";
    case "canvas":
    case "embed":
    case "object":
      return tag;
  }
  const editable = attr(el, "contenteditable");
  return editable !== null && lower(editable) !== "false" ? "textbox" : "";
};

const INLINE = set("a abbr b bdi bdo cite code em font i kbd label mark q s small strong sub sup time tt u var wbr");
const MUTE = set("script style template noscript head meta link datalist svg math canvas video audio object iframe select textarea");

// The text a person sees in an element; with `unseen` also what is put out of sight for screen readers, with `bare` the
// letters alone: no pictures, and no decoration like icons that are ligatures.
const textOf = (el, size, unseen, skip, bare) => {
  let out = "";
  const own = styleOf(el);
  const ink = own.color;
  const gather = (node) => {
    if (out.length > size) return;
    const type = typeOf(node);
    if (type === 3) {
      out += dataOf(node);
      return;
    }
    if (type !== 1 || node === skip) return;
    const tag = tagOf(node);
    if (bare && (tag === "svg" || tag === "img" || attr(node, "aria-hidden") === "true")) return;
    if (tag === "svg") {
      const title = attr(node, "aria-label") || (one(node, "title") || {}).textContent;
      if (title) out += ` ${title} `;
      return;
    }
    if (tag === "img") {
      const alt = attr(node, "alt");
      if (alt) out += ` ${alt} `;
      return;
    }
    if (tag === "br") out += " ";
    if (MUTE[tag] || tag === "input") return;
    let gap = !INLINE[tag];
    if (node !== el) {
      const style = styleOf(node);
      if (style.display === "none" || style.visibility !== "visible" || style.opacity === "0") return;
      if (!unseen && style.display !== "contents" && concealed(node, style)) return;
      if (style.color !== ink && !legible(node, style, null)) return;
      gap = find(style.display, "inline") !== 0 && style.display !== "contents";
    }
    if (gap) out += " ";
    each(node, tag, gather);
    if (gap) out += " ";
  };
  if (!unseen && !readable(own)) return "";
  each(el, tagOf(el), gather);
  return clean(out);
};

const clippedAway = (style) => style.clipPath !== "none" && tests(/^inset\((?:50|100)%\)|^circle\(0/, style.clipPath);
const readable = (style) => parseFloat(style.fontSize) >= 2 && parseFloat(style.textIndent) > -200;
const concealed = (el, style) => {
  if (!readable(style) || clippedAway(style) || style.contentVisibility === "hidden") return true;
  if (style.overflow === "visible" && style.position === "static" && style.transform === "none") return false;
  const box = rectOf(el);
  if (box.right + window.scrollX <= 0 || box.bottom + window.scrollY <= 0) return true;
  return (box.width <= 2 || box.height <= 2) && (style.overflow !== "visible" || style.transform !== "none");
};

// What is behind an element's text: the colour, null when it cannot be told (a picture), and whether a box between the
// two was lifted out of its place. Remembered for one walk.
let papers = new Memory();
let washes = new Memory();
const SOLID = 0.95;
const around = (el) => {
  const up = el.assignedSlot || parentOf(el);
  const outer = up && typeOf(up) === 11 ? up.host : up;
  return outer && typeOf(outer) === 1 ? outer : null;
};
const paperOf = (el, style) => {
  let paper = papers.get(el);
  if (paper) return paper;
  const ground = style.backgroundImage === "none" ? channels(style.backgroundColor) : null;
  if (!ground || ground[3] > SOLID) paper = { ground, lifted: false };
  else {
    const up = around(el);
    paper = up ? paperOf(up, styleOf(up)) : { ground: canvasOf(), lifted: false };
    const lifted = paper.lifted || style.position !== "static";
    if (ground[3] || lifted !== paper.lifted) paper = { ground: over(ground, paper.ground), lifted };
  }
  papers.set(el, paper);
  return paper;
};
const canvasOf = () => {
  const style = styleOf(document.body || document.documentElement);
  if (style.backgroundImage !== "none" || style.colorScheme === "dark") return null;
  const ground = channels(style.backgroundColor);
  return ground ? over(ground, [255, 255, 255, 1]) : [255, 255, 255, 1];
};
// A colour that lets another one through.
const over = (a, b) => {
  if (!b) return a[3] > 0.5 ? a : null;
  const mix = (i) => a[i] * a[3] + b[i] * (1 - a[3]);
  return [mix(0), mix(1), mix(2), 1];
};

// Does the text that stands directly in an element differ from what is behind it?
const legible = (el, style, box) => {
  const ink = channels(style.color);
  if (!ink) return true;
  if (ink[3] < 0.05) return style.webkitBackgroundClip === "text" || style.webkitTextStrokeWidth !== "0px";
  const { ground, lifted } = paperOf(el, style);
  return !ground || !alike(ink, ground) || (lifted && stacked(ink, box || rectOf(el))) || washed(el, ink);
};
const alike = (a, b) => abs(a[0] - b[0]) < 7 && abs(a[1] - b[1]) < 7 && abs(a[2] - b[2]) < 7;
// Text that is lifted out of its place may stand on a picture or a box that is not its ancestor.
const stacked = (ink, box) => {
  const x = (max(box.left, 0) + min(box.right, window.innerWidth)) / 2;
  const y = (max(box.top, 0) + min(box.bottom, window.innerHeight)) / 2;
  if (x < box.left || x > box.right || y < box.top || y > box.bottom) return true; // out of view: no way to tell
  const stack = document.elementsFromPoint(x, y);
  for (let i = 0; i < stack.length; i++) {
    if (tests(/^(?:img|video|canvas|svg|iframe|picture)$/, tagOf(stack[i]))) return true;
    const style = styleOf(stack[i]);
    if (style.backgroundImage !== "none") return true;
    const paper = channels(style.backgroundColor);
    if (paper && paper[3] > 0.5) return !alike(ink, paper);
  }
  const ground = canvasOf();
  return !ground || !alike(ink, ground);
};
// Text may also stand on what a style draws before or after the content of a box around it.
// Asked of ink that is like its ground alone, which is the same for all text in the box: one answer does for all.
const washed = (el, ink) => {
  let found = washes.get(el);
  if (found === undefined) {
    const ground = channels(styleOf(el).backgroundColor);
    const up = ground && ground[3] > SOLID ? null : around(el);
    found = draws(el, "::before", ink) || draws(el, "::after", ink) || (up !== null && washed(up, ink));
    washes.set(el, found);
  }
  return found;
};
const draws = (el, pseudo, ink) => {
  const style = styleOf(el, pseudo);
  if (style.content === "none" || style.content === "normal" || style.display === "none") return false;
  if (!(parseFloat(style.width) >= 16 && parseFloat(style.height) >= 16)) return false; // a bullet, a line
  const ground = channels(style.backgroundColor);
  return style.backgroundImage !== "none" || !ground || (ground[3] > 0.05 && !alike(ink, ground));
};

// Children as they are laid out: the shadow tree instead of the light one, what a slot was given instead of its own.
const each = (el, tag, visit) => {
  if (tag === "slot") {
    const given = assigned(el);
    for (let i = 0; i < given.length; i++) visit(given[i]);
    if (given.length) return;
  }
  for (let node = firstOf(shadowOf(el) || el); node; node = nextOf(node)) visit(node);
};

const byIds = (el, ids) => {
  const root = rootOf(el);
  const list = split(trimmed(ids), SPACES);
  let out = "";
  for (let i = 0; i < list.length; i++) {
    const found = root.getElementById && root.getElementById(list[i]);
    if (found) out += ` ${textOf(found, NAME, true)}`;
  }
  return clean(out);
};

const ICON = /(?:^|[\s_-])(?:icon|fa|fas|far|bi|ti|mdi|glyphicon|octicon|lucide|ion)-([a-z][a-z0-9-]+)/i;
const iconOf = (el) => {
  const found = all(el, "[class*=icon],[class*=fa-],i[class],svg[class],use");
  for (let i = -1; i < found.length && i < 4; i++) {
    const node = i < 0 ? el : found[i];
    const text = `${attr(node, "class") || ""} ${attr(node, "name") || attr(node, "icon") || ""}`;
    const hit = ICON.exec(text) || (tagOf(node) === "use" && /#(?:icon-)?([\w-]+)$/.exec(attr(node, "href") || ""));
    if (hit) return swap(hit[1], /[-_]+/g, " ");
  }
  return "";
};

// The text just before a field, or before what wraps it: how people label forms without labels.
const nearby = (el) => {
  let node = el;
  for (let level = 0; level < 3 && node; level++) {
    let before = previousOf(node);
    for (let hops = 0; before && hops < 4; hops++, before = previousOf(before)) {
      const type = typeOf(before);
      if (type === 1 && !shown(before, { visibilityProperty: true, opacityProperty: true })) continue;
      const text = type === 3 ? clean(dataOf(before)) : type === 1 && !matches(before, CONTROLS) && !one(before, CONTROLS) ? textOf(before, 60, false) : "";
      if (tests(WORDY, text)) return text.length <= 60 ? text : "";
    }
    node = parentOf(node);
    if (node && typeOf(node) !== 1) node = null;
  }
  return "";
};

const COLOURS = {
  __proto__: null, black: [0, 0, 0], white: [255, 255, 255], grey: [128, 128, 128], red: [255, 0, 0], green: [0, 160, 0],
  blue: [0, 0, 255], yellow: [255, 255, 0], orange: [255, 165, 0], purple: [128, 0, 128], magenta: [255, 0, 255],
  pink: [255, 192, 203], cyan: [0, 255, 255], brown: [139, 69, 19], olive: [128, 128, 0],
};
const parsed = { __proto__: null };
const channels = (colour) => {
  if (parsed[colour] !== undefined) return parsed[colour];
  const hit = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(colour);
  return (parsed[colour] = hit ? [+hit[1], +hit[2], +hit[3], hit[4] === undefined ? 1 : +hit[4]] : null);
};
const colourName = (colour) => {
  const c = channels(colour);
  if (!c || !c[3]) return "";
  let best = "";
  let least = Infinity;
  for (const name in COLOURS) {
    const o = COLOURS[name];
    const far = (c[0] - o[0]) ** 2 + (c[1] - o[1]) ** 2 + (c[2] - o[2]) ** 2;
    if (far < least) {
      best = name;
      least = far;
    }
  }
  return best;
};

// A last resort for what has no name at all: every ref gets one, because small models copy names, not numbers.
const speaks = (text) => (text && tests(WORDY, text) ? clean(text) : "");
const fallback = (el, tag, role) => {
  const picture = one(el, "img[alt],[aria-label],[title]");
  const href = attr(el, "href") || "";
  const tail = swap(swap(href, /[?#].*$/, ""), /\/+$/, "");
  const src = attr(one(el, "img[src]") || el, "src") || "";
  return (
    (picture && speaks(attr(picture, "alt") || attr(picture, "aria-label") || attr(picture, "title"))) ||
    speaks(attr(el, "data-title") || attr(el, "data-tooltip") || attr(el, "data-original-title") || attr(el, "data-label")) ||
    iconOf(el) ||
    speaks(swap(swap(tail, /^.*\//, ""), /\.\w{1,5}$/, "")) ||
    speaks(href[0] === "#" ? cut(href, 1) : "") ||
    (find(src, "data:") === 0 ? "" : speaks(swap(swap(src, /[?#].*$/, ""), /^.*\//, ""))) ||
    speaks(attr(el, "name") || attr(el, "data-testid") || attr(el, "id")) ||
    (role === "clickable" ? colourName(styleOf(el).backgroundColor) : nearby(el)) ||
    speaks(attr(el, "class")) ||
    role
  );
};

const FIELDS = set("input select textarea");
// A label that is bound to nothing but stands just before the field, or before what wraps it.
const labelBefore = (el) => {
  let node = el;
  for (let level = 0; level < 2 && node; level++, node = parentOf(node)) {
    let before = previousOf(node);
    while (before && typeOf(before) !== 1) before = previousOf(before);
    if (before && tagOf(before) === "label" && !before.control) return textOf(before, NAME, false);
  }
  return "";
};
const labelOf = (el) => {
  const ids = attr(el, "aria-labelledby");
  return (ids && byIds(el, ids)) || clean(attr(el, "aria-label") || "");
};
const nameOf = (el, tag, role) => {
  let name = labelOf(el);
  if (name) return name;
  const field = FIELDS[tag];
  if (field) {
    if (role === "button") {
      const type = el.type;
      name = clean((type === "image" ? attr(el, "alt") : el.value) || (type === "submit" ? "Submit" : type === "reset" ? "Reset" : ""));
    }
    for (let i = 0; !name && el.labels && i < el.labels.length; i++) {
      name = textOf(el.labels[i], NAME, false, el) || textOf(el.labels[i], NAME, true, el);
    }
  } else if (role !== "textbox" && tag !== "canvas" && tag !== "iframe") {
    name = textOf(el, NAME * 2, false) || textOf(el, NAME, true);
  }
  if (name && tests(/[!-~\u00a1-\uffff]/, name)) return name;
  if (field) name = labelBefore(el);
  name = name || clean(attr(el, "title") || attr(el, "placeholder") || attr(el, "data-placeholder") || attr(el, "alt") || attr(el, "aria-description") || "");
  if (name) return name;
  return (field || role === "textbox" ? nearby(el) : "") || fallback(el, tag, role);
};

const VALUED = set("textbox searchbox combobox listbox slider spinbutton");
const BREAKS = /[^A-Za-z0-9\u00c0-\u1fff\u2c00-\ud7ff\uf900-\uffef]+/g;
// What a control shows beside what its label says: a price, a count. Single letters are crosses and the like.
const unsaid = (el, tag, role, name) => {
  if (FIELDS[tag] || MUTE[tag] || VALUED[role] || !labelOf(el)) return "";
  const text = textOf(el, NAME * 2, false, null, true);
  const said = ` ${swap(lower(name), BREAKS, " ")} `;
  const words = split(swap(lower(text), BREAKS, " "), " ");
  for (let i = 0; i < words.length; i++) {
    if (tests(/..|[^a-z]/, words[i]) && find(said, ` ${words[i]} `) < 0) return trimmed(swap(` ${text} `, ` ${name} `, " "));
  }
  return "";
};

const yes = (el, name) => attr(el, name) === "true";
// What sorts a column: its header, where that can be clicked, or a control in it; people see an arrow on it.
const SORTERS = { button: true, link: true, clickable: true };
const CELL = "td,th,[role=columnheader],[role=cell],[role=gridcell]";
const statesOf = (el, tag, role, focus, row) => {
  let out = "";
  const add = (word) => {
    out += out ? `, ${word}` : word;
  };
  const type = tag === "input" ? el.type : "";
  if (TYPED[type]) add(type);
  const ticked = attr(el, "aria-checked");
  if ((type === "checkbox" || type === "radio") && ticked === null) {
    if (el.indeterminate) add("mixed");
    else if (el.checked) add("checked");
  } else if (ticked === "true") add("checked");
  else if (ticked === "mixed") add("mixed");
  if (yes(el, "aria-selected")) add("selected");
  if (yes(el, "aria-pressed")) add("pressed");
  const open = tag === "summary" ? `${Boolean(parentOf(el).open)}` : attr(el, "aria-expanded");
  if (open === "true") add("expanded");
  else if (open === "false") add("collapsed");
  const cell = row && SORTERS[role] ? closest(el, CELL) : null;
  const sort = cell && attr(cell, "aria-sort");
  if (sort === "ascending" || sort === "descending") add(`sorted ${sort}`);
  const current = attr(el, "aria-current");
  if (current && current !== "false") add("current");
  if (yes(el, "aria-disabled") || matches(el, ":disabled")) add("disabled");
  if (FIELDS[tag] ? el.required : yes(el, "aria-required")) add("required");
  if ((FIELDS[tag] && el.readOnly && role !== "button") || yes(el, "aria-readonly")) add("read-only");
  if (yes(el, "aria-invalid")) add("invalid");
  if (tag === "select" && el.multiple) add("multiple");
  if (el === focus) add("focused");
  return out;
};

const NOTHING = { text: "", secret: false, options: "" };
const valueOf = (el, tag, role) => {
  if (tag === "select") {
    const chosen = el.selectedOptions;
    let value = "";
    for (let i = 0; i < chosen.length && i < 5; i++) value += (i ? ", " : "") + clean(chosen[i].label || chosen[i].text);
    return { text: clip(value, VALUE), secret: false, options: optionsOf(el.options) };
  }
  if (tag === "input" || tag === "textarea") {
    if (tag === "input" && (role === "button" || role === "checkbox" || role === "radio" || role === "switch")) return NOTHING;
    const secret = isSecret(el);
    const value = el.type === "file" ? swap(el.value, /^.*[\\/]/, "") : el.value;
    const text = secret ? (value ? `${value.length}` : "") : clip(clean(cut(value, 0, 2 * VALUE)), VALUE);
    return { text, secret, options: el.list ? optionsOf(el.list.options) : "" };
  }
  if (role === "textbox" || role === "searchbox" || role === "combobox") {
    const editable = attr(el, "contenteditable") !== null || el.isContentEditable;
    return editable || role === "combobox" ? { text: clip(textOf(el, VALUE, false), VALUE), secret: false, options: "" } : NOTHING;
  }
  if (role === "slider" || role === "spinbutton") {
    return { text: clean(attr(el, "aria-valuetext") || attr(el, "aria-valuenow") || ""), secret: false, options: "" };
  }
  return NOTHING;
};

const optionsOf = (options) => {
  let out = "";
  let i = 0;
  for (; i < options.length && out.length < OPTIONS; i++) out += (i ? " | " : "") + clip(clean(options[i].label || options[i].text || options[i].value), 40);
  return i < options.length ? `${out} | … ${options.length - i} more` : out;
};
