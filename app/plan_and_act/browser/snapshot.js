// One walk over what is laid out, in reading order. Last part of the page script, see observation.py.
// It only reads: no attribute, no style, no node of the page is changed, and layout is asked for once.
//
// The answer is one flat string, because pages replace JSON and array methods: lines end with RS, their fields with US,
// the fields of a control with GS. The first line is about the document.
const RS = "\x1e";
const US = "\x1f";
const GS = "\x1d";
const SKIP = set("script style template noscript head meta link title base datalist source track param colgroup col br wbr");
// What is counted of parts that are not walked: tags only, which is several times faster than with attributes.
const COUNTED = "a,button,input,select,textarea,summary,h1,h2,h3,h4,p,pre";
const LANDMARKS = { __proto__: null, nav: "navigation", aside: "complementary", dialog: "dialog", search: "search" };
const NAMED = { __proto__: null, form: "form", section: "region", fieldset: "group", table: "table" };
const GROUPS = set("navigation complementary banner contentinfo dialog alertdialog search alert");
const NAMED_GROUPS = set(
  "form region group radiogroup toolbar tablist tabpanel menu menubar listbox tree grid table treegrid list figure feed " +
    "status log article",
);
const CELLS = set("cell gridcell columnheader rowheader");
const SHAPES = "rect,circle,ellipse,polygon,polyline,line,path,text";
const TEXT = 1500; // characters of one run of text
const LONG = 128; // children of an element from which it is a long list
const SMALL = 600; // elements of a page on which svg shapes are listed one by one
const open = { l: -Infinity, t: -Infinity, r: Infinity, b: Infinity };

const ids = new WeakMap();
const elements = new Memory();
let last = 0;
const idOf = (el) => {
  let id = ids.get(el);
  if (!id) {
    id = ++last;
    ids.set(el, id);
    elements.set(id, new Ref(el));
  }
  return id;
};

// How far a box is outside another one, in pixels: negative above, positive below (or beside), 0 when they meet.
const away = (box, view) => {
  if (box.bottom <= view.t) return box.bottom - view.t - 1;
  if (box.top >= view.b) return box.top - view.b + 1;
  if (box.right <= view.l) return view.l - box.right + 1;
  if (box.left >= view.r) return box.left - view.r + 1;
  return 0;
};
const farther = (base, more) => (base ? (base > 0 ? base + abs(more) : base - abs(more)) : more);
const meet = (a, box) => ({ l: max(a.l, box.left), t: max(a.t, box.top), r: min(a.r, box.right), b: min(a.b, box.bottom) });

const activeIn = (root) => {
  let el = root.activeElement;
  while (el && shadowOf(el) && shadowOf(el).activeElement) el = shadowOf(el).activeElement;
  return el && el !== document.body ? el : null;
};

