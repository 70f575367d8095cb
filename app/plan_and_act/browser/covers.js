// What lies on top: hit tests, open modal dialogs and overlays. Part of the page script, see observation.py.
// The element a person would hit at a point, through open shadow roots.
const hit = (x, y) => {
  let el = document.elementFromPoint(x, y);
  while (el && shadowOf(el)) {
    const inner = shadowOf(el).elementFromPoint(x, y);
    if (!inner || inner === el) break;
    el = inner;
  }
  return el;
};
// Links have a `host` too: the one in their address.
const hostOf = (node) => (typeOf(node) === 11 ? node.host : null);
const hosts = (el) => parentOf(el) || hostOf(el) || null;
const isIn = (el, outer) => {
  for (let node = el; node; node = hostOf(node) || node.assignedSlot || parentOf(node)) if (node === outer) return true;
  return false;
};

// What covers the page: an open modal dialog, or a box over (nearly) the whole view that clicks would hit.
// Returns the layers that stay, or null when nothing is covered.
const uncovered = (lines, layers, view) => {
  const width = view.r - view.l;
  const height = view.b - view.t;
  let cover = null;
  for (let i = 0; i < layers.length; i++) {
    const { box, modal, el } = layers[i];
    const seen = meet(view, box);
    const big = (seen.r - seen.l) * (seen.b - seen.t) > 0.85 * width * height;
    if (!modal && !big) continue;
    const points = modal ? [0.5, 0.5, 0.5, 0.1] : [0.02, 0.03, 0.98, 0.97, 0.98, 0.03, 0.02, 0.97];
    let struck = 0;
    for (let p = 0; p < points.length; p += 2) {
      struck += isIn(hit(seen.l + (seen.r - seen.l) * points[p], seen.t + (seen.b - seen.t) * points[p + 1]), el);
    }
    if (struck >= (modal ? 1 : 2)) cover = layers[i];
  }
  if (!cover) return null;
  const kept = [cover];
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i];
    if (isIn(layer.el, cover.el) || isIn(cover.el, layer.el)) continue;
    const struck = center(layer.box, view);
    if (isIn(struck, layer.el) && !isIn(struck, cover.el)) kept[kept.length] = layer;
  }
  if (cover.modal && tagOf(cover.el) === "dialog") return kept;
  // A background covers nothing: can lines outside be clicked?
  const outside = [];
  for (let i = 0; i < lines.length; i++) if (lines[i].el && !lines[i].at && !stays(i, kept)) outside[outside.length] = lines[i].el;
  const step = max(1, outside.length / 8);
  let tried = 0;
  let free = 0;
  for (let i = 0; i < outside.length; i += step) {
    const el = outside[round(i)] || outside[0];
    const struck = center(rectOf(el), view);
    tried++;
    if (struck && (isIn(struck, el) || (isIn(el, struck) && !isIn(struck, cover.el)))) free++;
  }
  return free * 3 > tried ? null : kept;
};
const center = (box, view) => {
  const seen = meet(view, box);
  return hit((seen.l + seen.r) / 2, (seen.t + seen.b) / 2);
};
const stays = (index, kept) => {
  for (let i = 0; i < kept.length; i++) if (index >= kept[i].from && index < kept[i].to) return true;
  return false;
};
