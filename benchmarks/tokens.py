"""Counting tokens as OpenAI's models do (o200k_base), with or without a network."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

from plan_and_act.browser.observation import estimate_tokens

_PATTERN = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)


def tokenizer(ranks: Path | None) -> tuple[Callable[[str], int], str]:
    """o200k_base from a file of ranks or as tiktoken finds it; else our own estimate."""
    try:
        import tiktoken

        if ranks is None:
            encoding = tiktoken.get_encoding("o200k_base")
        else:
            encoding = tiktoken.Encoding("o200k", pat_str=_PATTERN, mergeable_ranks=read(ranks), special_tokens={})
    except Exception as error:
        print(f"no o200k_base ({type(error).__name__}); --tokenizer takes a file of its ranks")
        return estimate_tokens, "estimated"
    return lambda text: len(encoding.encode(text, disallowed_special=())), "o200k_base"


def read(path: Path) -> dict[bytes, int]:
    text = path.read_text()
    packed = re.search(r'"bpe_ranks":\s*"((?:[^"\\]|\\.)*)"', text)
    if packed is None:
        return {base64.b64decode(token): int(rank) for token, rank in (row.split() for row in text.splitlines() if row)}
    ranks = {}
    for row in json.loads(f'"{packed[1]}"').split("\n"):
        _, offset, *tokens = row.split(" ")
        ranks.update({base64.b64decode(token): int(offset) + i for i, token in enumerate(tokens)})
    return ranks
