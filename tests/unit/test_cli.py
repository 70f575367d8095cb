"""The command line's parts that need no browser and no model: options, exit codes, questions, records, views."""

import io
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from langgraph.types import Overwrite
from rich.console import Console

from plan_and_act.cli import app, exits, options, person, record, views
from plan_and_act.cli.progress import Progress
from plan_and_act.cli.text import safe
from plan_and_act.errors import (
    BlockedByPolicyError,
    BrowserNotFoundError,
    CheckpointError,
    ConfigError,
    ModelTimeoutError,
    PageError,
    StorageError,
)
from plan_and_act.trajectory import Ending, EndingReason

HOSTILE = "a\x1b[31mred\x1b]0;title\x07 b\u202ekcilC\u200b\r\nc\x9bd"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PLAN_AND_ACT_CHECKPOINTS", raising=False)


def made(thread: str = "t1", **more: Any) -> record.RunRecord:
    created = "2026-11-21T03:41:00+00:00"
    return record.RunRecord.model_validate(
        {"thread": thread, "task": "do it", "url": "https://a.example", "created": created} | more
    )


# -- exit codes -------------------------------------------------------------------------------------------------------


def test_every_ending_has_an_exit_code() -> None:
    assert set(exits.ENDINGS) == set(get_args(EndingReason))
    assert set(exits.ENDINGS.values()) <= set(exits.MEANINGS)
    assert [reason for reason, code in exits.ENDINGS.items() if code == 0] == ["finished"]
    assert exits.of_ending(Ending(status="stopped", reason="max_rounds")) == 3
    assert exits.of_ending(None) == 7


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (CheckpointError("x"), 2),
        (ModelTimeoutError("x"), 4),
        (BrowserNotFoundError("x"), 5),
        (PageError("x"), 5),
        (BlockedByPolicyError("x"), 6),
        (ZeroDivisionError("x"), 70),
    ],
)
def test_every_error_has_an_exit_code(error: Exception, code: int) -> None:
    assert exits.of_error(error) == code


@pytest.mark.parametrize("command", [[], ["run"], ["resume"], ["fork"]])
def test_the_help_tells_the_exit_codes(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([*command, "--help"]) == 0
    told = capsys.readouterr().out
    for code, meaning in exits.MEANINGS.items():
        assert f"{code:>3}  {meaning}" in told


# -- text -------------------------------------------------------------------------------------------------------------


def test_page_text_cannot_steer_the_terminal() -> None:
    assert safe(HOSTILE) == "a[31mred]0;title bkcilC cd"
    assert len(safe("x" * 1_000)) == 300


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://a.example/x?y#z", "https://a.example/x?y#z"),
        ("a.example/x", "https://a.example/x"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:80/x", "http://127.0.0.1:80/x"),
        ("[::1]:80", "http://[::1]:80"),
        (" a.example ", "https://a.example"),
    ],
)
def test_urls_as_people_type_them(typed: str, url: str) -> None:
    assert options.web_url(typed) == url


@pytest.mark.parametrize(
    "typed", ["", "file:///etc/passwd", "javascript://x", "https://", "https://a:99999", "a b.example"]
)
def test_what_is_no_url(typed: str) -> None:
    with pytest.raises(ConfigError, match="is no web address"):
        options.web_url(typed)


def test_settings_from_options(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    found = options.checked(
        options.settings(
            url="https://me:pw@a.example/x",
            model="p:big",
            executor="p:small",
            planning="static",
            allow=("https://b.example",),
            output_schema=schema,
            prices=("p:big=1,2.5",),
            max_cost=0.5,
            max_rounds=None,
        )
    )
    assert found == {
        "planner_model": "p:big",
        "executor_model": "p:small",
        "planning": "static",
        "allowed_origins": ["https://a.example", "https://b.example"],
        "output_schema": {"type": "object"},
        "prices": {"p:big": [1.0, 2.5]},
        "max_cost": 0.5,
    }
    assert options.settings(url="https://a.example") == {}
    by_role = options.settings(url="https://a.example", model="p:big", planner="p:plan")
    assert by_role == {"planner_model": "p:plan", "executor_model": "p:big", "replanner_model": "p:big"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "cannot be read as JSON"),
        ('{"type": 7}', "is no JSON Schema at type"),
        ("true", "must hold an object"),
        ('{"$ref": "https://example.com/schema.json"}', "is not in it"),
    ],
)
def test_a_schema_file_that_is_none(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "schema.json").write_text(content)
    with pytest.raises(ConfigError, match=says):
        options.settings(url="https://a.example", output_schema=tmp_path / "schema.json")


