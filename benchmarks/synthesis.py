"""What the pipeline costs beside the teacher: rows a second and memory of `expand` with an instant teacher.

    python benchmarks/synthesis.py [--rows 20000] [--memory-rows 100000]

The teacher writes ten pairs a call for five seeds of a shop: tasks of 180 kinds with names of 3,000 words, so that
each new task has to be told apart from many that are alike. All of it counts: drawing seeds, the prompt, the cache on
disk, reading the answer, the rules, de-duplication, writing the row. Reports items (taken or dropped) a second of
processor time, over the run and in its last tenth, and the memory of the process after every tenth.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from plan_and_act.synthesis.config import Config
from plan_and_act.synthesis.expand import Expand, ExpandSettings
from plan_and_act.synthesis.pipeline import Pipeline
from plan_and_act.synthesis.rows import GroundedStep, PlanRow, Provenance
from plan_and_act.synthesis.stage import Progress, Report
from plan_and_act.synthesis.store import Store

SITE, SEEDS = "shop", 200
ASKED = (
    "What is the price of the", "Find the", "Look up the", "Tell me about the", "How good is the", "Is there a",
    "Show me a", "I need the", "Which is the best", "Compare every", "Where do I get the", "Put aside the",
)  # fmt: skip
ABOUT = (
    "by {2}", "from {2} in {3}", "with its {2}", "in {2}", "that {2} sells", "with {2} and {3}", "for my {2}",
    "next to the {2}", "before {2} does", "under {2} {3}", "made of {2}", "without {2}", "named after {2}",
    "like the {2} {3}", "as {2} as {3}",
)  # fmt: skip
KINDS = [f"{asked} {{0}} {{1}} {about}" for asked in ASKED for about in ABOUT]


def word(number: int) -> str:
    """A word that can be said."""
    syllables = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dar", "fen", "gil", "hom", "pux"]
    return "".join(syllables[number // 15**place % 15] for place in range(3))


class Instant(BaseChatModel):
    """Answers at once, with tasks of its own on the pages it is shown."""

    made: int = 0

    @property
    def _llm_type(self) -> str:
        return "instant"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._pairs(messages)))])

    def _pairs(self, messages: Sequence[BaseMessage]) -> str:
        pages = len(re.findall(r"^Page \d+:$", messages[-1].text, re.M))
        rng = random.Random(self.made)
        self.made += 10
        found = []
        for number in range(1, 11):
            names = [word(rng.randrange(3_000)) for _ in range(4)]
            query = rng.choice(KINDS).format(*names)
            found.append(
                f"## Pair {number}\nQuery: {query}\nPage: {number % pages + 1}\n"
                f"## Step 1\nReasoning: The page shows a search field and departments.\nStep: Search for {names[0]}.\n"
                f"## Step 2\nReasoning: There may be several.\nStep: Open the {names[1]} that fits.\n"
                f"## Step 3\nReasoning: Its page says it.\nStep: Report what was asked for about the {names[0]}.\n"
            )
        return "\n".join(found)


def prepare(folder: Path) -> None:
    """Annotated plans on pages of about 500 tokens."""
    store = Store(folder)
    with store.writer("annotate") as write:
        for number in range(SEEDS):
            lines = [f'link "{word(number * 40 + n)} department #{n}"' for n in range(40)]
            page = store.artefacts.put("\n".join([f"heading Shop {number}", 'searchbox "Search field #99"', *lines]))
            steps = [GroundedStep(reasoning="The page shows a search field.", goal=f"Search for {word(number)}.")] * 3
            made_by = Provenance(stage="annotate")
            query = f"Where is the {word(number)} of {word(number * 7)} kept?"
            write(PlanRow(site=SITE, query=query, page=page, steps=steps, source="annotated", made_by=made_by))


def resident() -> float:
    """Resident memory of this process in MB."""
    status = Path("/proc/self/status")
    found = re.search(r"^VmRSS:\s+(\d+)", status.read_text(), re.M) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


async def expand(folder: Path, rows: int) -> dict[str, Any]:
    """Expand to so many rows, and say how fast and in how much memory."""
    prepare(folder)
    config = Config.model_validate({"folder": folder, "sites": {SITE: {"url": "http://shop.test/", "seeds": ["x"]}}})
    stage = ExpandSettings(count=rows)
    pipeline = Pipeline(config, {Expand.name: stage}, {"default": Instant()})
    marks: list[tuple[int, float, float]] = [(0, time.process_time(), resident())]
    told: list[Report] = []
    calls = 0

    def watch(_: Progress) -> None:
        nonlocal calls
        calls += 1
        if calls % (rows // 100) == 0:
            marks.append((calls * 10, time.process_time(), resident()))

    await pipeline.run([Expand.name], watch=watch, told=told.append)
    made = told[0].rows + sum(told[0].drops.values())
    marks.append((made, time.process_time(), resident()))
    before = next(mark for mark in reversed(marks) if mark[0] <= made * 0.9)
    return {
        "rows": told[0].rows,
        "dropped": told[0].drops,
        "items_a_second": made / (marks[-1][1] - marks[0][1]),
        "items_a_second_at_the_end": (made - before[0]) / (marks[-1][1] - before[1]),
        "memory_mb": [round(mark[2], 1) for mark in marks],
    }


def measured(rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(expand(Path(folder), rows))


def main(args: argparse.Namespace) -> None:
    result = {"speed": measured(args.rows), "memory": measured(args.memory_rows)}
    for name, found in result.items():
        print(f"{name}: {found['rows']:,} rows, dropped {found['dropped']}")
        print(f"  items a second of processor time {found['items_a_second']:8.0f}")
        print(f"  at the end                       {found['items_a_second_at_the_end']:8.0f}")
        print(f"  memory by tenth, MB              {found['memory_mb']}")
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--memory-rows", type=int, default=100_000)
    parser.add_argument("--out", default="results/synthesis.json")
    main(parser.parse_args())
