"""What the stages of the pipeline stand on: rows, files, the cache of answers, teachers, budgets, configurations."""

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from plan_and_act.errors import BudgetSpentError, ConfigError, ModelOutputError, ModelUnavailableError, StorageError
from plan_and_act.llm.call import Reply
from plan_and_act.synthesis.cache import Cache
from plan_and_act.synthesis.config import Budget, TeacherSettings
from plan_and_act.synthesis.rows import Provenance, QueryRow
from plan_and_act.synthesis.stage import Job, Progress
from plan_and_act.synthesis.store import Store
from plan_and_act.synthesis.teacher import Gate, Ledger, RuleBrokenError, Teacher, clipped, drop_reason, fenced
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Usage
from teachers import pipeline


def query(number: int) -> QueryRow:
    made_by = Provenance(stage="queries", teacher="t", prompt="p", parents=["x"])
    return QueryRow(site="forge", query=f"Find issue {number}.", feasible="yes", seeds=[], made_by=made_by)


# -- rows and files ---------------------------------------------------------------------------------------------------


def test_a_row_is_named_after_its_content() -> None:
    assert query(1).id == query(1).id != query(2).id
    assert QueryRow.model_validate_json(query(1).model_dump_json()) == query(1)


def test_rows_are_written_and_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    with store.writer("queries") as write:
        write(query(1))
        write(query(2))
        assert not store.has("queries"), "half a stage must not look like a whole one"
    assert list(store.read("queries", QueryRow)) == [query(1), query(2)]
    assert store.count("queries") == 2


def test_a_stage_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.writer("queries") as write:
        write(query(1))
    with contextlib.suppress(ZeroDivisionError), store.writer("queries") as write:
        write(query(2))
        raise ZeroDivisionError
    assert list(store.read("queries", QueryRow)) == [query(1)]
    assert json.loads((tmp_path / "queries.jsonl.part").read_text())["query"] == "Find issue 2."


def test_a_line_cut_off_is_passed_over_and_counted(tmp_path: Path) -> None:
    store, lines = Store(tmp_path), [query(n).model_dump_json() for n in (1, 2, 3)]
    store.path("queries").write_text(f"{lines[0]}\n{lines[1][:40]}\n\n{lines[2]}")
    cut: list[int] = []
    assert list(store.read("queries", QueryRow, on_cut=lambda: cut.append(1))) == [query(1), query(3)]
    assert len(cut) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"schema_version": 99}', "queries.jsonl:1 has rows of schema 99; this version reads 1"),
        ("[]", "rows of schema None"),
        ('{"schema_version": 1, "site": "a"}', "queries.jsonl:1 is no QueryRow: made_by"),
    ],
)
def test_what_is_no_row_is_named(tmp_path: Path, line: str, said: str) -> None:
    store = Store(tmp_path)
    store.path("queries").write_text(line + "\n")
    with pytest.raises(ConfigError, match=said):
        list(store.read("queries", QueryRow))


def test_what_is_not_there_says_which_stage_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="carry out the stage queries first"):
        list(Store(tmp_path).read("queries", QueryRow))


def test_two_processes_do_not_write_one_stage(tmp_path: Path) -> None:
    with (
        Store(tmp_path).writer("queries"),
        pytest.raises(ConfigError, match="Another process"),
        Store(tmp_path).writer("queries"),
    ):
        pass


