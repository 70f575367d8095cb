"""How many held-out answers the embedded model gives word for word, choosing freely (a run holds it to a schema).

    python benchmarks/word_for_word.py ROWS.chat.jsonl... [--adapter FILE.gguf] [--rows 60]

The rows are those of `plan-and-act synthesize export`, e.g. the `*-validation.chat.jsonl` of a data set; of more than
`--rows` in a file, so many are drawn. It needs the extra `train`.
"""

import argparse
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from plan_and_act.llm.embedded import ADAPTER
from plan_and_act.training import adapter_from_gguf
from plan_and_act.training.base import EMBEDDED, load_base, require_training
from plan_and_act.training.rows import ChatRow, encode, read_rows
from plan_and_act.training.train import answer_loss, collate, exact


class Answerer:
    """The embedded model with an adapter, asked whether an answer is its own."""

    def __init__(self, adapter: Path) -> None:
        require_training()
        from peft import PeftModel

        plain, self.tokenizer = load_base(EMBEDDED, "bf16")
        with TemporaryDirectory() as scratch:
            folder = adapter_from_gguf(adapter, EMBEDDED, Path(scratch) / "adapter")
            self.model = PeftModel.from_pretrained(plain, str(folder)).eval()

    def right(self, row: ChatRow) -> bool:
        """Whether it gives the row's answer word for word."""
        import torch

        batch = collate([encode(row, self.tokenizer)], self.tokenizer.pad_token_id)
        with torch.no_grad():
            return bool(exact(answer_loss(self.model, batch)[1].logits, batch["labels"]).sum())


def main() -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--adapter", type=Path, default=ADAPTER, help="A GGUF file; the one of the package.")
    parser.add_argument("--rows", type=int, default=60, help="Of each file.")
    options = parser.parse_args()
    model = Answerer(options.adapter)
    for file in options.files:
        rows = list(read_rows([file]))
        random.Random(1).shuffle(rows)
        rows = rows[: options.rows]
        print(f"{file}: {sum(map(model.right, rows))} of {len(rows)}", flush=True)


if __name__ == "__main__":
    main()
