"""What an observation costs and holds, beside Playwright's `aria_snapshot(mode="ai")` and, if there, browser-use.

    python benchmarks/observation.py [--pages DIR] [--rounds N] [--tokenizer FILE] [--browser-use PYTHON]

The pages: generated lists, the forge practice site, MiniWoB++ (when installed: pip install --no-deps miniwob), and any
folder of saved pages with a manifest.json, a list of {"name": ..., "path": file in the folder}. On every page, in turns
within one run: milliseconds of the first observation of a fresh page and of later ones, tokens, passwords in clear,
whether the page's HTML is as it was, and for ours recall: of the links, buttons, fields and ARIA widgets that a hit
test in the view reaches, how many have a ref of their own in the text. What is to be found is decided here,
independently of the page script. Writes results/observation.json.
"""

import argparse
import asyncio
import contextlib
import functools
import http.server
import importlib.metadata
import importlib.util
import json
import math
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Frame, Page, async_playwright

from plan_and_act.browser.chromium import find_chromium, launch
from plan_and_act.browser.observation import DEFAULT_TOKENS, Observation, Observer
from tokens import tokenizer

PASSWORD = "correct-horse-7731"
MINIWOB = (
    "click-button", "click-checkboxes-large", "click-dialog-2", "click-menu-2", "click-shape", "click-tab-2",
    "book-flight", "choose-date", "email-inbox", "enter-date", "login-user-popup", "navigate-tree", "search-engine",
    "social-media", "use-autocomplete",
)  # fmt: skip
FORGE = ("/", "/projects", "/people", "/search?q=parser", "/sign-in")

_TRUTH = (Path(__file__).parent / "reachable.js").read_text(encoding="utf-8")
"""What should have a ref, and has none."""

_BROWSER_USE = """
import asyncio, json, sys, time
from browser_use import BrowserProfile, BrowserSession
async def main(job):
    size = {"width": 1280, "height": 720}
    profile = BrowserProfile(executable_path=job["chromium"], headless=True, chromium_sandbox=False, viewport=size,
                             window_size=size, enable_default_extensions=False, allowed_domains=None)
    session = BrowserSession(browser_profile=profile)
    await session.start()
    found = {}
    for url in job["urls"]:
        await session.navigate_to("about:blank")
        await session.navigate_to(url)
        await asyncio.sleep(1)
        times = []
        for _ in range(1 + job["rounds"]):
            started = time.perf_counter()
            state = await session.get_browser_state_summary(include_screenshot=False)
            times.append(1000 * (time.perf_counter() - started))
        found[url] = {"first": times[0], "warm": sorted(times[1:])[len(times) // 2 - 1],
                      "text": state.dom_state.llm_representation()}
    await session.kill()
    print("RESULT" + json.dumps(found))
asyncio.run(main(json.load(sys.stdin)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, help="a folder of saved pages with a manifest.json")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--rounds", type=int, default=7, help="warm observations of a page")
    parser.add_argument("--firsts", type=int, default=3, help="fresh pages for the first observation")
    parser.add_argument("--tokens", type=int, default=DEFAULT_TOKENS, help="budget of an observation")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        help="o200k ranks: o200k_base.tiktoken, or js-tiktoken's ranks/o200k_base.js; without, tiktoken fetches them",
    )
    parser.add_argument("--browser-use", help="the Python of an environment with browser-use, to measure it too")
    parser.add_argument("--out", type=Path, default=Path("results/observation.json"))
    args = parser.parse_args()
    asyncio.run(_main(args))


async def _main(args: argparse.Namespace) -> None:
    count, name = tokenizer(args.tokenizer)
    print(f"tokens: {name}")
    with contextlib.ExitStack() as servers:
        pages = [page for page in collect(args.pages, servers) if args.only in page[0]]
        async with async_playwright() as playwright:
            browser = await launch(playwright)
            rows = []
            for page_name, url in pages:
                rows.append(await measure(browser, page_name, url, args, count))
                print(line(rows[-1]), flush=True)
            await browser.close()
        if args.browser_use:
            await asyncio.to_thread(peer, args.browser_use, dict(pages), rows, count)
    summary = summarize(rows)
    print(json.dumps(summary, indent=1))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps({"summary": summary, "pages": rows, "tokenizer": name}, indent=1))


# Pages


def collect(folder: Path | None, servers: contextlib.ExitStack) -> Iterator[tuple[str, str]]:
    if folder:
        root = servers.enter_context(serving(folder))
        for entry in json.loads((folder / "manifest.json").read_text()):
            yield entry["name"], f"{root}/{entry['path']}"
    root = servers.enter_context(serving(Path.cwd(), generated=True))
    for items in (100, 1_000, 10_000):
        yield f"list-{items}", f"{root}/list?{items}"
    if importlib.util.find_spec("starlette"):
        from plan_and_act.sites.forge.app import forge_app
        from plan_and_act.sites.serve import serve_in_thread

        site = servers.enter_context(serve_in_thread(forge_app()))
        for path in FORGE:
            yield f"forge{path}", f"{site.url}{path}"
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        folder = Path(str(importlib.metadata.distribution("miniwob").locate_file("miniwob/html")))
        root = servers.enter_context(serving(folder))
        for task in MINIWOB:
            yield f"miniwob/{task}", f"{root}/miniwob/{task}.html"


@contextlib.contextmanager
def serving(folder: Path, *, generated: bool = False) -> Iterator[str]:
    """Serve a folder, or the generated lists, on a loopback port."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def guess_type(self, path: Any) -> str:
            kind = super().guess_type(path)
            return "text/html; charset=utf-8" if kind == "text/html" else kind

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            if not generated:
                super().do_GET()
                return
            body = listing(int(self.path.partition("?")[2] or 0)).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def listing(items: int) -> str:
    rows = "".join(
        f"<li><a href='/item/{i}'>Item {i}</a> <span>in stock: {i % 17}</span> <button>Add {i}</button></li>"
        for i in range(items)
    )
    login = "<form><label>User <input name=user></label><label>Password <input type=password name=pw></label></form>"
    return f"<!doctype html><title>List</title><h1>{items} items</h1>{login}<ul>{rows}</ul>"