def test_rows_go_to_parquet_and_back(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    store = Store(tmp_path)
    with store.writer("queries") as write:
        for number in range(3):
            write(query(number))
    found = parquet.read_table(store.to_parquet("queries", QueryRow)).to_pylist()
    assert [row["query"] for row in found] == [f"Find issue {n}." for n in range(3)]
    assert json.loads(found[0]["made_by"])["parents"] == ["x"]
    assert found[0]["schema_version"] == 1


def test_a_long_page_is_cut_at_a_line_and_fenced_alike_in_every_process() -> None:
    page = "\n".join(f"line {n}" for n in range(100))
    assert clipped(page, 10_000) == page
    cut = clipped(page, 20)
    assert cut.splitlines()[-1] == "... (90 more lines)"
    assert len(cut) < 100
    assert fenced("a") == "<page 46be8be6>\na\n</page 46be8be6>"


# -- teachers ---------------------------------------------------------------------------------------------------------


def teacher(tmp_path: Path, model: ScriptedModel, budget: Budget | None = None, **settings: Any) -> Teacher:
    ledger = Ledger(budget or Budget(), {"scripted": (1.0, 1.0)})
    given = TeacherSettings(**settings)
    gate = Gate(given.concurrency, given.requests_per_minute)
    return Teacher(model, given, stage="s", cache=Cache(tmp_path / "answers.sqlite"), ledger=ledger, gate=gate)


def number(reply: Reply) -> int:
    if not reply.text.isdigit():
        problem = "Write digits."
        raise RuleBrokenError(problem, rule="no digits")
    return int(reply.text)


ASKED = [HumanMessage("How many?")]


async def test_an_answer_is_paid_for_once(tmp_path: Path) -> None:
    model = ScriptedModel(["many", "7"])
    first = teacher(tmp_path, model)
    assert await first.ask(ASKED, number) == 7
    assert "Write digits." in model.calls[1][-1].text
    # Another process: the wrong answer and the right one are both known.
    again = teacher(tmp_path, model)
    assert await again.ask(ASKED, number) == 7
    assert len(model.calls) == 2
    assert again._account.paid.calls == 0
    assert again._account.saved == first._account.paid


@pytest.mark.parametrize("change", [{"sample": 1}, {"response_format": {"type": "json_object"}}])
async def test_what_decides_on_an_answer_is_part_of_its_key(tmp_path: Path, change: dict[str, Any]) -> None:
    model = ScriptedModel(["7", "8"])
    made = teacher(tmp_path, model)
    assert await made.ask(ASKED, number) == 7
    assert await made.ask(ASKED, number, **change) == 8


class Thermal(ScriptedModel):
    """Answers with the temperature it has, in tenths."""

    temperature: float = 0.0

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        super()._answer(messages)
        return AIMessage(str(round(self.temperature * 10)))


@pytest.mark.parametrize(
    ("of_model", "settings", "first", "again"),
    [(0.0, {}, 0, 8), (0.3, {}, 3, 3), (0.0, {"temperature": 0.0}, 0, 0), (0.0, {"temperature": 0.5}, 5, 5)],
)
async def test_what_is_asked_again_is_not_asked_at_temperature_0(
    tmp_path: Path, of_model: float, settings: dict[str, float], first: int, again: int
) -> None:
    made = teacher(tmp_path, Thermal(lambda _: "", temperature=of_model), **settings)
    assert [await made.ask(ASKED, number, sample=sample) for sample in (0, 1)] == [first, again]


async def test_after_three_wrong_answers_the_rule_is_what_is_counted(tmp_path: Path) -> None:
    made = teacher(tmp_path, ScriptedModel(lambda _: "many"))
    with pytest.raises(ModelOutputError) as caught:
        await made.ask(ASKED, number)
    assert drop_reason(caught.value) == "no digits"


async def test_a_spent_budget_stops_before_the_next_call(tmp_path: Path) -> None:
    model = ScriptedModel(lambda messages: messages[-1].text)
    made = teacher(tmp_path, model, Budget(tokens=3))
    assert await made.ask([HumanMessage("1")], number) == 1
    assert await made.ask([HumanMessage("2")], number) == 2
    with pytest.raises(BudgetSpentError, match=r"budget of 3 tokens is spent \(4 used\)"):
        await made.ask([HumanMessage("3")], number)
    assert await made.ask([HumanMessage("2")], number) == 2, "what is known costs nothing"


async def test_a_budget_of_money_needs_a_price(tmp_path: Path) -> None:
    ledger = Ledger(Budget(cost=1), {})
    with pytest.raises(ConfigError, match="no price for scripted"):
        Teacher(
            ScriptedModel([]),
            TeacherSettings(),
            stage="s",
            cache=Cache(tmp_path / "a.sqlite"),
            ledger=ledger,
            gate=Gate(1, None),
        )


async def test_a_setting_the_model_does_not_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="takes no temperature"):
        teacher(tmp_path, ScriptedModel([]), temperature=0.5)


async def test_so_many_calls_at_once_and_so_many_a_minute() -> None:
    gate, at_once, most = Gate(3, 3_000), 0, 0
    begun: list[float] = []
    first = time.monotonic()

    async def one() -> None:
        nonlocal at_once, most
        async with gate.through():
            begun.append(time.monotonic())
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.1)
            at_once -= 1

    await asyncio.gather(*(one() for _ in range(9)))
    assert most == 3
    # On a busy machine any of them may begin late, the first one too, but none before its time.
    assert all(moment - first > 0.02 * place - 0.005 for place, moment in enumerate(sorted(begun)))


async def test_a_lost_endpoint_is_found_out_once(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: ValueError("no such model"))
    made = teacher(tmp_path, model, concurrency=1)
    asked = [made.ask([HumanMessage(str(n))], number) for n in range(5)]
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(error, ModelUnavailableError) for error in errors)
    assert len(model.calls) == 1


def test_a_file_that_is_no_cache_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").write_text("nothing of the kind" * 100)
    with pytest.raises(StorageError, match="Move the file away"):
        Cache(tmp_path / "answers.sqlite")


