"""Training rows: a chat, and the answer to it, which is what is learnt.

The loss is on the answer and on the token that ends it, and on nothing else. A row that is longer than the context is
left out and counted: cutting it would teach half an action, or an action about a page that is not there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plan_and_act.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label of a token that is not learnt (PyTorch's `ignore_index`)."""


class Message(BaseModel):
    """One message of a chat."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: str
    content: str


class ChatRow(BaseModel):
    """One row of the shape `chat`, as `plan-and-act synthesize export` writes it; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    prompt: tuple[Message, ...] = Field(min_length=1)
    completion: tuple[Message] = Field(description="The answer: what is learnt.")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row as tokens. Both lists have the same length; `labels` is `IGNORED` in front of the answer."""

    input_ids: list[int]
    labels: list[int]

    @property
    def learnt(self) -> int:
        """How many tokens carry loss."""
        return sum(label != IGNORED for label in self.labels)


@dataclass(slots=True)
class Encoding:
    """What has become of the rows of a data set."""

    rows: list[Encoded] = field(default_factory=list)
    too_long: int = 0
    empty: int = 0

    @property
    def tokens(self) -> int:
        """Tokens of all rows."""
        return sum(len(row.input_ids) for row in self.rows)


def read_rows(paths: Iterable[Path]) -> Iterator[ChatRow]:
    """Read chat rows.

    Args:
        paths: JSONL files.

    Raises:
        ConfigError: When a file cannot be read, or a line is no chat row with text (tool calls are none: train with
            `executor_format: text` or `json`).
    """
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").split("\n")  # no other: JSON lets U+2028 stand as it is
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            msg = f"{path} cannot be read ({why}); name JSONL files made by `plan-and-act synthesize export`"
            raise ConfigError(msg) from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = ChatRow.model_validate_json(line)
            except (ValidationError, json.JSONDecodeError) as error:
                msg = f"{path}:{number} is no chat row ({str(error).splitlines()[0]}); export the data set again"
                raise ConfigError(msg) from error
            yield row


def encode_all(rows: Iterable[ChatRow], tokenizer: "PreTrainedTokenizerBase", *, context: int) -> Encoding:
    """Encode rows, leaving out those that do not fit.

    Args:
        rows: The rows.
        tokenizer: The base model's, with its chat template.
        context: Tokens a row may have.
    """
    done = Encoding()
    for row in rows:
        encoded = encode(row, tokenizer)
        if not encoded.learnt:
            done.empty += 1
        elif len(encoded.input_ids) > context:
            done.too_long += 1
        else:
            done.rows.append(encoded)
    return done


def encode(row: ChatRow, tokenizer: "PreTrainedTokenizerBase") -> Encoded:
    """Encode a row as the model is prompted: the chat template up to the assistant's turn, then the answer.

    Args:
        row: The row.
        tokenizer: The base model's, with its chat template.

    Raises:
        ConfigError: When the tokenizer has no chat template, or one that rewrites the answer.
    """
    if not tokenizer.chat_template:
        msg = "the base model has no chat template; choose an instruction-tuned base"
        raise ConfigError(msg)
    messages: list[dict[str, Any]] = [message.model_dump() for message in row.prompt]
    answer = row.completion[0].content.strip()
    prompt = str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    turn = {"role": "assistant", "content": answer}
    whole = str(tokenizer.apply_chat_template([*messages, turn], tokenize=False))
    if not whole.startswith(prompt + answer):
        msg = "the base model's chat template does not keep the answer as it is; choose another base"
        raise ConfigError(msg)
    before = _ids(tokenizer, prompt)
    tail = _ids(tokenizer, whole[len(prompt) + len(answer) :])
    learnt = _ids(tokenizer, answer) + _end_of_turn(tail, tokenizer) if answer else []
    return Encoded(before + learnt, [IGNORED] * len(before) + learnt)


def _end_of_turn(tail: Sequence[int], tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """What ends the answer: the tail up to its first special token."""
    special = set(tokenizer.all_special_ids) | {tokenizer.eos_token_id}
    for index, token in enumerate(tail):
        if token in special:
            return list(tail[: index + 1])
    return [tokenizer.eos_token_id] if isinstance(tokenizer.eos_token_id, int) else []


def _ids(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []
