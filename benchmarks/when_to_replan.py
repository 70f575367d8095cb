"""When to replan: the embedded executor learns to ask where it would go wrong, and is compared with fixed policies.

    python benchmarks/when_to_replan.py [--tasks 48] [--steps 88] [--episodes 16]

Solvers do tasks of the training split, on disturbed sites and on calm ones. Their actions are set before the embedded
executor: where it would do the same under the plan there is, that is its answer; where it would do another thing, the
answer that is taught is to ask for a new plan. How often that is, and how often where something lies in the way, is
printed. Every policy of `ablations/embedded-replanning.yaml` is then run on calm and on disturbed sites with the same
tasks of the test split, the one that asks with the executor that has learnt it; that executor also does them where it
cannot ask, which tells what its training did from what asking does.

It needs the extra `train`, and goes on where it was stopped. The tables, among them success against planner tokens, are
`table/comparison.html` in the folder.
"""

import argparse
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from experiment import Experiment, read_ablation
from plan_and_act.llm.embedded import ADAPTER
from plan_and_act.training.rows import read_rows
from word_for_word import Answerer

SITES = ("forge", "shop", "board", "flights")
ASK = json.dumps({"action": "replan", "reason": "I do not know how to go on with this plan."})


def main() -> None:
    """Make, train, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".plan-and-act/when-to-replan"))
    parser.add_argument("--tasks", type=int, default=48, help="Tasks on disturbed sites; half as many on calm ones.")
    parser.add_argument("--steps", type=int, default=88, help="Of training, with batches of 8 rows.")
    parser.add_argument("--episodes", type=int, default=16, help="In every cell, no template twice.")
    options = parser.parse_args()
    made = Experiment(options.folder)
    disturbed = made.synthesize("disturbed", recipe(11, options.tasks, disturbed=True))
    calm = made.synthesize("calm", recipe(12, options.tasks // 2, disturbed=False))
    rows = [folder / "datasets" / "executor-train.chat.jsonl" for folder in (disturbed, calm)]
    # Where to ask is what this adapter gets wrong: with another one all of it is made anew.
    name = f"asks-{sha256(ADAPTER.read_bytes()).hexdigest()[:8]}"
    asks = made.folder / name / "executor-train.chat.jsonl"
    teach_to_ask(rows, asks)
    settings = made.write("train.yaml", {"adapter": "embedded", "learning_rate": 5e-4, "max_steps": options.steps})
    made.train("executor", name, [asks.parent], "--config", str(settings))
    table = read_ablation("embedded-replanning")
    asking = {"executor_model": made.model("executor", name)}
    table["rows"]["when the executor asks"] |= asking
    table["rows"]["plan once, the executor that asks"] = {"planning": "static", **asking}
    table["selection"]["episodes"] = options.episodes
    made.ablate(table)


def recipe(seed: int, tasks: int, *, disturbed: bool) -> dict[str, Any]:
    """The settings of the data pipeline. Pages are whole, as a run shows them."""
    return {
        "seed": seed,
        "sites": {site: {} for site in SITES},
        "stages": ["collect", "score", "export"],
        "collect": {"solver": dict.fromkeys(SITES, tasks // len(SITES)), "disturbed": disturbed},
        "export": {"planning": "static", "roles": ["executor"], "narrow": 0.0, "validation": 0.0},
    }


def teach_to_ask(files: list[Path], out: Path) -> None:
    """Write the rows with another answer, to ask, where the embedded executor would give another than theirs."""
    out.parent.mkdir(exist_ok=True)
    rows = list(read_rows(files))
    done: list[str] = []
    if out.exists():
        os.truncate(out, out.read_bytes().rfind(b"\n") + 1)  # a line that a kill cut off is made anew
        done = out.read_text(encoding="utf-8").splitlines()
    embedded = Answerer(ADAPTER)
    with out.open("a", encoding="utf-8") as lines:
        for number, row in enumerate(rows[len(done) :], len(done) + 1):
            # An action that belongs to no step of the plan clears the way.
            told = {"right": embedded.right(row), "in_the_way": "step" not in json.loads(row.completion[0].content)}
            answer = row.completion[0].content if told["right"] else ASK
            completion = [{"role": "assistant", "content": answer}]
            line = json.dumps({"prompt": row.model_dump()["prompt"], "completion": completion, **told})
            print(line, file=lines, flush=True)
            done.append(line)
            if not number % 25:
                print(f"{number} of {len(rows)} rows", flush=True)
    read = [json.loads(line) for line in done]
    for where, way in (("where something lies in the way", True), ("elsewhere", False)):
        some = [each["right"] for each in read if each["in_the_way"] is way]
        print(f"{where}: the executor's own answer is right in {sum(some)} of {len(some)}", flush=True)


if __name__ == "__main__":
    main()
