// Runs in every document before the page's own code. Notes what the page has put off for later (short timers, animation
// frames, an answer awaited on a WebSocket) and what it is about to do (leave, open a tab), so that `rest()` can say
// "nothing is coming" at once instead of sitting out a quiet period.
() => {
  const KEY = Symbol.for("plan_and_act.settle");
  const TIMER = Symbol("timer");
  if (window[KEY]) return;

  const LONGEST_TIMER = 500; // ms; debounce and fade timers are shorter, toasts that vanish and session timers longer
  const PATIENCE = 1000; // ms for what recurs or moves: after that it is taken for the page's normal life
  const BUSY = 1500; // ms for a spinner
  const ANSWER = 300; // ms for an answer on a WebSocket
  const ANSWERED = 50; // ms after that answer in which the page draws it
  const ARMED = 2000; // ms after an input event in which timers count as its consequence
  const LATE = 1000; // ms by which the browser may run a timer late, when the page is busy

  const later = window.setTimeout.bind(window);
  const frame = window.requestAnimationFrame.bind(window);
  const now = performance.now.bind(performance);
  const sourceOf = Function.prototype.toString;

  const timers = new Map(); // id -> {id, key, due}
  const frames = new Map(); // id -> key
  const background = new Set(); // keys of what the page does by itself
  const runs = new Map(); // key -> how often it was put off since the last input
  const spinners = new Set();
  const decoration = new WeakSet(); // spinners that never stop
  let armedAt = 0;
  let armedUntil = Infinity; // a new document is itself the consequence of an action
  let postings = 0; // tasks posted since the last look; Infinity when the page never stops
  let awaiting = 0; // until when an answer on a WebSocket is awaited
  let answered = -Infinity;
  let leaving = null;
  let opened = 0; // tabs and downloads the page was seen to start
  const closings = new Map(); // dialog -> until when its `close` event is awaited, a task after it was closed
  const openings = []; // events that open a tab or start a download, unless the page forbids them

  const arm = () => {
    if (now() > armedUntil) {
      armedAt = now();
      runs.clear();
    }
    if (armedUntil !== Infinity) armedUntil = now() + ARMED;
  };

  const keyOf = (delay, handler) => {
    if (typeof handler !== "function") return delay + String(handler).slice(0, 80);
    return delay + sourceOf.call(handler).slice(0, 80);
  };
  const putOff = (key) => {
    if (now() > armedUntil) background.size < 1000 && background.add(key);
    if (background.has(key)) return false;
    if (runs.size > 1000) runs.clear();
    runs.set(key, (runs.get(key) ?? 0) + 1);
    return true;
  };
  const watch = (owner, name, after, before = (args) => args) => {
    const original = owner?.[name];
    if (typeof original !== "function") return original;
    owner[name] = new Proxy(original, {
      apply(target, self, given) {
        let args = given;
        try {
          args = before(given);
        } catch {}
        const result = Reflect.apply(target, self, args);
        try {
          after(result, args, self);
        } catch {} // never let our bookkeeping break a page
        return result;
      },
    });
    return original;
  };

  // The clock does not tell whether a timer has run: when the page is busy, questions overtake timers that are due.
  const noting = ([handler, ...rest]) => {
    if (typeof handler !== "function" || !(rest[0] <= LONGEST_TIMER || rest[0] === undefined)) return [handler, ...rest];
    const timer = { key: keyOf(rest[0] ?? 0, handler), due: now() + Math.max(Number(rest[0]) || 0, 1) };
    const run = function (...args) {
      timers.delete(timer.id);
      return Reflect.apply(handler, this, args);
    };
    run[TIMER] = timer;
    return [run, ...rest];
  };
  const noted = (id, [run]) => {
    const timer = run?.[TIMER];
    if (!timer || !putOff(timer.key)) return;
    timer.id = id;
    timers.set(id, timer);
  };
  watch(window, "setTimeout", noted, noting);
  watch(window, "clearTimeout", (_, [id]) => {
    const timer = timers.get(id);
    if (!timer) return;
    timers.delete(id);
    runs.set(timer.key, runs.get(timer.key) - 1); // a debounce set again and again is no loop
  });
  watch(window, "requestAnimationFrame", (id, [handler]) => {
    const key = keyOf("frame", handler);
    if (putOff(key) && frames.size < 500) frames.set(id, key);
  });
  watch(window, "cancelAnimationFrame", (_, [id]) => frames.delete(id));
  const posted = () => {
    if (now() < armedUntil && postings < Infinity) postings++;
  };
  const post = watch(MessagePort.prototype, "postMessage", posted); // a framework's scheduler (React)
  watch(window, "postMessage", posted);
  watch(window.scheduler, "postTask", posted);
  watch(WebSocket.prototype, "send", (_, __, socket) => {
    if (now() > armedUntil || awaiting > now()) return;
    awaiting = now() + ANSWER;
    socket.addEventListener("message", () => ((awaiting = 0), (answered = now())), { once: true });
  });
  watch(window, "open", (result, [, , features]) => {
    if (result || /noopener|noreferrer/.test(features ?? "")) opened++;
  });

  for (const type of ["pointerover", "pointerdown", "pointermove", "keydown", "input", "change", "wheel", "popstate"])
    window.addEventListener(type, arm, { capture: true, passive: true });
  const elsewhere = (target) =>
    target && !["_self", "_top", "_parent"].includes(target.toLowerCase()) && !document.querySelector(`iframe[name="${CSS.escape(target)}"]`);
  const onClick = (event) => {
    const link = event.composedPath().find((node) => node.localName === "a" && node.href);
    if (link && !link.hasAttribute("download") && (elsewhere(link.target) || event.ctrlKey || event.metaKey)) openings.push(event);
  };
  const closes = (dialog) => dialog instanceof HTMLDialogElement && closings.set(dialog, now() + ANSWERED);
  watch(window.HTMLDialogElement?.prototype, "close", (_, __, dialog) => closes(dialog));
  window.addEventListener("cancel", (event) => closes(event.target), { capture: true, passive: true });
  window.addEventListener("close", (event) => closings.delete(event.target), { capture: true, passive: true });
  // Forms are sent, and history is travelled, in a task of their own: before it there is only this sign.
  const onSubmit = (event) => {
    const [form, button] = [event.target, event.submitter];
    const attribute = (name) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
    if (/^dialog$/i.test(attribute("method"))) return closes(form.closest("dialog"));
    if (/^\s*javascript:/i.test(attribute("action"))) return;
    if (elsewhere(attribute("target"))) openings.push(event);
    else leaving = event;
  };
  window.addEventListener("click", onClick, { capture: true, passive: true });
  window.addEventListener("submit", onSubmit, { capture: true, passive: true });
  watch(HTMLFormElement.prototype, "submit", (_, __, form) => onSubmit({ target: form, defaultPrevented: false }));
  for (const name of ["back", "forward", "go"]) watch(History.prototype, name, () => (leaving = { defaultPrevented: false }));

  window.navigation?.addEventListener("navigate", (event) => {
    const { destination } = event;
    if (event.downloadRequest !== null) openings.push(event);
    else if (!destination.sameDocument && /^(https?|file|blob|data|about):/.test(destination.url)) leaving = event;
  });
  for (const type of ["navigatesuccess", "navigateerror"])
    window.navigation?.addEventListener(type, () => (leaving = null));

  const moves = (animation) => {
    // Only what decides whether text or a control can be seen: no colours, no ripples, no button that grows under the mouse.
    const { effect } = animation;
    const target = effect?.target;
    if (!target || effect.pseudoElement || animation.playState !== "running") return false;
    if (animation.timeline !== target.ownerDocument.timeline) return false;
    if ((animation.startTime ?? Infinity) < armedAt) return false;
    const property = animation.transitionProperty ?? "";
    if (/color|background|shadow|outline|border|fill|stroke|filter|decoration/.test(property)) return false;
    if (/transform|scale|translate|rotate/.test(property) && target.matches(":hover, :active, :focus")) return false;
    return true;
  };
  const animations = () => {
    let wait = 0;
    for (const animation of document.getAnimations()) {
      if (!moves(animation)) continue;
      const { endTime } = animation.effect.getComputedTiming();
      const { target } = animation.effect;
      if (endTime === Infinity) {
        if (!target.textContent.trim() && !decoration.has(target)) spinners.add(target);
      } else if (target.textContent.trim()) {
        const left = endTime - (animation.currentTime ?? 0);
        if (left > 0 && left <= PATIENCE) wait = Math.max(wait, left + 4);
      }
    }
    return wait;
  };
  const BUSY_SIGNS = '[aria-busy="true"], [role="progressbar"]:not([aria-valuenow]), progress:not([value])';
  const signs = new Set(); // those of the spinners that say so by an attribute, which they can take back
  const busy = () => {
    for (const node of signs) if (!node.matches(BUSY_SIGNS)) signs.delete(node), spinners.delete(node);
    for (const node of document.querySelectorAll(BUSY_SIGNS)) {
      signs.add(node);
      spinners.add(node);
    }
    for (const node of spinners) if (!node.isConnected || decoration.has(node) || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) spinners.delete(node);
    return spinners.size > 0;
  };

  // One document's answer: how many ms until the next thing it has put off; 0 when there is none.
  // `still`: whether the DOM did not change lately, so that a loop seen now is the page's own and no animation.
  const coming = (waited, still) => {
    const time = now();
    let next = 0;
    const sooner = (wait) => (next = next ? Math.min(next, wait) : wait);
    const recurs = (key) => {
      if (runs.get(key) > 3 && (still || waited > PATIENCE)) background.add(key);
      return background.has(key);
    };
    for (const [id, { key, due }] of timers) {
      if (due + LATE < time || recurs(key)) timers.delete(id);
      else sooner(Math.max(due - time, 2));
    }
    for (const [id, key] of frames) if (recurs(key)) frames.delete(id);
    if (frames.size) {
      frames.clear();
      sooner(1);
    }
    if (postings && postings < Infinity) {
      postings = waited > PATIENCE ? Infinity : 0;
      sooner(0.5);
    }
    if (awaiting > time) sooner(10);
    for (const [dialog, until] of closings) if (until < time) closings.delete(dialog);
    if (closings.size) sooner(0.5);
    const moving = waited < PATIENCE && animations();
    if (moving) sooner(moving);
    return next;
  };
  const disarm = () => (armedUntil = 0);
  const report = () => {
    for (const event of openings.splice(0)) if (!event.defaultPrevented) opened++;
    const result = { leaving: leaving !== null && !leaving.defaultPrevented, opened };
    opened = 0;
    leaving = null;
    return result;
  };

  const all = (win = window, found = []) => {
    const own = win[KEY];
    if (own) found.push(own);
    for (let i = 0; i < win.length; i++) {
      try {
        all(win[i], found);
      } catch {} // a frame of another origin
    }
    return found;
  };
  const hop = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (port1.close(), resolve());
      Reflect.apply(post, port2, [0]);
    });
  const pause = (ms) => new Promise((resolve) => later(resolve, ms));
  const nextFrame = () => new Promise((resolve) => (frame(resolve), later(resolve, 100)));
  const event = (target, type, ms) =>
    new Promise((resolve) => (target.addEventListener(type, resolve, { once: true }), later(resolve, ms)));

  // Resolves when nothing is coming any more, when the page leaves or opens a tab, or after `cap` ms.
  // `quiet`: ms without a change of the DOM that must have passed first.
  const rest = async ({ quiet, cap }) => {
    const start = now();
    let changed = quiet ? start : -Infinity;
    let busySince = 0;
    let observer = null;
    const observe = () => {
      if (observer) return;
      observer = new MutationObserver(() => (changed = now()));
      const options = { subtree: true, childList: true, characterData: true, attributes: true };
      for (const { document } of all()) observer.observe(document, options);
    };
    try {
      if (quiet) observe();
      if (document.readyState === "loading") await event(document, "DOMContentLoaded", cap);
      if (document.readyState === "interactive") await event(window, "load", Math.min(cap, PATIENCE));
      for (;;) {
        const waited = now() - start;
        const parts = all();
        const states = parts.map((part) => part.report());
        const opened = states.reduce((sum, state) => sum + state.opened, 0);
        const leaving = states.some((state) => state.leaving);
        if (opened || leaving || waited > cap) return { rested: false, leaving, opened };
        const waits = parts.map((part) => part.coming(waited, now() - changed > 50)).filter(Boolean);
        const sinceAnswer = now() - Math.max(...parts.map((part) => part.answered()));
        const unquiet = Math.max(quiet - (now() - changed), ANSWERED - sinceAnswer);
        if (waits.length) {
          observe();
          const next = Math.min(...waits);
          await (next < 1 ? hop() : next === 1 ? nextFrame() : pause(Math.min(next, cap - waited + 1)));
        } else if (unquiet > 0 && waited < PATIENCE) {
          observe();
          await pause(unquiet);
        } else if (busy() && now() - (busySince ||= now()) < BUSY) {
          await pause(30);
        } else break;
      }
      for (const node of spinners) decoration.add(node);
      spinners.clear();
      for (const part of all()) part.disarm();
      return { rested: true, leaving: false, opened: 0 };
    } finally {
      observer?.disconnect();
    }
  };

  Object.defineProperty(window, KEY, {
    value: Object.freeze({ arm, coming, disarm, report, rest, document, answered: () => answered }),
  });
}
