"""The report of a run: what it shows, and that nothing a page says can get out of the text."""

import base64
import hashlib
import re
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest

from plan_and_act.actions import ACTIONS, Click, to_action
from plan_and_act.errors import CheckpointError, StorageError
from plan_and_act.report import (
    action_in_words,
    checklist,
    duration,
    ending_in_words,
    money,
    render_report,
    revisions,
    write_report,
)  # fmt: skip
from plan_and_act.report.images import ImageFacts, image_facts
from plan_and_act.report.words import ENDINGS
from plan_and_act.trajectory import (
    Ending,
    EndingReason,
    MadeBy,
    Outcome,
    Plan,
    PlanStep,
    Round,
    Task,
    Trajectory,
    Usage,
)  # fmt: skip

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)></pre></details>"\'{{ 7*7 }}'


class Shelf:
    """Artefacts in memory."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.held[digest] = data
        return digest

    def get(self, digest: str, /) -> bytes:
        return self.held[digest]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xaa" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def plan(*goals: str, revision: int = 1, cause: str | None = None, after: int = 0) -> Plan:
    return Plan(revision=revision, steps=[PlanStep(goal=goal) for goal in goals], cause=cause, round=after)


def did(index: int, *, revision: int = 1, step: int | None = None, status: str = "ok", **more: Any) -> Round:
    return Round(
        index=index,
        plan=revision,
        url="https://forge.example/kettle",
        action=Click(element='link "Blue Kettle #17"', step=step),
        outcome=Outcome.model_validate({"status": status, "message": f"outcome {index}"}),
        **more,
    )


def run(**more: Any) -> Trajectory:
    task = Task(intent="Follow the top contributor", url="https://forge.example")
    return Trajectory.model_validate(
        {"thread": "t1", "task": task, "started": "2026-11-21T03:41:00+01:00", "seconds": 75.0} | more
    )


class Tags(HTMLParser):
    """Every tag and attribute of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def text_of(html: str) -> str:
    body = html[html.index("</head>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


# -- words ------------------------------------------------------------------------------------------------------------

WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "click": ({"element": 'link "Blue Kettle #17"'}, "Click link “Blue Kettle”"),
    "type": ({"element": 'textbox "N #3"', "text": "A", "submit": True}, "Type “A” into textbox “N” and press Enter"),
    "search": ({"element": 'searchbox "Search #1"', "text": "kettle"}, "Search for “kettle” in searchbox “Search”"),
    "select": ({"element": 'combobox "Size #4"', "option": "L"}, "Select “L” in combobox “Size”"),
    "hover": ({"element": "#9"}, "Move the mouse over #9"),
    "press": ({"key": "Control+a"}, "Press Control+a"),
    "scroll": ({"direction": "up"}, "Scroll up"),
    "go_back": ({}, "Go back"),
    "go_forward": ({}, "Go forward"),
    "goto": ({"url": "https://a.example"}, "Open https://a.example"),
    "switch_tab": ({"tab": 2}, "Switch to tab 2"),
    "close_tab": ({}, "Close the tab"),
    "upload": ({"element": 'button "File #8"', "file": "cv.pdf"}, "Upload “cv.pdf” to button “File”"),
    "wait": ({"seconds": 2.5}, "Wait 2.5 s"),
    "note": ({"note": "a fact"}, "Note: a fact"),
    "finish": ({"answer": "42"}, "Finish: 42"),
    "give_up": ({"reason": "no login"}, "Give up: no login"),
    "replan": ({"reason": "other page"}, "Ask for a new plan: other page"),
    "ask": ({"question": "Which one?"}, "Ask: Which one?"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_in_words(name: str) -> None:
    arguments, words = WORDS[name]
    assert action_in_words({"action": name, **arguments}) == words
    assert action_in_words(to_action({"action": name, **arguments})) == words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("17", "#17"),
        ("#17", "#17"),
        ("button #17", "button #17"),
        ("Sign in #3", "“Sign in”"),
        ('link "A \\"quoted\\" name #5"', 'link “A \\"quoted\\" name”'),
        ('button "" #4', "button #4"),
        ("", "“”"),
    ],
)
def test_labels_models_write_are_readable(label: str, words: str) -> None:
    assert action_in_words({"action": "click", "element": label}) == f"Click {words}"


def test_scroll_around_an_element_and_long_text() -> None:
    assert action_in_words({"action": "scroll", "element": 'list "Hits #2"'}) == "Scroll down around list “Hits”"
    long = action_in_words({"action": "type", "element": "#1", "text": "a\nb " * 5_000})
    assert len(long) < 200
    assert "\n" not in long
    assert "…" in long


def test_every_ending_has_a_sentence() -> None:
    assert set(ENDINGS) == set(get_args(EndingReason))
    assert ending_in_words(Ending(status="failed", reason="stalled")) == ENDINGS["stalled"]
    assert ending_in_words(Ending(status="failed", reason="stalled", message="mine")) == "mine"


def test_times_and_money() -> None:
    assert [duration(s) for s in (0, 9.94, 9.96, 59.6, 185, 3720)] == [
        "0.0 s", "9.9 s", "10 s", "1 min 00 s", "3 min 05 s", "1 h 02 min",
    ]  # fmt: skip
    assert [money(m) for m in (None, 0, 0.0123, 1.5)] == ["–", "$0.00", "$0.0123", "$1.50"]


# -- plan -------------------------------------------------------------------------------------------------------------


def states(steps: Any) -> list[tuple[str, str, int | None]]:
    return [(step.goal, step.state, step.number) for step in steps]


def test_a_step_is_not_done_because_a_later_one_is_under_way() -> None:
    plans = [plan("a", "b", "c")]
    rounds = [did(1, step=1), did(2, step=2)]
    assert states(checklist(plans, rounds, None)) == [("a", "open", 1), ("b", "under_way", 2), ("c", "open", 3)]
    assert states(checklist(plans, rounds, None, under_way=3))[2][1] == "under_way"


@pytest.mark.parametrize(("status", "state"), [("succeeded", "done"), ("failed", "open"), ("stopped", "open")])
def test_only_success_ticks_the_current_plan(status: Any, state: str) -> None:
    steps = checklist([plan("a", "b")], [did(1, step=2)], Ending(status=status, reason="finished"))
    assert {step.state for step in steps} == {state}


def test_what_a_replan_left_out_is_done_only_when_its_last_action_worked() -> None:
    plans = [plan("a", "b", "c", "Keep me."), plan("keep  me", "new", revision=2, after=3)]
    rounds = [did(1, step=1), did(2, step=2), did(3, step=2, status="error")]
    assert states(checklist(plans, rounds, None)) == [
        ("a", "done", None),
        ("b", "dropped", None),
        ("c", "dropped", None),
        ("keep  me", "open", 1),
        ("new", "open", 2),
    ]


def test_revisions_are_differences() -> None:
    found = revisions([plan("a", "b"), plan("b", "c", revision=2)])
    assert [(c.kind, c.step.goal) for c in found[0].changes] == [("added", "a"), ("added", "b")]
    assert [(c.kind, c.step.goal) for c in found[1].changes] == [("removed", "a"), ("kept", "b"), ("added", "c")]
    assert checklist([], [], None) == []


# -- images -----------------------------------------------------------------------------------------------------------


def test_image_sizes() -> None:
    assert image_facts(png(31, 17)) == ImageFacts("image/png", 31, 17)
    start_of_frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 17, 31) + b"\x03" + b"\0" * 9
    huffman = b"\xff\xc4\x00\x04ab"
    assert image_facts(b"\xff\xd8" + huffman + start_of_frame) == ImageFacts("image/jpeg", 31, 17)
    for broken in (b"", b"GIF89a", png(1, 1)[:20], b"\xff\xd8\xff", b"\xff\xd8" + huffman):
        assert image_facts(broken) is None


