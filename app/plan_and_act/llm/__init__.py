"""Chat models by role, prompts, and the formats in which models speak."""

from plan_and_act.llm.ask import Answer, ask
from plan_and_act.llm.call import Reply, Retry, call
from plan_and_act.llm.models import Chosen, chat_model, choose
from plan_and_act.llm.prompts import prompt, prompts_hash
from plan_and_act.llm.traces import keep_pages_out_of_traces, pages_are_traced

__all__ = [
    "Answer",
    "Chosen",
    "Reply",
    "Retry",
    "ask",
    "call",
    "chat_model",
    "choose",
    "keep_pages_out_of_traces",
    "pages_are_traced",
    "prompt",
    "prompts_hash",
]
