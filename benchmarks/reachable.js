// What should have a ref: decided by what it is and by a hit test, not by the page script under test.
({ refs, view }) => {
  const WANTED = "a[href],area[href],button,input:not([type=hidden]),select,textarea,summary," +
    "[tabindex]:not([tabindex^='-'])," +
    ["button","link","checkbox","radio","switch","tab","menuitem","menuitemcheckbox","menuitemradio","option","treeitem",
     "combobox","textbox","searchbox","slider","spinbutton"].map((role) => `[role=${role}]`).join() +
    ",[contenteditable]:not([contenteditable=false])";
  const has = new Set(refs);
  const wanted = [];
  const collect = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.matches(WANTED) && el !== document.body) wanted.push(el);
      if (el.shadowRoot) collect(el.shadowRoot);
    }
  };
  collect(document);
  const deepest = (x, y) => {
    let el = document.elementFromPoint(x, y);
    while (el && el.shadowRoot) {
      const inner = el.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === el) break;
      el = inner;
    }
    return el;
  };
  const within = (el, outer) => {
    for (let node = el; node; node = node.assignedSlot || node.parentNode || node.host) if (node === outer) return true;
    return false;
  };
  const reached = (el) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    for (const box of el.getClientRects()) {
      const [l, t] = [Math.max(box.left, view[0]), Math.max(box.top, view[1])];
      const [r, b] = [Math.min(box.right, view[2]), Math.min(box.bottom, view[3])];
      if (r - l < 2 || b - t < 2) continue;
      for (const [x, y] of [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]]) {
        const hit = deepest(l + (r - l) * x, t + (b - t) * y);
        if (hit && within(hit, el)) return true;
      }
    }
    return false;
  };
  const seen = wanted.filter(reached);
  if (document.designMode === "on" || (document.body && document.body.isContentEditable)) seen.push(document.body);
  const missing = seen.filter((el) => !has.has(el)).map((el) => el.cloneNode(false).outerHTML.slice(0, 160));
  return { wanted: seen.length, missing };
}
