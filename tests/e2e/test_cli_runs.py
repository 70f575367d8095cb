"""The command line as people use it: real processes, a real browser, a practice site; only the model is scripted.

The model is an OpenAI-compatible endpoint that answers from a script, so that every run goes the same way.
"""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from plan_and_act.sites import demo_task, forge_app
from plan_and_act.sites.serve import serve_in_thread
from plan_and_act.trajectory import read

SEED = 7
TOP = "Freya Bianchi"
PLAN = """## Step 1
Reasoning: The commits are on the contributors page.
Step: Open the list of contributors

## Step 2
Reasoning: Following is done on the profile.
Step: Open the profile of the top contributor and follow them
"""
SCRIPT: list[dict[str, Any]] = [
    {"name": "click", "element": 'link "See all 21 contributors"', "step": 1},
    {"name": "click", "element": f'link "{TOP}"', "step": 2},
    {"name": "click", "element": 'button "Follow"', "step": 2},
    {"name": "finish", "answer": f"Followed {TOP}.", "step": 2},
]
MAIN = [sys.executable, "-c", "from plan_and_act.cli import main; main()"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Model:
    """A chat endpoint that answers from a script: a plan where no tools are offered, else the next action."""

    def __init__(self) -> None:
        self.script = list(SCRIPT)
        self.asked = threading.Event()
        """Set when the action `hold_at` has been asked for; the answer is held back until `go`."""
        self.hold_at: int | None = None
        self.go = threading.Event()
        self.status = 200
        self.bodies: list[str] = []

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if not request.get("tools"):
            return {"role": "assistant", "content": PLAN}
        done = len(SCRIPT) - len(self.script)
        if self.hold_at == done:
            self.asked.set()
            self.go.wait(60)
            return {"role": "assistant", "content": "Nobody reads this any more."}
        action = dict(self.script.pop(0)) if self.script else {"name": "give_up", "reason": "The script is over."}
        name = action.pop("name")
        call = {"id": f"call-{done}", "type": "function", "function": {"name": name, "arguments": json.dumps(action)}}
        return {"role": "assistant", "content": f"Because of {name}.", "tool_calls": [call]}

    @contextlib.contextmanager
    def serve(self) -> Iterator[str]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                model.bodies.append(body.decode())
                request = json.loads(body)
                if model.status != 200:
                    answer: dict[str, Any] = {"error": {"message": "no such model", "type": "invalid_request_error"}}
                else:
                    message = model.answer(request)
                    reason = "tool_calls" if message.get("tool_calls") else "stop"
                    choice = {"index": 0, "message": message, "finish_reason": reason}
                    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
                    answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "scripted",
                              "choices": [choice], "usage": usage}  # fmt: skip
                data = json.dumps(answer).encode()
                kind = "application/json"
                if request.get("stream") and model.status == 200:
                    data, kind = self._stream(answer), "text/event-stream"
                with contextlib.suppress(ConnectionError):
                    self.send_response(model.status)
                    self.send_header("content-type", kind)
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def _stream(self, answer: dict[str, Any]) -> bytes:
                message, reason = answer["choices"][0]["message"], answer["choices"][0]["finish_reason"]
                for index, call in enumerate(message.get("tool_calls", [])):
                    call["index"] = index
                common = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
                chunks = [
                    {**common, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
                    {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
                    {**common, "choices": [], "usage": answer["usage"]},
                ]
                lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
                return "".join([*lines, "data: [DONE]\n\n"]).encode()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            self.go.set()
            server.shutdown()
            thread.join()
            server.server_close()


class World:
    """A practice site, a scripted model, and a home for runs."""

    def __init__(self, home: Path, url: str, endpoint: str, model: Model) -> None:
        self.home = home
        self.site = url
        self.model = model
        self.url = demo_task(SEED, url)[0].url
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH", "LANGCHAIN"))},
            "PLAN_AND_ACT_HOME": str(home),
            "OPENAI_BASE_URL": endpoint,
            "OPENAI_API_KEY": "none",
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "COLUMNS": "120",
        }

    def command(self, *arguments: str) -> list[str]:
        if arguments[0] == "run":
            arguments = ("run", f"Follow {TOP}", "--url", self.url, "--model", "openai:scripted", *arguments[1:])
        return [*MAIN, *arguments]

    def __call__(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, as a shell does."""
        return subprocess.Popen(
            self.command(*arguments), env=self.env, text=True, process_group=0,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
        )  # fmt: skip

    async def state(self) -> dict[str, Any]:
        """What the site says was done in the session of the task."""
        from plan_and_act.sites.serve import Site

        return await Site(self.site).state("demo")

    async def followed(self) -> list[str]:
        return (await self.state())["changes"]["followed"]  # type: ignore[no-any-return]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    model = Model()
    with serve_in_thread(forge_app(seed=SEED, control=True)) as site, model.serve() as endpoint:
        yield World(tmp_path / "home", site.url, endpoint, model)


async def test_a_run_from_task_to_report(world: World) -> None:
    done = world("run", "--thread", "first")
    assert done.stdout == f"Followed {TOP}.\n"
    for part in (
        "Open the list of contributors",
        f"Click link “{TOP}”",
        "Click button “Follow”",
        "succeeded",
        "4 rounds",
        "550 tokens",
        "first/report.html",
    ):
        assert part in done.stderr, part
    assert await world.followed() == ["freya-bianchi"]

    folder = world.home / "runs" / "first"
    (run,) = read(folder / "trajectory.jsonl")
    assert [round_.action.action for round_ in run.rounds] == ["click", "click", "click", "finish"]
    html = (folder / "report.html").read_text()
    assert html.count("<article") == 4
    assert html.count('class="target"') == 3
    assert "Because of click." in html

    listed = world("runs").stdout
    assert "first" in listed
    assert "succeeded: finished" in listed
    again = folder.parent / "again.html"
    assert world("report", "first", "-o", str(again)).stdout.strip() == str(again)
    assert again.read_text() == html

    ended = world("resume", "first", code=2)
    assert "has ended" in ended.stderr
    assert len(list(read(folder / "trajectory.jsonl"))) == 1


async def test_an_answer_is_told_though_the_report_cannot_be_written(world: World) -> None:
    (world.home / "runs" / "t" / "report.html").mkdir(parents=True)
    done = world("run", "--thread", "t")
    assert done.stdout == f"Followed {TOP}.\n"
    assert "Writing the report" in done.stderr
    assert len(list(read(world.home / "runs" / "t" / "trajectory.jsonl"))) == 1


async def test_json_for_machines(world: World) -> None:
    done = world("run", "--json", "--no-report")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"] for event in told]
    assert kinds[:2] == ["run", "start"]
    assert kinds.count("action") == kinds.count("outcome") == 4
    assert kinds[-1] == "result"
    result = told[-1]
    assert result["ending"]["reason"] == "finished"
    assert (result["answer"], result["rounds"], result["tokens"]) == (f"Followed {TOP}.", 4, 550)
    assert (result["exit_code"], result["report"]) == (0, None)
    assert done.stderr == ""


async def test_a_person_approves_rejects_and_edits(world: World) -> None:
    asked = world("run", "--thread", "t", "--approve", "always", code=7)
    assert "May the agent do this? Click link “See all 21 contributors”" in asked.stderr
    assert "plan-and-act resume t [--approve | --reject REASON | --edit JSON]" in asked.stderr
    assert "waiting" in world("runs").stdout
    assert "--answer is no answer" in world("resume", "t", "--answer", "yes", code=2).stderr
    world("resume", "t", code=7)  # no answer: it goes on waiting
    edit = json.dumps({"action": "click", "element": 'link "Issues"'})
    world("resume", "t", "--approve", code=7)
    world("resume", "t", "--reject", "not yet", code=7)  # the click on the profile; the script goes on
    assert await world.followed() == []
    told = world("resume", "t", "--edit", edit.replace("Issues", "People"), "--json")
    result = json.loads(told.stdout.splitlines()[-1])
    assert result["exit_code"] == 0
    (run,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    assert [(r.action.action, r.outcome.status) for r in run.rounds] == [
        ("click", "ok"), ("click", "error"), ("click", "ok"), ("finish", "ok"),
    ]  # fmt: skip
    assert "not yet" in run.rounds[1].outcome.message
    assert await world.followed() == []


async def test_a_person_reviews_the_plan_first(world: World) -> None:
    shown = world("run", "--thread", "t", "--review-plan", code=7)
    assert "May the agent work by this plan? 1. Open the list of contributors; 2. Open the profile" in shown.stderr
    assert "plan-and-act resume t [--approve | --reject REASON | --edit JSON]" in shown.stderr
    again = world("resume", "t", "--reject", "in one step", code=7)
    assert "Plan, revision 2 (a person rejected it: in one step)" in again.stderr
    assert "in one step" in world.model.bodies[-1]
    world("resume", "t", "--edit", '["Follow the top contributor, please"]')
    (run,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    assert [plan.cause for plan in run.plans] == [None, "a person rejected it: in one step", "a person edited it"]
    assert "Follow the top contributor, please" in world.model.bodies[-1]
    assert "Follow the top contributor, please" in (world.home / "runs" / "t" / "report.html").read_text()
    assert await world.followed() == ["freya-bianchi"]


async def test_rules_in_a_file_ask_and_refuse(world: World, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "- {element: 'button \"Follow*', decision: deny, reason: people notice}\n"
        "- {element: '*Bianchi*', decision: ask, reason: who that is}\n"
    )
    asked = world("run", "--thread", "t", "--approve", str(rules), code=7)
    assert f"May the agent do this? Click link “{TOP}” (rule: who that is)" in asked.stderr
    world("resume", "t", "--approve")
    (run,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    assert [(row.action.action, row.outcome.status) for row in run.rounds] == [
        ("click", "ok"), ("click", "ok"), ("click", "error"), ("finish", "ok"),
    ]  # fmt: skip
    assert "people notice" in run.rounds[2].outcome.message
    assert await world.followed() == []
    assert "cannot be read" in world("run", "--thread", "u", "--approve", "nowhere.yaml", code=2).stderr


async def test_the_agent_asks_a_person(world: World) -> None:
    world.model.script = [{"name": "ask", "question": "Which contributor?"}, *SCRIPT]
    asked = world("run", "--thread", "t", "--ask", code=7)
    assert "The agent asks: Which contributor?" in asked.stderr
    assert "plan-and-act resume t [--answer TEXT]" in asked.stderr
    world("resume", "t", "--answer", "the top one")
    (run,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    assert run.rounds[0].outcome.message == "The person answered: the top one"
    assert any("The person answered: the top one" in body for body in world.model.bodies)
    assert await world.followed() == ["freya-bianchi"]


@pytest.mark.parametrize(
    ("how", "at"),
    [("Ctrl-C", 0), ("Ctrl-C", 3), ("SIGTERM", 2), ("SIGTERM in the background", 1), ("kill -9", 1), ("kill -9", 3)],
)
async def test_a_run_that_is_stopped_goes_on_where_it_was(world: World, how: str, at: int) -> None:
    world.model.hold_at = at
    # As a shell starts what runs in the background of a script.
    background = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)} if "background" in how else {}
    process = world.start("run", "--thread", "t", **background)
    assert world.model.asked.wait(60)
    if how == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the browser as well
    else:
        process.send_signal(signal.SIGKILL if how == "kill -9" else signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    if how != "kill -9":
        assert process.returncode == 130, told
        assert f"Interrupted after {at} round" in told
        assert "Go on with: plan-and-act resume t" in told
        assert "Traceback" not in told
        assert (world.home / "runs" / "t" / "report.html").exists()
    assert "interrupted" in world("runs").stdout
    world.model.hold_at = None
    world.model.go.set()
    world.model.script = list(SCRIPT[at:])
    world("resume", "t")
    assert await world.followed() == ["freya-bianchi"]
    assert (await world.state())["counts"] == {"follow": 1}
    (run,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    assert [round_.outcome.status for round_ in run.rounds] == ["ok"] * 4


async def test_only_one_process_works_on_a_run(world: World) -> None:
    world.model.hold_at = 1
    process = world.start("run", "--thread", "t")
    assert world.model.asked.wait(60)
    assert "running" in world("runs").stdout
    assert "Another process is at work" in world("resume", "t", code=2).stderr
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


async def test_a_fork_does_a_round_anew(world: World) -> None:
    world("run", "--thread", "t")
    world.model.script = [{"name": "finish", "answer": "Only looked."}]
    forked = world("fork", "t", "--round", "3", "--as", "u", "--planning", "static")
    assert forked.stdout == "Only looked.\n"
    (old,) = read(world.home / "runs" / "t" / "trajectory.jsonl")
    (new,) = read(world.home / "runs" / "u" / "trajectory.jsonl")
    assert [r.action for r in new.rounds[:2]] == [r.action for r in old.rounds[:2]]
    assert len(new.rounds) == 3
    assert new.rounds[2].url.endswith("/@freya-bianchi")  # the browser stood where it had stood then
    assert new.ending
    assert old.ending
    assert "no checkpoint before round 9" in world("fork", "t", "--round", "9", code=2).stderr


async def test_a_fork_with_other_settings_says_so_and_keeps_their_limits(world: World) -> None:
    world("run", "--thread", "t")
    other = ("fork", "t", "--round", "3", "--model", "openai:other")
    told = world(*other, "--max-cost", "0.1", "--price", "typo=1,2", code=2)
    assert "there is no price for openai:other" in told.stderr
    world.model.script = [{"name": "finish", "answer": "Only looked."}]
    world(*other, "--as", "u", "--max-rounds", "7")
    (new,) = read(world.home / "runs" / "u" / "trajectory.jsonl")
    assert new.made_by
    assert set(new.made_by.models.values()) == {"openai:other"}
    assert new.made_by.config["max_rounds"] == 7


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--max-rounds", "2"], 3, "limit of 2 rounds"),
        (["--url", "http://nowhere.invalid/"], 5, "nowhere.invalid"),
        (["--allow", "https://else.example", "--url", "http://127.0.0.1:1/"], 5, ""),
        (["--max-tokens", "200"], 3, "200"),
    ],
)
def test_endings_have_exit_codes(world: World, arguments: list[str], code: int, says: str) -> None:
    done = world("run", *arguments, code=code)
    assert says in done.stderr
    assert done.stdout == ""


async def test_a_model_that_cannot_be_used_costs_nothing_that_was_done(world: World) -> None:
    world.model.status = 404
    told = world("run", "--thread", "t", "--json", code=4)
    assert json.loads(told.stdout.splitlines()[-1])["exit_code"] == 4
    assert len(told.stderr.strip().splitlines()) == 1
    assert "scripted" in told.stderr
    world.model.status = 200
    world("resume", "t")
    assert await world.followed() == ["freya-bianchi"]


def test_a_checkpoint_file_that_is_locked(world: World) -> None:
    import sqlite3

    world.home.mkdir()
    with contextlib.closing(sqlite3.connect(world.home / "checkpoints.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        told = world("run", "--thread", "t", code=2)
    assert "is locked by another process" in told.stderr
    assert world.model.bodies == []


def test_a_secret_stays_where_it_belongs(world: World, tmp_path: Path) -> None:
    world.model.script = [
        {"name": "search", "element": 'searchbox "Search Emberforge"', "text": "<secret:token>"},
        {"name": "finish", "answer": "searched"},
    ]
    file = tmp_path / "secrets.yaml"
    file.write_text("token: {value: hunter2-secret, origins: [127.0.0.1]}")
    file.chmod(0o600)
    told = world("run", "--thread", "t", "--secrets", str(file), "--json")
    outcomes = [json.loads(line) for line in told.stdout.splitlines() if '"outcome"' in line]
    assert outcomes[0]["status"] == "ok", outcomes
    assert "hunter2-secret" not in told.stdout + told.stderr + "".join(world.model.bodies)
    for path in world.home.rglob("*"):
        if path.is_file() and "private" not in path.parts:
            assert b"hunter2-secret" not in path.read_bytes(), path


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, world: World, *arguments: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            command = world.command(*arguments)
            os.execvpe(command[0], command, {**world.env, "TERM": "xterm-256color"})
        self.raw = ""

    @property
    def text(self) -> str:
        return ESCAPES.sub("", self.raw)

    def expect(self, text: str) -> None:
        while text not in self.text:
            assert self._read(), f"it ended without {text!r}: {self.text}"

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def end(self) -> int:
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        """Wait for output; False at its end."""
        ready, _, _ = select.select([self.fd], [], [], 60)
        assert ready, f"nothing came for a minute: {self.text}"
        try:
            data = os.read(self.fd, 65_536)
        except OSError:  # how Linux tells that the other side has closed a terminal
            return False
        self.raw += data.decode(errors="replace")
        return bool(data)


def test_a_person_at_a_terminal(world: World) -> None:
    terminal = Terminal(world, "run", "--thread", "t", "--approve", "risky")
    terminal.expect("▸ 2. Open the profile of the top contributor")  # the check list, with the step under way
    assert "✓ 1. Open the list" not in terminal.text  # a later step under way does not make an earlier one done
    assert terminal.end() == 0
    assert "✓ 1. Open the list of contributors" in terminal.text
    assert f"Followed {TOP}." in terminal.text


def test_a_person_answers_at_a_terminal(world: World) -> None:
    terminal = Terminal(world, "run", "--thread", "t", "--approve", "always")
    terminal.expect("approve, edit, reject, stop or later: ")
    terminal.type("approve\r")
    terminal.expect(f"Click link “{TOP}”")
    terminal.expect("later: ")
    terminal.type("later\r")
    assert terminal.end() == 7
    again = Terminal(world, "resume", "t")
    again.expect("later: ")
    again.type("s\r")
    again.expect("Why (may be empty): ")
    again.type("enough\r")
    assert again.end() == 6
    assert "enough" in again.text


def test_a_person_edits_the_plan_at_a_terminal(world: World) -> None:
    terminal = Terminal(world, "run", "--thread", "t", "--review-plan")
    terminal.expect("because: The commits are on the contributors page.")
    terminal.expect("approve, edit, reject, stop or later: ")
    terminal.type("edit\rFind out who it is\rFollow them\r\r")
    assert terminal.end() == 0
    assert "✓ 2. Follow them" in terminal.text


@pytest.mark.parametrize("at", ["start", "model", "question"])
def test_ctrl_c_at_a_terminal(world: World, at: str) -> None:
    world.model.hold_at = 0 if at == "model" else None
    terminal = Terminal(world, "run", "--thread", "t", *(["--approve", "always"] if at == "question" else []))
    if at == "start":
        terminal.expect("run t")
    elif at == "model":
        assert world.model.asked.wait(60)
    else:
        terminal.expect("later: ")
    terminal.type("\x03")
    assert terminal.end() == 130, terminal.text
    assert "Go on with: plan-and-act resume t" in terminal.text
    assert "Traceback" not in terminal.text


def test_the_demo_says_what_the_site_says(world: World) -> None:
    done = world("demo", "--model", "openai:scripted")
    assert "The site says: the goal is reached" in done.stderr
    again = world("demo", "--model", "openai:scripted", "--max-rounds", "3")  # the script is over: it gives up
    assert "The site says: the goal is not reached: followed: freya-bianchi is missing" in again.stderr


def test_a_site_is_started_by_one_command(world: World) -> None:
    process = world.start("site", "forge", "--port", "0")
    assert process.stdout
    url = process.stdout.readline().strip()
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5):
        pass
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_the_browser_is_looked_at(world: World) -> None:
    assert "starts in" in world("browser", "doctor").stdout
    world.env["PLAN_AND_ACT_CHROMIUM"] = "/nowhere/chromium"
    assert "/nowhere/chromium" in world("browser", "doctor", code=5).stderr


def test_the_graph_is_drawn(world: World, tmp_path: Path) -> None:
    drawn = world("graph").stdout
    assert "executor -.-> act" in drawn or "executor -. " in drawn
    world("graph", "-o", str(tmp_path / "graph.md"))
    assert (tmp_path / "graph.md").read_text() == f"```mermaid\n{drawn.rstrip()}\n```\n"