# Measuring


async def fresh(browser: Browser, url: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    page = await context.new_page()
    await page.goto(url)
    with contextlib.suppress(Exception):
        await page.wait_for_load_state("networkidle", timeout=5_000)
    await page.wait_for_timeout(300)
    if "/miniwob/" in url:
        await page.evaluate("core.EPISODE_MAX_TIME = 1e8; Math.seedrandom('1'); core.startEpisodeReal()")
        await page.wait_for_timeout(100)
    await page.evaluate(
        "secret => document.querySelectorAll('input[type=password]').forEach((el) => { el.value = secret })", PASSWORD
    )
    return page


async def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = await call()
    return 1_000 * (time.perf_counter() - started), result


async def measure(
    browser: Browser, name: str, url: str, args: argparse.Namespace, count: Callable[[str], int]
) -> dict[str, Any]:
    firsts: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(args.firsts):
        page = await fresh(browser, url)
        milliseconds, snapshot = await timed(functools.partial(page.aria_snapshot, mode="ai"))
        firsts["theirs"].append(milliseconds)
        await page.context.close()
        page = await fresh(browser, url)
        before = await html(page)
        observer = Observer(page)
        milliseconds, seen = await timed(functools.partial(observer.observe, tokens=args.tokens))
        firsts["ours"].append(milliseconds)
        unchanged = before == await html(page)
        if len(firsts["ours"]) < args.firsts:
            await page.context.close()
    truth = await recall(observer, page, seen)
    ours, theirs = [], []
    for _ in range(args.rounds):
        ours.append((await timed(lambda: observer.observe(tokens=args.tokens)))[0])
        theirs.append((await timed(lambda: page.aria_snapshot(mode="ai")))[0])
    nodes = await page.evaluate("document.getElementsByTagName('*').length")
    await page.context.close()
    return {
        "name": name,
        "nodes": nodes,
        "first": statistics.median(firsts["ours"]),
        "warm": statistics.median(ours),
        "playwright_first": statistics.median(firsts["theirs"]),
        "playwright_warm": statistics.median(theirs),
        "tokens": count(seen.text),
        "estimate": seen.tokens,
        "playwright_tokens": count(snapshot),
        **truth,
        "refs": len(seen.elements),
        "unnamed": sum(not element.name.strip() for element in seen.elements.values()),
        "omitted": seen.omitted,
        "password": PASSWORD in seen.text,
        "playwright_password": PASSWORD in snapshot,
        "html_unchanged": unchanged,
    }


async def html(page: Page) -> list[str]:
    """The pages' HTML with all open shadow roots."""
    script = """() => {
      const roots = [];
      const walk = (root) => root.querySelectorAll("*").forEach((el) => {
        if (el.shadowRoot) { roots.push(el.shadowRoot.innerHTML); walk(el.shadowRoot); }
      });
      walk(document);
      return document.documentElement.outerHTML.replace(/Time left.*/g, "") + roots.join();
    }"""
    return [await frame.evaluate(script) for frame in page.frames]


async def recall(observer: Observer, page: Page, seen: Observation) -> dict[str, Any]:
    handles: dict[Frame, list[Any]] = {frame: [] for frame in page.frames}
    for ref, element in seen.elements.items():
        handle = await observer.handle(ref)
        if handle and element.frame:
            handles[element.frame].append(handle)
    wanted, missing = 0, []
    for frame, refs in handles.items():
        view = await visible_part(frame)
        if view:
            found = await frame.evaluate(_TRUTH, {"refs": refs, "view": view})
            wanted += found["wanted"]
            missing += found["missing"]
    return {"wanted": wanted, "missing": missing}


async def visible_part(frame: Frame) -> list[float] | None:
    """The part of a frame that is in view, in its own pixels."""
    if frame.parent_frame is None:
        return [0, 0, 1280, 720]
    box = await (await frame.frame_element()).bounding_box()
    if not box or not box["width"] or not box["height"]:
        return None
    view = [
        max(-box["x"], 0),
        max(-box["y"], 0),
        min(1280 - box["x"], box["width"]),
        min(720 - box["y"], box["height"]),
    ]
    return view if view[0] < view[2] and view[1] < view[3] else None


def peer(python: str, urls: dict[str, str], rows: list[dict[str, Any]], count: Callable[[str], int]) -> None:
    """Measure browser-use in its own environment; its text is counted as it is given to a model (40,000 characters)."""
    job = {"urls": [urls[row["name"]] for row in rows], "rounds": 3, "chromium": str(find_chromium() or "") or None}
    script = ["-c", _BROWSER_USE]
    done = subprocess.run([python, *script], input=json.dumps(job), capture_output=True, text=True, check=False)
    if "RESULT" not in done.stdout:
        print(f"browser-use could not be measured: {done.stderr[-500:]}")
        return
    found = json.loads(done.stdout.partition("RESULT")[2])
    for row in rows:
        result = found[urls[row["name"]]]
        row["browser_use_first"], row["browser_use_warm"] = result["first"], result["warm"]
        row["browser_use_tokens"] = count(result["text"][:40_000])


# Report


def line(row: dict[str, Any]) -> str:
    reached = row["wanted"] - len(row["missing"])
    return (
        f"{row['name']:29} {row['nodes']:6} nodes  first {row['first']:7.1f}/{row['playwright_first']:7.1f}"
        f"  warm {row['warm']:6.1f}/{row['playwright_warm']:7.1f} ms"
        f"  tokens {row['tokens']:5}/{row['playwright_tokens']:7}"
        f"  recall {reached:3}/{row['wanted']:3}"
        f"{'  UNNAMED' * bool(row['unnamed'])}{'  PASSWORD' * row['password']}{'  HTML' * (not row['html_unchanged'])}"
    )


def mean(values: Sequence[float]) -> float:
    """The geometric mean."""
    return math.exp(statistics.fmean(math.log(max(value, 1e-9)) for value in values)) if values else 0.0


def summarize(rows: list[dict[str, Any]]) -> dict[str, Any]:
    groups = {"all": rows}
    for name, chosen in (
        ("real", _is_real),
        ("lists", _is("list-")),
        ("forge", _is("forge")),
        ("miniwob", _is("miniwob")),
    ):
        if group := [row for row in rows if chosen(row["name"])]:
            groups[name] = group
    return {name: _summary(group) for name, group in groups.items()}


def _is(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def _is_real(name: str) -> bool:
    return not name.startswith(("list-", "forge", "miniwob"))


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    wanted = sum(row["wanted"] for row in rows)
    missing = sum(len(row["missing"]) for row in rows)
    off = [abs(row["estimate"] / row["tokens"] - 1) for row in rows]
    found = {
        "pages": len(rows),
        "first_ms": mean([row["first"] for row in rows]),
        "warm_ms": mean([row["warm"] for row in rows]),
        "first_ratio": mean([row["first"] / row["playwright_first"] for row in rows]),
        "warm_ratio": mean([row["warm"] / row["playwright_warm"] for row in rows]),
        "worst_ratio": max(row["warm"] / row["playwright_warm"] for row in rows),
        "worst_warm_ms": max(row["warm"] for row in rows),
        "tokens": mean([row["tokens"] for row in rows]),
        "worst_tokens": max(row["tokens"] for row in rows),
        "playwright_tokens": mean([row["playwright_tokens"] for row in rows]),
        "recall": 1 - missing / wanted if wanted else 1.0,
        "unnamed": sum(row["unnamed"] for row in rows),
        "passwords": sum(row["password"] for row in rows),
        "playwright_passwords": sum(row["playwright_password"] for row in rows),
        "html_changed": sum(not row["html_unchanged"] for row in rows),
        "estimate_off_mean": statistics.fmean(off),
        "estimate_off_worst": max(off),
    }
    with_peer = [row for row in rows if "browser_use_tokens" in row]
    if with_peer:
        found["browser_use_tokens"] = mean([row["browser_use_tokens"] for row in with_peer])
        found["browser_use_first_ms"] = mean([row["browser_use_first"] for row in with_peer])
        found["browser_use_warm_ms"] = mean([row["browser_use_warm"] for row in with_peer])
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in found.items()}


if __name__ == "__main__":
    main()