const walk = (request, reach, keep) => {
  const view = { l: request.view[0], t: request.view[1], r: request.view[2], b: request.view[3] };
  const tall = view.b - view.t;
  const focus = activeIn(document);
  const total = document.getElementsByTagName("*").length;
  const lines = [];
  const layers = []; // positioned boxes: [element, first line, line after the last, box, is it a modal]
  const left = [{ above: 0, below: 0 }]; // what was not walked, by scroll area; 0 is the document
  const pruned = [];
  const runs = new Memory(); // parents of long lists: the first child that was skipped
  let reachDown = reach.down; // shrinks as soon as enough is in sight
  const outside = (at) => (at < 0 ? -at > reach.up : at > reachDown);
  let line = null;
  let depth = 0;
  let heads = []; // group headers waiting for their first line
  let row = 0;
  let chars = 0;

  const flush = () => {
    if (line && line.body) {
      for (let i = 0; i < heads.length; i++) {
        heads[i].at = line.at;
        heads[i].top = line.top;
        heads[i].area = line.area;
        lines[lines.length] = heads[i];
      }
      heads = [];
      lines[lines.length] = line;
      chars += line.size + 2;
      // Enough is in sight: from here on only what is nearer than this line can still be wanted.
      if (chars > request.chars && line.at >= 0 && line.at < reachDown) reachDown = line.at;
    }
    line = null;
  };
  const start = (el, at, top, area) => {
    if (!line) line = { kind: "t", depth, at, top, area, body: "", size: 0, space: false, words: false, el };
    else if (abs(at) < abs(line.at)) line.at = at;
    return line;
  };
  const stop = () => {
    if (row) {
      if (line) line.space = true;
    } else flush();
  };
  const write = (el, text, at, top, area) => {
    const target = start(el, at, top, area);
    if (target.space && target.body && text[0] !== " ") text = ` ${text}`;
    target.space = false;
    target.body += `${US}t${text}`;
    target.size += text.length;
    target.words = target.words || tests(WORDY, text);
  };
  // id, role, tag, type, name, value, secret, options, states, placeholder
  const control = (el, tag, role, name, at, top, area, about = el, value = valueOf(about, tagOf(about), role)) => {
    // Controls side by side get lines of their own, and so does the rest of a very long line: lines are what is chosen from.
    if (!row && line && line.body && (!line.words || line.body.length > 600)) flush();
    const target = start(el, at, top, area);
    target.space = false;
    const kind = about === el ? tag : tagOf(about);
    const states = statesOf(about, kind, role, focus, row);
    const hint = kind === "input" || kind === "textarea" ? clip(clean(attr(about, "placeholder") || ""), 60) : "";
    target.size += min(name.length, NAME) + value.text.length + value.options.length + states.length + hint.length + 18;
    target.body +=
      `${US}c${idOf(el)}${GS}${role}${GS}${kind}${GS}${kind === "input" ? about.type : ""}${GS}${clip(name, NAME)}${GS}` +
      `${value.text}${GS}${value.secret ? 1 : ""}${GS}${value.options}${GS}${states}${GS}${hint}`;
  };

  const prune = (el, at, area) => {
    pruned[pruned.length] = el;
    const count = all(el, COUNTED).length || 1;
    if (at < 0) left[area].above += count;
    else left[area].below += count;
  };

  const words = (node, here) => {
    const data = dataOf(node);
    if (!tests(/\S/, data)) {
      if (line) line.space = true;
      return;
    }
    if (here.mute) return;
    if (here.plain === undefined) here.plain = readable(here.style) && legible(here.el, here.style, here.box);
    if (!here.plain) return;
    let at = here.at;
    let top = here.box.top;
    let text = data;
    if (here.box.height > tall || !here.box.height || here.at === null) {
      const range = document.createRange();
      range.selectNode(node);
      const box = rectOfRange(range);
      if (!box.width || !box.height) return;
      at = farther(here.base, away(box, here.soft));
      top = box.top;
      if (text.length > TEXT && box.top < here.soft.t - tall) text = cut(text, firstSeen(node, here.soft.t, range));
    }
    if (outside(at)) {
      if (at < 0) left[here.area].above++;
      else left[here.area].below++;
      return;
    }
    if (text.length > 4 * TEXT) text = cut(text, 0, 4 * TEXT);
    if (find(text, "\n") >= 0 && tests(/^(?:pre|break)/, here.style.whiteSpace)) {
      const parts = split(text, "\n");
      for (let i = 0; i < parts.length && i < 60; i++) {
        if (i) flush();
        const part = squeeze(parts[i]);
        if (part) write(here.el, clip(part, TEXT), at, top, here.area);
      }
      return;
    }
    text = squeeze(text);
    if (text && text !== " ") write(here.el, clip(text, TEXT), at, top, here.area);
  };

  const group = (role, name, here, el, fill) => {
    flush();
    const head = { kind: "g", depth, at: here.at, top: here.box.top, area: here.area, body: `${US}t${role}${US}t${clip(name, 60)}` };
    const waiting = heads;
    heads = [];
    for (let i = 0; i < waiting.length; i++) heads[i] = waiting[i];
    heads[heads.length] = head;
    const before = lines.length;
    depth++;
    fill();
    flush();
    depth--;
    if (lines.length === before) heads = waiting;
  };

  const inside = (el, tag, here) => {
    if (countOf(el) > LONG && tag !== "slot" && !shadowOf(el)) {
      longList(el, here);
      return;
    }
    each(el, tag, (node) => {
      const type = typeOf(node);
      if (type === 1) visit(node, here);
      else if (type === 3) words(node, here);
    });
  };

  // A long list: when its items have been out of reach for a while, and samples of the rest are too, the rest is counted.
  const longList = (el, here) => {
    let streak = 0;
    let index = 0;
    for (let node = firstOf(el); node; node = nextOf(node)) {
      const type = typeOf(node);
      if (type === 3) words(node, here);
      if (type !== 1) continue;
      const before = pruned.length;
      visit(node, here);
      index++;
      streak = pruned.length === before + 1 && pruned[before] === node ? streak + 1 : 0;
      if (streak !== 12 || keep.has(el)) continue;
      const items = childrenOf(el);
      const end = items.length - 12;
      let beyond = end - index > LONG / 2;
      for (let i = 0; beyond && i <= 8; i++) {
        const box = rectOf(items[index + floor(((end - index) * i) / 8)]);
        beyond = !box.height || outside(farther(here.base, away(box, here.soft)));
      }
      if (!beyond) continue;
      const counted = all(el, COUNTED);
      const count = countBefore(counted, items[end]) - countBefore(counted, items[index]);
      const sign = away(rectOf(items[index]), here.soft);
      if (sign < 0) left[here.area].above += count;
      else left[here.area].below += count;
      if (!runs.has(el)) runs.set(el, items[index]);
      node = items[end - 1];
      index = end;
    }
  };

  // A control with controls or much text inside: a line of its own, what its name does not say indented below.
  const holder = (el, tag, role, name, more, here) => {
    flush();
    if (name.length <= NAME && !more) here.veil = here.mute = true;
    control(el, tag, role, name, here.at, here.box.top, here.area);
    flush();
    depth++;
    inside(el, tag, here);
    flush();
    depth--;
  };

  // A control, and after it what it shows beside its name.
  const simple = (el, tag, role, name, more, at, top, area) => {
    control(el, tag, role, name, at, top, area);
    if (!more) return;
    const { words } = line;
    write(el, ` ${more}`, at, top, area);
    line.space = true;
    line.words = words; // controls side by side still get lines of their own
  };

  // No scrolling brings such a box into view.
  const gone = (box) => box.right + request.x <= 0 || box.bottom + request.y <= 0;
  // The track of a carousel is beside its frame when the first of its slides is, and the others flow out of it.
  const sideways = (el, box, hard) => {
    const edge = max(hard.l, -request.x);
    return box.right <= edge && box.left + el.scrollWidth > edge && box.bottom > hard.t && box.top < hard.b && styleOf(el).overflowX === "visible";
  };
  // A page that draws its own boxes hides the browser's, one way or another: their labels stand for them.
  const unprinted = (field) => {
    const box = rectOf(field);
    const style = styleOf(field);
    return box.width <= 2 || box.height <= 2 || gone(box) || style.visibility !== "visible" || clippedAway(style);
  };

  const holds = (el) => one(el, CONTROLS) || (shadowOf(el) && oneIn(shadowOf(el), CONTROLS));

  const shapes = (svg, here) => {
    const found = all(svg, SHAPES);
    if (total > SMALL || found.length > 100 || here.box.width < 40 || here.box.height < 40) {
      if (one(svg, "a,[role],[tabindex],[onclick]")) inside(svg, "svg", here);
      return;
    }
    flush();
    for (let i = 0; i < found.length; i++) {
      const shape = found[i];
      const box = rectOf(shape);
      if ((!box.width && !box.height) || !shown(shape, { visibilityProperty: true, opacityProperty: true })) continue;
      const tag = tagOf(shape);
      const style = styleOf(shape);
      const fill = colourName(style.fill) || colourName(style.stroke);
      const size = `${round(box.width)}x${round(box.height)}`;
      const text = tag === "text" ? ` ${clean(shape.textContent)}` : "";
      const kind = tag === "polygon" && split(clean(attr(shape, "points") || ""), /[ ,]+/).length === 6 ? "triangle" : tag;
      const name = `${fill ? `${fill} ` : ""}${kind}${text} ${size} at ${round(box.left)},${round(box.top)}`;
      control(shape, tag, "shape", name, farther(here.base, away(box, here.soft)), box.top, here.area);
      flush();
    }
  };

  const visit = (el, up) => {
    const tag = tagOf(el);
    if (SKIP[tag]) {
      if (tag === "br") stop();
      return;
    }
    const box = rectOf(el);
    const empty = !box.width || !box.height;
    const body = tag === "html" || (tag === "body" && !scrollsItself(el));
    let { soft, hard, base, area } = up;
    let at = null;
    let style = null;
    let beside = false;
    let flows = false;
    if (!empty && !body) {
      const lost = !base && gone(box);
      let hidden = away(box, hard) !== 0;
      if (lost || hidden) flows = beside = sideways(el, box, hard);
      if (lost && !flows) return;
      at = farther(base, away(box, soft));
      if (hidden || outside(at)) {
        if (!hidden && at > 0 && soft === view && !keep.has(el)) {
          prune(el, at, area);
          return;
        }
        style = styleOf(el);
        if (style.position === "absolute" || style.position === "fixed") {
          ({ soft, hard, base, area } = style.position === "fixed" ? fixed : up.anchor);
          hidden = away(box, hard) !== 0;
          at = farther(base, away(box, soft));
        }
        // What flows out of a box of fixed height (html, body { height: 100% }) can be in view when the box is not.
        flows = flows || (style.overflowY === "visible" && at < 0 && box.top + el.scrollHeight > soft.t);
        if (hidden && !flows) return;
        if (outside(at) && !flows && !keep.has(el)) {
          if (style.display !== "none" && style.visibility === "visible") prune(el, at, area);
          return;
        }
      }
    }
    if (has(el, "inert")) return;
    style = style || styleOf(el);
    const display = style.display;
    if (display === "none") {
      if (tag === "input" && el.type === "file" && !(el.labels && el.labels.length) && !up.mute) {
        control(el, tag, "file", nameOf(el, tag, "file"), up.at || 0, up.box.top, up.area);
      }
      return;
    }
    const position = style.position;
    const lifted = position === "absolute" || position === "fixed";
    if (lifted) {
      ({ soft, hard, base, area } = position === "fixed" ? fixed : up.anchor);
      if (!empty) {
        at = farther(base, away(box, soft));
        if ((away(box, hard) || (position === "fixed" && at)) && !flows) return;
      }
    }
    let ghost = up.ghost;
    if (style.opacity === "0" && !ghost) {
      if (tag !== "input" && tag !== "select" && !one(el, "input,select")) return;
      ghost = true;
    }
    if (clippedAway(style)) return;
    const mute = up.veil || ghost || style.visibility !== "visible";
    const overflow = body ? "visible" : style.overflowX; // one is never visible without the other
    const here = {
      up, el, style, box, at, soft, hard, base, area, mute, ghost,
      veil: up.veil, anchor: up.anchor, pointer: style.cursor === "pointer", plain: beside ? false : undefined,
    };
    if (overflow !== "visible" && display !== "inline" && display !== "contents") {
      if (box.width <= 2 || box.height <= 2) return;
      const scrolls = (tests(/auto|scroll/, overflow) || tests(/auto|scroll/, style.overflowY)) && (el.scrollHeight > el.clientHeight + 4 || el.scrollWidth > el.clientWidth + 4);
      if (scrolls) {
        here.base = at || 0;
        here.soft = at ? { l: box.left, t: box.top, r: box.right, b: box.bottom } : meet(soft, box);
        here.hard = open;
        here.area = left.length;
        left[here.area] = { above: 0, below: 0 };
      } else here.hard = meet(hard, box);
    } else if (empty && display !== "contents" && !firstOf(el) && !shadowOf(el)) return;
    if (position !== "static") here.anchor = { soft: here.soft, hard: here.hard, base: here.base, area: here.area };

    const block = display !== "contents" && find(display, "inline") !== 0;
    if (block) stop();
    const modal = attr(el, "aria-modal") === "true" || (tag === "dialog" && matches(el, ":modal"));
    if ((lifted || modal) && !empty && !at && !mute) {
      if (!row) flush();
      const layer = { el, from: lines.length, to: 0, box, modal };
      layers[layers.length] = layer;
      render(el, tag, here, empty, display);
      stop();
      layer.to = lines.length;
      return;
    }
    render(el, tag, here, empty, display);
    if (block) stop();
  };

  const render = (el, tag, here, empty, display) => {
    const { box, area, style, up } = here;
    const at = here.at === null ? up.at || 0 : here.at;
    const top = box.top;
    if (tag === "label") {
      const target = el.control;
      if (target && !here.mute) {
        if (unprinted(target) && !gone(box)) {
          const kind = tagOf(target);
          const role = roleOf(target, kind);
          control(el, tag, role, textOf(el, NAME, false, target) || nameOf(target, kind, role), at, top, area, target);
          here.veil = here.mute = true; // only what else stands in the label
        } else if (textOf(el, NAME + 1, false, target).length <= NAME) here.veil = here.mute = true;
      }
      inside(el, tag, here);
      return;
    }
    if (tag === "iframe" || tag === "frame") {
      if (box.width < 10 || box.height < 10 || here.mute) return;
      flush();
      const name = clean(attr(el, "aria-label") || attr(el, "title") || attr(el, "name") || "") || nearby(el) || "frame";
      control(el, tag, "iframe", name, at, top, area, el, NOTHING);
      const x = box.left + el.clientLeft;
      const y = box.top + el.clientTop;
      const seen = at ? { l: x, t: y, r: x + el.clientWidth, b: y + el.clientHeight } : meet(here.soft, box);
      line.kind = "f";
      line.body += `${US}v${round(seen.l - x)},${round(seen.t - y)},${round(seen.r - x)},${round(seen.b - y)}`;
      flush();
      return;
    }
    const role = here.mute && !(here.ghost && FIELDS[tag]) && !up.veil ? "" : roleOf(el, tag);
    if (role && role !== "shape") {
      if (tag === "input" && (el.type === "hidden" || box.width <= 2 || box.height <= 2 || style.visibility !== "visible")) return;
      if (empty && !firstOf(el) && !shadowOf(el)) return;
      if ((tag === "canvas" || tag === "object" || tag === "embed") && (box.width < 40 || box.height < 40)) return;
      const name = nameOf(el, tag, role);
      const more = here.mute ? "" : unsaid(el, tag, role, name);
      const long = name.length > NAME + 60 || more.length > NAME;
      if (!FIELDS[tag] && role !== "textbox" && role !== "listbox" && (long || holds(el))) holder(el, tag, role, name, more, here);
      else simple(el, tag, role, name, more, at, top, area);
      return;
    }
    const tabindex = attr(el, "tabindex");
    const reachable = tabindex !== null && tabindex[0] !== "-" && !here.mute && tag !== "body" && tag !== "html";
    const acts = !here.mute && !empty && ((here.pointer && !up.pointer) || hasHandler(el)) && tag !== "body" && tag !== "html";
    if (acts || reachable) {
      const inner = holds(el);
      const kind = groupOf(el, tag) || "clickable";
      if (reachable || !inner || (here.pointer && textOutside(el))) {
        const name = nameOf(el, tag, kind);
        const more = unsaid(el, tag, kind, name);
        const long = name.length > NAME + 60 || more.length > NAME;
        if (reachable || more || (inner && !long)) {
          if (inner || long) holder(el, tag, kind, name, more, here);
          else simple(el, tag, kind, name, more, at, top, area);
          return;
        }
        if (!long || !one(el, "*")) {
          control(el, tag, kind, name, at, top, area);
          return;
        }
        here.pointer = false; // too much for one control: its parts may be some
      }
    }
    if (tag === "svg") {
      if (here.mute) return;
      const image = attr(el, "role") === "img" && clean(attr(el, "aria-label") || "");
      const title = image || (yes(el, "aria-hidden") ? "" : clean((one(el, ":scope > title") || {}).textContent || ""));
      if (title) write(el, `(image: ${clip(title, 60)})`, at, top, area);
      if (!image) shapes(el, here);
      return;
    }
    if (tag === "img") {
      const alt = clean(attr(el, "alt") || "");
      if (alt && box.width > 24 && box.height > 16 && !here.mute) write(el, `(image: ${clip(alt, 60)})`, at, top, area);
      return;
    }
    if (tag === "hr" || tag === "video" || tag === "audio" || tag === "math") {
      if (tag === "math" && !here.mute) write(el, textOf(el, TEXT, false), at, top, area);
      return;
    }
    if (tag === "progress" || tag === "meter") {
      if (!here.mute && el.position !== -1) write(el, `(${tag}: ${el.value} of ${el.max})`, at, top, area);
      return;
    }
    if (tag === "details" && !el.open) {
      const summary = one(el, "summary");
      if (summary) visit(summary, here);
      return;
    }
    if (here.style.contentVisibility === "hidden") return;
    const given = attr(el, "role");
    const image = given === "img" && !here.mute ? labelOf(el) : "";
    if (image) {
      write(el, `(image: ${clip(image, 60)})`, at, top, area);
      if (!holds(el) && !unsaid(el, tag, given, image)) return; // stars that are letters
      line.space = true;
    }
    if (tag === "tr" || given === "row") {
      const flat = !row && !one(el, "table,ul,ol,form,h1,h2,h3,textarea,p+p,iframe");
      if (flat) {
        flush();
        row++;
        inside(el, tag, here);
        row--;
        if (line) line.kind = "r";
        flush();
        return;
      }
    } else if (row && (tag === "td" || tag === "th" || CELLS[given])) {
      if (line && line.body) line.body += `${US}|`;
    }
    if (tag.length === 2 && tag[0] === "h" && tag[1] >= "1" && tag[1] <= "6") {
      heading(el, tag, +tag[1], here);
      return;
    }
    if (given === "heading") {
      heading(el, tag, +attr(el, "aria-level") || 2, here);
      return;
    }
    if ((tag === "li" || given === "listitem") && !row) {
      flush();
      start(el, at, top, area).kind = "i";
      inside(el, tag, here);
      flush();
      return;
    }
    const kind = groupOf(el, tag);
    if (kind && !row) {
      let name = clean(attr(el, "aria-label") || "");
      const named = attr(el, "aria-labelledby");
      if (!name && named) name = byIds(el, named);
      if (!name && kind === "dialog") name = clean((one(el, "h1,h2,h3,h4,[class*=title]") || {}).textContent || "");
      const legend = tag === "fieldset" || tag === "table" ? one(el, ":scope > legend, :scope > caption") : null;
      if (!name && legend) {
        name = textOf(legend, 60, false);
      }
      if (name || GROUPS[kind]) {
        group(kind, name, here, el, () => inside(el, tag, here));
        return;
      }
    }
    if ((tag === "legend" || tag === "caption") && !here.mute && textOf(el, 61, false).length <= 60) return;
    inside(el, tag, here);
  };

  const heading = (el, tag, level, here) => {
    if (row) {
      inside(el, tag, here);
      return;
    }
    flush();
    const first = lines.length;
    inside(el, tag, here);
    flush();
    if (lines.length > first && lines[first].kind !== "g") lines[first].kind = `h${min(level, 6)}`;
  };

  const fixed = { soft: view, hard: open, base: 0, area: 0 };
  const root = document.documentElement;
  const top = {
    up: null, el: null, style: null, box: { top: 0, height: tall }, at: 0, soft: view, hard: open, base: 0, area: 0,
    mute: false, ghost: false, veil: false, anchor: fixed, pointer: false, plain: true,
  };
  const editor = document.designMode === "on" || (document.body && document.body.isContentEditable);
  if (editor) {
    const text = clip(textOf(document.body, 2 * TEXT, false), 2 * VALUE);
    const name = clean(attr(document.body, "aria-label") || document.title || request.name) || "editor";
    const given = { text, secret: false, options: "" };
    control(document.body, "body", "textbox", name, farther(request.base, 0), 0, 0, document.body, given);
    flush();
  } else if (root) visit(root, top);
  flush();
  return { lines, layers, left, pruned, runs, chars, view, up: reach.up, down: reachDown };
};

