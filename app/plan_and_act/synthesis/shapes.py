"""A sample as the rows that trainers read.

`chat`: TRL's conversational prompt and completion, so that only the answer is learned; `tools` is JSON text.
`instruction`: LLaMA-Factory's Alpaca form with system prompt and history; set `mask_history: true`, so that only the
last answer is learned. `torchtune`: OpenAI's messages; set `conversation_style: openai` and `masking_strategy:
train_on_last`.
Sources: the pages on data sets of TRL, LLaMA-Factory and torchtune.
"""

import json
from typing import Any, Literal

from langchain_core.messages import convert_to_openai_messages

from plan_and_act.errors import ConfigError
from plan_and_act.llm.formats import FormatName
from plan_and_act.synthesis.samples import Sample

Shape = Literal["chat", "instruction", "torchtune"]


def check_shape(shape: Shape, form: FormatName) -> None:
    """See that a shape can hold what an executor of a format says.

    Raises:
        ConfigError: It cannot.
    """
    if form == "tools" and shape != "chat":
        msg = f"{shape} rows cannot hold tool calls; choose shapes: [chat], or executor_format: text or json"
        raise ConfigError(msg)


def shaped(sample: Sample, shape: Shape) -> dict[str, Any]:
    """The row of a sample, as plain JSON."""
    *prompt, answer = convert_to_openai_messages([*sample.prompt, sample.answer])
    match shape:
        case "chat":
            tools = {"tools": json.dumps(sample.tools, ensure_ascii=False)} if sample.tools else {}
            return {"prompt": prompt, "completion": [answer], **tools}
        case "torchtune":
            return {"messages": [*prompt, answer]}
        case "instruction":
            system, *turns = [message["content"] for message in prompt]
            history = [list(pair) for pair in zip(turns[:-1:2], turns[1::2], strict=True)]
            return {
                "instruction": turns[-1],
                "input": "",
                "output": answer["content"],
                "system": system,
                "history": history,
            }
