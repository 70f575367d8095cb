"""A deterministic chat model for tests of agents, graphs and formats, without a network.

model = ScriptedModel(['do(action="Click", element="Buy #3")', 'exit(message="bought")'])
agent = create_agent(models={"planner": model}, context=Context(planning="none", executor_format="text"))
...
assert "Buy #3" in model.calls[0][-1].text
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

Line = str | AIMessage | Exception
"""An answer: text, a message (with tool calls, say), or an error to raise."""
Script = Sequence[Line] | Callable[[Sequence[BaseMessage]], Line]


class ScriptedModel(BaseChatModel):
    """Answers from a list, one after the other, or from a function of the messages.

    Every call's messages are kept in `calls`. Tokens are counted as words. It streams word by word.

    Args:
        script: The answers, or a function that gives one. A list that is used up raises IndexError.
    """

    _script: Script = PrivateAttr()
    _calls: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _tools: list[Any] = PrivateAttr(default_factory=list)

    def __init__(self, script: Script, **settings: Any) -> None:
        super().__init__(**settings)
        self._script = script

    @property
    def calls(self) -> list[list[BaseMessage]]:
        """The messages of every call so far."""
        return self._calls

    @property
    def tools(self) -> list[Any]:
        """The tools that were bound last."""
        return self._tools

    @property
    def model(self) -> str:
        """What the model is called."""
        return "scripted"

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[LanguageModelInput, AIMessage]:
        """Take the tools; the script decides whether to call one."""
        self._tools[:] = tools
        return self.bind(**kwargs)

    def _next(self, script: Sequence[Line]) -> Line:
        if len(self._calls) >= len(script):
            msg = f"the script has {len(script)} answers, and this is call {len(self._calls) + 1}"
            raise IndexError(msg)
        return script[len(self._calls)]

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        said = self._script(messages) if callable(self._script) else self._next(self._script)
        self._calls.append(list(messages))
        if isinstance(said, Exception):
            raise said
        message = said if isinstance(said, AIMessage) else AIMessage(said)
        given, written = sum(len(m.text.split()) for m in messages), len(message.text.split())
        usage = UsageMetadata(input_tokens=given, output_tokens=written, total_tokens=given + written)
        metadata = {"finish_reason": "stop", **message.response_metadata}
        return message.model_copy(update={"usage_metadata": usage, "response_metadata": metadata})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = self._answer(messages)
        for word in message.text.split(" ")[:-1]:
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))
        last = AIMessageChunk(
            content=message.text.split(" ")[-1],
            tool_calls=message.tool_calls,
            usage_metadata=message.usage_metadata,
            response_metadata=message.response_metadata,
        )
        yield ChatGenerationChunk(message=last)