// How many elements of a list in document order stand before another element.
const countBefore = (list, el) => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle], el) & 4) low = middle + 1;
    else high = middle;
  }
  return low;
};

const hasHandler = (el) => has(el, "onclick") || (el instanceof HTMLElement && Boolean(clickHandler(el)));

const groupOf = (el, tag) => {
  const given = attr(el, "role");
  if (given) return GROUPS[given] || NAMED_GROUPS[given] ? given : "";
  if (tag === "header" || tag === "footer") {
    for (let node = parentOf(el); node && typeOf(node) === 1; node = parentOf(node)) {
      if (tests(/^(?:article|main|section|aside|nav)$/, tagOf(node))) return "";
    }
    return tag === "header" ? "banner" : "contentinfo";
  }
  return LANDMARKS[tag] || NAMED[tag] || "";
};

// A body below a root that has a say of its own in scrolling is an area like others; else the window scrolls.
const scrollsItself = (body) =>
  body !== document.scrollingElement && styleOf(document.documentElement).overflowX !== "visible" &&
  tests(/auto|scroll/, styleOf(body).overflowY) && body.scrollHeight > body.clientHeight + 4;

// Has an element text of its own, beside the controls in it?
const textOutside = (el) => {
  let found = false;
  const look = (node) => {
    if (found) return;
    const type = typeOf(node);
    if (type === 3) found = tests(WORDY, dataOf(node));
    else if (type === 1 && !MUTE[tagOf(node)] && !matches(node, CONTROLS)) each(node, tagOf(node), look);
  };
  each(el, tagOf(el), look);
  return found;
};