def test_on_a_full_disk_the_answers_are_not_to_be_moved_away(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "answers.sqlite")
    cache._db.execute("PRAGMA max_page_count = 1")  # no more than there are
    with pytest.raises(StorageError, match=r"full\. See that there is room, .* give the same command again"):
        cache.put("key", Reply(AIMessage("x" * 100_000), Usage()))
    cache.close()


# -- jobs -------------------------------------------------------------------------------------------------------------


def job(tmp_path: Path, seen: list[Progress] | None = None) -> Job:
    made, _ = pipeline(tmp_path, [])
    return Job("s", made.config, made.store, (seen if seen is not None else []).append, lambda: None)  # type: ignore[arg-type, return-value]


async def test_results_come_in_the_order_of_the_items(tmp_path: Path) -> None:
    seen: list[Progress] = []

    async def work(item: int) -> int:
        await asyncio.sleep(0.002 * (5 - item % 5))
        return -item

    found = [pair async for pair in job(tmp_path, seen).each(range(40), work, total=40)]
    assert found == [(n, -n) for n in range(40)]
    assert [progress.done for progress in seen] == list(range(1, 41))


async def test_what_is_in_flight_when_one_fails_is_waited_for(tmp_path: Path) -> None:
    done = []

    async def work(item: int) -> None:
        if item == 1:
            raise ZeroDivisionError
        await asyncio.sleep(0.02)
        done.append(item)

    with pytest.raises(ZeroDivisionError):
        async for _ in job(tmp_path).each(range(6), work):
            pass
    assert sorted(done) == [0, 2, 3, 4, 5]


async def test_calls_go_out_in_waves_until_there_is_enough(tmp_path: Path) -> None:
    made: list[int] = []

    async def make(call: int) -> list[int]:
        made.append(call)
        return [10 * call + n for n in range(10)]

    found = [item async for item in job(tmp_path).until(25, 10, make, lambda item: item % 2 == 0)]
    assert found == [n for n in range(60) if n % 2 == 0][:25]
    # 3 calls, if all was accepted; 10 were missing then, which is 1 call; then 5, then ...
    assert sorted(made) == [0, 1, 2, 3, 4]


async def test_a_teacher_with_nothing_new_is_not_asked_for_ever(tmp_path: Path) -> None:
    this, calls = job(tmp_path), 0

    async def make(call: int) -> list[int]:
        nonlocal calls
        calls += 1
        return [call] if call < 3 else []

    assert [item async for item in this.until(50, 10, make, lambda _: True)] == [0, 1, 2]
    assert calls < 40
    assert this.notes[0].startswith("Stopped at 3 of 50")


def test_draws_are_even_and_the_same_again(tmp_path: Path) -> None:
    this, items = job(tmp_path), [f"q{n}" for n in range(12)]
    draws = [this.evenly(items, 5, number, "forge") for number in range(120)]
    assert draws == [job(tmp_path).evenly(items, 5, number, "forge") for number in range(120)]
    assert all(len(set(draw)) == 5 for draw in draws)
    counts = [sum(item in draw for draw in draws) for item in items]
    assert max(counts) - min(counts) < 25
    assert this.evenly(["a", "b"], 5, 3) in (["a", "b"], ["b", "a"])


# -- configurations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"qeries": {}}, "there is no stage or setting 'qeries'; did you mean queries?"),
        ({"budget": {"tokens": 0}}, "budget.tokens: .*with a budget of 0 nothing could be asked"),
        ({"budget": {"cost": 0.0}}, "budget.cost: .*with a budget of 0 nothing could be asked"),
        ({"budget": {"cost": -1}}, "budget.cost: Input should be greater than 0"),
        ({"sites": {}}, "sites: .*at least 1"),
        ({"queries": {"count": 0}}, "queries: count: "),
        ({"queries": {"cuont": 5}}, "queries: cuont: Extra inputs are not permitted"),
        ({"teachers": {"qeries": {}}}, "teachers: there is no stage 'qeries'"),
        ({"stages": ["train"]}, "stages: there is no stage 'train'"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        pipeline(tmp_path, [], **settings)


def test_the_folder_is_beside_the_file(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, [])
    assert made.store.folder == tmp_path / "data"


def test_a_stage_that_there_is_not_is_named(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, [])
    with pytest.raises(ConfigError, match="there is no stage 'annotat'; did you mean annotate"):
        made.named("annotat")


async def test_all_says_what_needs_a_teacher_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    made, _ = pipeline(tmp_path, [])
    made.models = {}
    reports: dict[str, Any] = {}
    await made.run(["queries", "annotate"], skip=True, told=lambda report: reports.update({report.stage: report}))
    assert "needs a teacher, and there is none" in reports["queries"].skipped
    assert "carry out the stage score first" in reports["annotate"].skipped
    with pytest.raises(ConfigError, match="needs a teacher"):
        await made.run(["queries"])
    assert made.reports() == {}