# -- the page ---------------------------------------------------------------------------------------------------------


def test_everything_a_run_holds_is_shown(tmp_path: Path) -> None:
    shelf = Shelf()
    shot = shelf.put(png(1280, 720))
    seen = shelf.put(b'link "Blue Kettle #17"')
    first = did(
        1, step=1, screenshot=shot, observation=seen, target=[100, 50, 80, 20], reasoning="because", seconds=1.25,
        title="Kettles",
    )  # fmt: skip
    first.outcome.changes.append("went to /kettle")
    trajectory = run(
        plans=[plan("open it", "read it"), plan("read it", "buy it", revision=2, cause="the page changed", after=1)],
        rounds=[first, did(2, revision=2, step=1, status="no_effect", screenshot=shot)],
        ending=Ending(status="stopped", reason="max_rounds", message="2 rounds are used."),
        answer='{"name": "Ada", "commits": 100}',
        usage={"planner": Usage(calls=2, input_tokens=1200, output_tokens=34, cost=0.02), "executor": Usage(calls=2)},
        made_by=MadeBy(version="1.2.3", prompts="abc123", models={"planner": "openai:big"}, config={"planning": "no"}),
    )  # fmt: skip
    path = tmp_path / "deep" / "report.html"
    write_report(trajectory, path, shelf)
    html = path.read_text(encoding="utf-8")
    text = text_of(html)
    for part in (
        "Follow the top contributor", "stopped", "2 rounds are used.", "max_rounds", "1 min 15 s", "1,234", "$0.0200",
        "2026-11-21 02:41 UTC", "openai:big", "Revision 2", "the page changed", "buy it", "Round 1", "Kettles",
        "https://forge.example/kettle", "because", "Click link “Blue Kettle”", "went to /kettle", "no effect",
        "1.2 s", "planner", "executor", "1.2.3", "abc123", "planning", "&#34;commits&#34;: 100",
    ):  # fmt: skip
        assert part in text, part
    assert "link &#34;Blue Kettle #17&#34;" in html  # the observation, and the raw action
    tags = Tags(html)
    assert len(tags.named("image")) == 1  # embedded once, shown twice
    assert len(tags.named("use")) == 2
    target = next(rect for rect in tags.named("rect") if rect["class"] == "target")
    assert (target["x"], target["y"], target["width"], target["height"]) == ("96.0", "46.0", "88.0", "28.0")
    assert base64.b64decode((tags.named("image")[0]["href"] or "").split(",")[1]) == shelf.get(shot)
    assert list(tmp_path.rglob("*")) == [path.parent, path]  # no temporary file stays