// Where the part of a long text begins that is in view.
const firstSeen = (node, edge, range) => {
  let low = 0;
  let high = dataOf(node).length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    range.setStart(node, middle);
    range.setEnd(node, middle + 1);
    if (rectOfRange(range).bottom < edge) low = middle + 1;
    else high = middle;
  }
  return low;
};

// Screens beyond the view that are walked: above at first one; below until enough is in sight.
const ABOVE = 1;
const BELOW = 20;

const snapshot = (request) => {
  request.x = window.scrollX;
  request.y = window.scrollY;
  request.view = request.view || [0, 0, window.innerWidth, window.innerHeight];
  papers = new Memory();
  washes = new Memory();
  const tall = max(100, request.view[3] - request.view[1]);
  const keep = new Pool();
  const reach = { up: ABOVE * tall, down: BELOW * tall };
  let seen = walk(request, reach, keep);
  if (!seen.pruned.length) return report(request, seen);
  // A box nailed to the view can hang in a part of the page that is far away: look at the corners.
  const { l, t, r, b } = seen.view;
  const corners = [l + 40, b - 40, r - 40, b - 40, r - 40, t + 40, l + 40, t + 40];
  const far = new Pool();
  for (let i = 0; i < seen.pruned.length; i++) far.add(seen.pruned[i]);
  for (let i = 0; i < corners.length; i += 2) {
    const struck = hit(corners[i], corners[i + 1]);
    for (let node = struck; node; node = hosts(node)) {
      const run = seen.runs.get(hosts(node));
      if (!far.has(node) && !(run && (run === node || compare(run, node) & 4))) continue;
      for (let link = struck; link !== node; link = hosts(link)) keep.add(link);
      keep.add(node);
      if (run) keep.add(hosts(node));
    }
  }
  const few = seen.left[0].above > 0 && seen.chars < 0.6 * request.chars;
  if (few) reach.up *= 8;
  if (few || keep.size) seen = walk(request, reach, keep);
  return report(request, seen);
};