@pytest.mark.parametrize("price", ["big", "big=1", "=1,2", "big=1,2,3", "big=-1,2", "big=nan,1", "big=a,b"])
def test_a_price_that_is_none(price: str) -> None:
    with pytest.raises(ConfigError, match="is no price"):
        options.settings(url="https://a.example", prices=(price,))


def test_a_limit_of_money_needs_prices() -> None:
    with pytest.raises(ConfigError, match="--price"):
        options.settings(url="https://a.example", max_cost=1.0)


def test_a_model_of_every_role_replaces_those_of_all_roles() -> None:
    old = {"planner_model": "p:a", "executor_model": "p:b", "replanner_model": "p:c", "max_rounds": 5}
    assert options.amended(old, model="p:new") == {"planner_model": "p:new", "max_rounds": 5}
    assert options.amended(old, executor="p:new") == {**old, "executor_model": "p:new"}


def test_a_stored_setting_that_no_longer_exists() -> None:
    with pytest.raises(ConfigError, match="The setting telepathy cannot be used"):
        options.checked({"telepathy": True})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "Missing argument 'TASK'"),
        (["run", "x"], "Missing option '--url'"),
        (["run", " ", "--url", "https://a.example"], "it is empty"),
        (["run", "x", "--url", "ftp://a.example"], "is no web address"),
        (["run", "x", "--url", "a.example", "--thread", "../x"], "cannot name a run"),
        (["run", "x", "--url", "a.example", "--max-rounds", "0"], "0 is not in the range"),
        (["run", "x", "--url", "a.example", "--planning", "magic"], "'magic' is not one of"),
        (["run", "x", "--url", "a.example", "--output-schema", "nowhere.json"], "does not exist"),
        (["run", "x", "--url", "a.example", "--thread", "there"], "there is a run 'there' already"),
        (["resume", "nowhere"], "There is no run 'nowhere'"),
        (["fork", "nowhere", "--round", "2"], "There is no run 'nowhere'"),
        (["report", "nowhere"], "There is no run 'nowhere'"),
        (["fly"], "No such command 'fly'"),
        (["site", "atlantis"], "there is no practice site 'atlantis'"),
    ],
)
def test_usage_errors_are_sentences(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("there").save()
    assert app.run(arguments) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--debug", "resume", "nowhere"]) == 2
    assert "Traceback" in capsys.readouterr().err


# -- questions --------------------------------------------------------------------------------------------------------

APPROVAL = {"type": "approval", "action": {"action": "click", "element": 'button "Pay #3"'}, "url": "u", "title": "t"}
QUESTION = {"type": "question", "question": "Which one?"}
REVIEW = {
    "type": "plan",
    "steps": [{"goal": "Pay.", "reasoning": "It is due."}],
    "revision": 1,
    "url": "u",
    "title": "t",
}
NOTHING: dict[str, Any] = {"approve": False, "reject": None, "edit": None, "answer": None}


@pytest.mark.parametrize(
    ("question", "given", "answer"),
    [
        (APPROVAL, {}, None),
        (APPROVAL, {"approve": True}, {"decision": "approve"}),
        (APPROVAL, {"reject": ""}, {"decision": "reject", "reason": ""}),
        (APPROVAL, {"edit": '{"action": "click", "element": 4}'},
         {"decision": "edit", "action": {"action": "click", "element": "#4"}}),
        (REVIEW, {"approve": True}, {"decision": "approve"}),
        (REVIEW, {"reject": "too long"}, {"decision": "reject", "reason": "too long"}),
        (REVIEW, {"edit": '["Look.", {"goal": "Pay.", "reasoning": "Due."}]'},
         {"decision": "edit", "steps": [{"goal": "Look.", "reasoning": ""}, {"goal": "Pay.", "reasoning": "Due."}]}),
        (QUESTION, {"answer": "the blue one"}, "the blue one"),
        (None, {}, None),
    ],
)  # fmt: skip
def test_answers_from_options(question: Any, given: dict[str, Any], answer: Any) -> None:
    assert person.answer_from(question, **{**NOTHING, **given}) == answer


@pytest.mark.parametrize(
    ("question", "given", "says"),
    [
        (None, {"approve": True}, "no question to answer"),
        (APPROVAL, {"answer": "yes"}, "--approve | --reject REASON"),
        (QUESTION, {"approve": True}, "--answer TEXT"),
        (APPROVAL, {"approve": True, "reject": "no"}, "--approve and --reject cannot go together"),
        (REVIEW, {"answer": "yes"}, "--approve | --reject REASON"),
        (REVIEW, {"edit": '{"action": "wait"}'}, "This is no plan"),
        (REVIEW, {"edit": "[]"}, "This is no plan"),
        (APPROVAL, {"edit": "click it"}, "is no JSON"),
        (APPROVAL, {"edit": '{"action": "explode"}'}, "This is no action"),
        (QUESTION, {"answer": "word " * 500}, "--answer has 2,500 characters; the agent takes 1,900 at most"),
    ],
)
def test_answers_that_do_not_fit(question: Any, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        person.answer_from(question, **{**NOTHING, **given})


# -- records ----------------------------------------------------------------------------------------------------------


def test_a_record_is_kept_without_litter() -> None:
    first = made(context={"planning": "none"}, ending=Ending(status="failed", reason="stalled"))
    first.save()
    first.save()
    assert record.load("t1") == first
    assert [path.name for path in first.folder.iterdir()] == ["run.json"]


@pytest.mark.parametrize("thread", ["", "../x", "a/b", ".hidden", "x" * 101, "a\nb", "-x"])
def test_a_thread_cannot_leave_its_folder(thread: str) -> None:
    with pytest.raises(ConfigError, match="cannot name a run"):
        record.load(thread)


def test_a_record_that_is_broken() -> None:
    made().save()
    (made().folder / "run.json").write_bytes(b'{"thread": "t1"')
    with pytest.raises(CheckpointError, match="cannot be read"):
        record.load("t1")
    assert record.load_all() == []


def test_only_one_process_works_on_a_run() -> None:
    run = made()
    run.save()
    assert not run.busy
    with record.at_work("t1"):
        assert run.busy
        with pytest.raises(CheckpointError, match="Another process"), record.at_work("t1"):
            pass
    assert not run.busy
    with record.at_work("t1"):
        pass


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(StorageError, match="Keeping the run in"), record.at_work("t1"):
        pass


def test_new_threads_sort_and_differ() -> None:
    names = {record.new_thread() for _ in range(20)}
    assert len(names) == 20
    assert all(record.folder_of(name) for name in names)


def test_runs_lists_the_latest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["runs"]) == 0
    assert "There are no runs" in capsys.readouterr().err
    done = Ending(status="succeeded", reason="finished")
    made("old", state="ended", ending=done, rounds=3, tokens=12_345, cost=0.02).save()
    made("new", created="2026-11-21T04:00:00+00:00", task=f"[red]x[/red] {HOSTILE}").save()
    with record.at_work("new"):
        assert app.run(["runs"]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["Thread", "Task", "Ending", "Rounds", "Tokens", "Cost", "When"]
    assert first.startswith("new")
    assert "running" in first
    assert "[red]x[/red]" in first
    assert "\x1b" not in first
    assert second.split()[:3] == ["old", "do", "it"]
    assert "succeeded: finished" in second
    assert "12,345" in second
    assert "$0.0200" in second
    assert app.run(["runs", "--json", "--limit", "1"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["thread"], row["state"]) for row in rows] == [("new", "interrupted")]


# -- progress and views -----------------------------------------------------------------------------------------------

START = {
    "settings": {"made_by": {"models": {"planner": "p:big", "executor": "p:big"}}},
    "rounds": Overwrite([]),
    "plans": Overwrite([]),
    "pending": Overwrite({}),
    "usage": Overwrite({}),
}
CLICK = {"action": "click", "element": 'link "Contributors #9"', "step": 1}
PLAN = {"revision": 1, "steps": [{"goal": "open the list"}, {"goal": "follow"}]}
ROUND = {
    "index": 1,
    "plan": 1,
    "url": "https://a.example",
    "action": CLICK,
    "outcome": {"status": "ok", "changes": ["went to /c"]},
}
STREAM: list[tuple[str, dict[str, Any]]] = [
    ("start", START),
    ("observe", {"page": {"url": "https://a.example", "title": HOSTILE}, "seconds": 1.0}),
    ("planner", {"plans": [PLAN], "usage": {"planner": {"calls": 1, "input_tokens": 1_000, "output_tokens": 20}}}),
    ("executor", {"pending": {"action": CLICK, "reasoning": HOSTILE}, "usage": {
        "executor": {"calls": 1, "input_tokens": 500, "output_tokens": 5, "cost": 0.01}}}),
    ("act", {"pending": {"action": CLICK, "outcome": {"status": "ok"}}, "page": {"url": "https://a.example/c"}}),
    ("observe", {"rounds": [ROUND], "pending": {}, "page": {"url": "https://a.example/c", "title": "C"}}),
    ("replan", {"plans": [{"revision": 2, "cause": HOSTILE, "round": 1, "steps": [{"goal": "follow"}]}]}),
    ("executor", {"pending": {"action": {"action": "finish", "answer": "done"}}}),
    ("verify", {"answer": "done", "ending": {"status": "succeeded", "reason": "finished", "message": "m"}}),
    ("close", {"rounds": [{**ROUND, "index": 2, "action": {"action": "finish", "answer": "done"}}], "pending": {}}),
]  # fmt: skip


def test_updates_become_events() -> None:
    progress = Progress({})
    told: list[dict[str, Any]] = [event for node, update in STREAM for event in progress.update(node, update)]
    assert [event["event"] for event in told] == [
        "start", "page", "plan", "action", "outcome", "page", "plan", "action", "ending", "outcome",
    ]  # fmt: skip
    assert json.loads(json.dumps(told)) == told
    action = told[3]
    assert (action["round"], action["words"], action["action"]) == (1, "Click link “Contributors”", CLICK)
    assert told[4]["changes"] == ["went to /c"]
    assert progress.total.input_tokens == 1_500
    assert [(step.goal, step.state) for step in progress.checklist()] == [("open the list", "done"), ("follow", "done")]
    assert progress.pending is None


def test_who_thinks_is_told_until_there_is_an_answer() -> None:
    progress = Progress({})
    model = {"event": "model", "role": "executor", "model": "p:big"}
    assert list(progress.told(model)) == [model]
    assert progress.thinking == "executor"
    list(progress.update(*STREAM[3]))
    assert progress.thinking is None
    assert list(progress.told("something else")) == []


def test_the_check_list_follows_the_action_under_way() -> None:
    progress = Progress({})
    for node, update in STREAM[:4]:
        list(progress.update(node, update))
    assert [step.state for step in progress.checklist()] == ["under_way", "open"]


def test_a_run_that_is_resumed_starts_from_its_state() -> None:
    progress = Progress({"plans": [PLAN], "rounds": [ROUND], "pending": {"action": CLICK}, "page": {"url": "u"}})
    assert len(progress.rounds) == 1
    again = list(progress.update("act", {"pending": {"action": CLICK, "outcome": {"status": "ok"}}}))
    assert again == []  # it has been told before


@pytest.mark.parametrize("live", [False, True])
def test_views_show_the_run_and_let_nothing_through(live: bool) -> None:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=live, width=100, markup=False, highlight=False, emoji=False, color_system=None
    )
    view = views.LiveView(console) if live else views.PlainView(console)
    progress = Progress({})
    view.start(progress)
    for node, update in STREAM:
        for event in progress.update(node, update):
            view.event(event)
            if isinstance(view, views.LiveView):
                console.print(view.picture())
    view.stop()
    told = out.getvalue()
    for part in ("Model: p:big", "Plan, revision 2", "Click link “Contributors”", "went to /c", "follow"):
        assert part in told
    assert "1,525 tokens · $0.0100" in told or not live
    assert "\x1b[31m" not in told
    assert "\x1b]0;" not in told
    assert "\u202e" not in told


def test_the_embedded_model_is_said_to_be_small() -> None:
    told = [line.plain for line in views.lines({"event": "start", "models": {"planner": "embedded"}})]
    assert told[0] == "Model: embedded"
    assert "for trying things only" in told[1]


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    view = views.make_view(as_json=True)
    view.start(Progress({}))
    view.event({"event": "page", "url": "u", "title": "half \ud83d\n"})
    view.stop()
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["title"] == "half \ud83d\n"


def test_not_a_terminal_means_plain_lines() -> None:
    code = "from plan_and_act.cli.views import make_view; print(type(make_view(as_json=False)).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "PlainView"


def test_a_broken_pipe_is_no_traceback(tmp_path: Path) -> None:
    for number in range(300):
        made(f"r{number}", task="x" * 300).save()
    code = "from plan_and_act.cli import main; import sys; sys.argv = ['p', 'runs', '--json', '--limit', '300']; main()"
    done = subprocess.run(
        f'{sys.executable} -c "{code}" | head -1',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert json.loads(done.stdout)["thread"].startswith("r")
    assert done.stderr == ""


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_a_question_says_why_it_is_asked() -> None:
    why = {"risks": ["pay", "send"], "rule": {"risk": "pay", "decision": "ask", "reason": "by\x1b[1m hand"}}
    words = person.in_words({**APPROVAL, **why})
    assert words == "May the agent do this? Click button “Pay” (risks: pay, send; rule: by[1m hand)"
    assert person.in_words({**APPROVAL, "risks": ["none"], "rule": None}).endswith("“Pay”")
    assert person.in_words(REVIEW) == "May the agent work by this plan? 1. Pay."


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (APPROVAL, "what?\na\n", {"decision": "approve"}),
        (REVIEW, "approve\n", {"decision": "approve"}),
        (REVIEW, "e\n\nLook.\nPay.\n\n", {"decision": "edit", "steps": ["Look.", "Pay."]}),
        (REVIEW, "r\ntoo long\n", {"decision": "reject", "reason": "too long"}),
        (QUESTION, "blue\n", "blue"),
        (QUESTION, "\n", None),
        (APPROVAL, 'edit\nno json\n{"action": "press", "key": "Enter"}\n',
         {"decision": "edit", "action": {"action": "press", "key": "Enter"}}),
        (APPROVAL, "r\nnot this one\n", {"decision": "reject", "reason": "not this one"}),
        (APPROVAL, "Stop\n\n", {"decision": "stop", "reason": ""}),
        (APPROVAL, "l\n", None),
        (APPROVAL, "\x04", None),
    ],
)  # fmt: skip
def test_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, question: Any, typed: str, answer: Any) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        if answer is None:
            with pytest.raises(person.LaterError):
                person.ask(question)
        else:
            assert person.ask(question) == answer
    os.close(ours)


def test_sqlite_errors_are_ours_by_the_time_they_arrive() -> None:
    assert exits.of_error(sqlite3.OperationalError("database is locked")) == exits.USAGE


def test_the_package_can_be_started_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "plan_and_act", "--version"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+\.\d+\S*\n", done.stdout)
