// The screenshot on show: the page now, or as it was before a round, with the round's target marked.

import * as api from "./api.js";
import { fill, h, link, said, trouble } from "./dom.js";
import { actionInWords } from "./words.js";

const MARGIN = 4;

// Gives `draw(view)`, and `choose(index)` for a round's number; without one, the newest is followed.
export function stage(part) {
  let chosen = null;
  let view = null;
  const shot = h("div.shot", { tabindex: "-1" });
  const caption = h("figcaption");
  const strip = h("div.strip", { role: "toolbar", "aria-label": "Rounds", onkeydown: arrows });
  part.replaceChildren(h("figure", {}, shot, caption), strip);

  function choose(index) {
    chosen = index;
    draw(view);
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...strip.querySelectorAll("button")];
    const next = all[all.indexOf(document.activeElement) + step];
    next?.focus();
    next?.click();
  }

  function draw(now) {
    view = now;
    const { values: { page = {}, pending = {}, rounds = [], ending }, interrupts = [] } = view;
    const round = rounds.find(({ index }) => index === chosen);
    if (!round) chosen = null;
    // An action that was carried out leaves its own page's address and title with it until the next look.
    // What a person is asked about is shown as it was pointed out for them.
    const { screenshot = page.screenshot, target = pending?.target } = interrupts[0]?.value ?? {};
    const on = round ?? { ...page, ...pending, screenshot, target };
    const when = round ? `Before round ${round.index}` : ending?.status ? "At the end" : "Now";
    fill(caption, [when, on.action, on.title, on.url], () => [
      h("b", {}, when), on.action && [" · ", said(actionInWords(on.action))],
      h("br"), h("span.where", {}, said(on.title || ""), on.title && " · ", on.url && link(on.url)),
    ]);
    fill(strip, [rounds.map(({ index, outcome }) => [index, outcome.status]), chosen], () => rounds.length > 0 && [
      ...rounds.map((one) => tab(String(one.index), one.outcome.status, one.index, `Round ${one.index}: ${actionInWords(one.action)}`)),
      tab(ending?.status ? "End" : "Now", "now", null, ending?.status ? "The page at the end" : "The page now"),
    ]);
    show(on, `${when}: ${on.title || "a page without a title"}`).catch(trouble);
  }

  function tab(label, status, index, title) {
    const pressed = chosen === index;
    const properties = { type: "button", title, "aria-label": title, "aria-pressed": String(pressed), tabindex: pressed ? "0" : "-1", "data-key": `round-${label}` };
    return h(`button.${status}`, { ...properties, onclick: () => choose(index) }, label);
  }

  let wanted = "";
  async function show({ screenshot, target }, alt) {
    const key = JSON.stringify([screenshot, target, alt]);
    if (key === wanted) return;
    wanted = key;
    if (!screenshot) {
      const none = view.values.page?.url ? "This run takes no screenshots." : "The page is being opened.";
      shot.replaceChildren(h("p.none", {}, none));
      return;
    }
    let picture = null;
    try {
      picture = await api.picture(screenshot);
    } catch (error) {
      if (error.status !== 404) throw error;
    }
    if (key !== wanted) return;
    if (!picture) {
      shot.replaceChildren(h("p.none", {}, "The screenshot is no longer kept."));
      return;
    }
    const { url, width, height } = picture;
    const marks = target ? ["halo", "target"].map((kind) => h(`rect.${kind}`, { ...boxOf(target, width, height), rx: 5 })) : [];
    const label = `Screenshot. ${alt}${target ? ", the action's target marked" : ""}`;
    shot.replaceChildren(h("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, h("image", { href: url, width, height }), marks));
  }

  return { draw, choose };
}

// The target's box, a little larger than the target and kept on the picture.
export function boxOf([x, y, w, h], width, height) {
  const [left, top] = [Math.max(x - MARGIN, 2), Math.max(y - MARGIN, 2)];
  const [right, bottom] = [Math.min(x + w + MARGIN, width - 2), Math.min(y + h + MARGIN, height - 2)];
  return { x: left, y: top, width: Math.max(right - left, 0), height: Math.max(bottom - top, 0) };
}