const report = (request, seen) => {
  const { lines, layers, left, view } = seen;
  const kept = uncovered(lines, layers, view);
  let covered = 0;
  let dialog = "";
  if (kept) {
    for (let i = 0; i < lines.length; i++) {
      if (!stays(i, kept)) {
        if (lines[i].kind !== "g") covered++;
        lines[i].body = "";
      }
    }
    for (let i = 0; i < left.length; i++) {
      covered += left[i].above + left[i].below;
      left[i].above = left[i].below = 0;
    }
    dialog = covered ? "1" : "";
  }
  const page = document.scrollingElement || document.documentElement;
  let areas = "";
  for (let i = 0; i < left.length; i++) areas += `${i ? ";" : ""}${left[i].above},${left[i].below}`;
  let out =
    clip(clean(document.title), 150) + US + round(request.x) + US + round(request.y) + US + window.innerWidth + US + window.innerHeight +
    US + (page ? page.scrollHeight : 0) + US + covered + US + dialog + US + areas + US + round(seen.up) + US + round(seen.down);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (!line.body) continue;
    const at = farther(request.base, line.at || 0);
    out += `${RS}${line.kind}${US}${line.depth}${US}${round(at)}${US}${round(line.top + request.y)}${US}${line.area}${line.body}`;
  }
  return out;
};

// An element without a box of its own is to be seen when something in it is.
const showsInside = (el) => {
  const style = styleOf(el);
  if (style.display !== "contents" || style.visibility !== "visible") return false;
  const range = document.createRange();
  range.selectNodeContents(el);
  return rectOfRange(range).height > 0;
};

const element = (id) => {
  const held = elements.get(id);
  const el = held && held.deref();
  if (!el || !connected(el)) return null;
  // Gone from view is as stale as gone from the page; only file fields are used unseen.
  return shown(el, { visibilityProperty: true }) || showsInside(el) || attr(el, "type") === "file" ? el : null;
};