def test_nothing_a_page_says_becomes_markup() -> None:
    shelf = Shelf()
    seen = shelf.put(HOSTILE.encode() + b"\xff\x00")
    hostile = did(1, step=1, title=HOSTILE, reasoning=HOSTILE, observation=seen)
    hostile = hostile.model_copy(update={
        "url": "javascript:alert(1)",
        "action": to_action({"action": "type", "element": HOSTILE, "text": HOSTILE, "note": HOSTILE, "step": 1}),
        "outcome": Outcome(status="error", message=HOSTILE, changes=[HOSTILE]),
    })  # fmt: skip
    trajectory = run(
        thread=HOSTILE,
        task=Task(intent=HOSTILE, url="javascript:alert(2)"),
        started=HOSTILE,
        plans=[plan(HOSTILE), plan(HOSTILE + "2", revision=2, cause=HOSTILE, after=1)],
        rounds=[hostile],
        ending=Ending(status="failed", reason="gave_up", message=HOSTILE),
        answer=HOSTILE,
        usage={"planner": Usage(calls=1)},
        made_by=MadeBy(version=HOSTILE, prompts=HOSTILE, models={"planner": HOSTILE}, config={HOSTILE: HOSTILE}),
    )
    html = render_report(trajectory, shelf)
    tags = Tags(html)
    assert not [tag for tag, _ in tags.tags if tag in {"script", "img", "iframe", "object", "form", "link", "base"}]
    assert not [name for _, attrs in tags.tags for name in attrs if name.startswith("on") or name == "style"]
    assert all((a["href"] or "").startswith(("#", "https://")) for a in tags.named("a"))
    assert html.count("&lt;script&gt;alert(") >= 15  # shown, as text
    assert "49" not in text_of(html)  # and no template is run


def test_nothing_is_loaded_and_only_our_style_sheet_is_allowed() -> None:
    html = render_report(run(rounds=[did(1)]), Shelf())
    tags = Tags(html)
    policy = next(m["content"] or "" for m in tags.named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'")
    assert not re.search(r"url\(|@import", style[1])
    assert not [a for _, attrs in tags.tags for name, a in attrs.items() if name in {"src", "srcset"}]


def test_a_run_that_has_only_begun() -> None:
    text = text_of(render_report(run(thread="t-7", seconds=0), Shelf()))
    assert "not finished" in text
    assert "plan-and-act resume t-7" in text
    assert "No action was taken." in text
    assert "This run had no plan yet." in text


def test_artefacts_that_are_gone_or_no_image_are_left_out() -> None:
    class Broken(Shelf):
        def get(self, digest: str, /) -> bytes:
            if digest == "locked":
                raise PermissionError
            if digest == "ours":
                msg = "no such artefact"
                raise CheckpointError(msg)
            return super().get(digest)

    shelf = Broken()
    rounds = [
        did(1, screenshot="gone", observation="gone"),
        did(2, screenshot="locked", observation="ours"),
        did(3, screenshot=shelf.put(b"not an image"), target=[1, 2, 3, 4]),
    ]
    html = render_report(run(rounds=rounds), shelf)
    assert html.count("<article") == 3
    assert "<svg" not in html
    assert "Page as the model saw it" not in html


@pytest.mark.parametrize("target", [[2000, 10, 50, 50], [10, -90, 50, 50], [1.0], None])
def test_a_target_off_the_screenshot_is_not_marked(target: list[float] | None) -> None:
    shelf = Shelf()
    html = render_report(run(rounds=[did(1, screenshot=shelf.put(png(1280, 720)), target=target)]), shelf)
    assert "<svg viewBox" in html
    assert "<rect" not in html


def test_text_that_is_no_utf8_is_written(tmp_path: Path) -> None:
    write_report(run(answer="half \ud83d a pair"), tmp_path / "r.html", Shelf())
    assert "half ? a pair" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_failed_write_leaves_the_old_report_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.mkdir()  # cannot be replaced by a file
    with pytest.raises(StorageError, match=r"Writing the report .*report\.html failed"):
        write_report(run(), target, Shelf())
    assert list(tmp_path.iterdir()) == [target]
