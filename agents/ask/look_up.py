"""Lets the model look things up with the tools, when the writer says that it must."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypedDict

from agents.ask.rendering import inert, slice_text
from agents.ask.schema_slice import SchemaSlice
from agents.ask.state import AskState, LookedUp, Question
from agents.model import Request
from prompts.loader import load_prompt
from tools.hands import Hands
from tools.registry import call_tool, schemas
from townlake.domain.errors import ModelUnavailable, ToolFailure

if TYPE_CHECKING:
    from agents.ask.run_context import Run

_ROUNDS: Final = 3
_CALLS_A_ROUND: Final = 6
_TOLD: Final = 4_000


class Reads(TypedDict, total=False):
    """What this step may see."""

    question: Question
    schema_slice: SchemaSlice
    lookup: str


def look_up(state: Reads, run: Run) -> AskState:
    """Some rounds of tool calls, each bounded and made as the caller.

    Raises:
        LimitExceeded: the budget for models is used up.
        ModelError: the model gave no usable answer.
    """
    from langchain_core.messages import ToolMessage

    if run.with_.model is None:
        raise ModelUnavailable("No model is configured.")
    request = _request(state)
    messages: list[Any] = run.with_.model.messages(request)
    told: list[LookedUp] = []
    for _ in range(_ROUNDS):
        run.stop_if_cancelled()
        message = run.with_.model.converse(messages, schemas(), request, run.meter)
        if not message.tool_calls:
            break
        results = [_call(call["name"], call["args"], run, n) for n, call in enumerate(message.tool_calls)]
        told += results
        messages.append(message)
        messages += [
            ToolMessage(result.told, tool_call_id=call["id"])
            for result, call in zip(results, message.tool_calls, strict=True)
        ]
    # An empty tuple would look as if nothing had been tried, and the writer would ask again.
    return {"lookup": "", "lookups": tuple(told) or (LookedUp(tool="none", asked="", told="nothing was found"),)}


def _request(state: Reads) -> Request:
    asked, rules = load_prompt("ask/question"), load_prompt("ask/look_up")
    question = state["question"]
    content = asked.fill(
        today=question.as_of.isoformat(),
        tables=slice_text(state["schema_slice"]),
        question=f"{question.whole}\nTo be looked up: {inert(state.get('lookup', ''), 500)}",
    )
    return Request(step="look_up", rules=rules, content=content, made_from=(asked,))


def _call(name: str, arguments: dict[str, Any], run: Run, number: int) -> LookedUp:
    hands = Hands(
        lake=run.with_.lake,
        memory=run.with_.memory,
        values=run.with_.values,
        knowledge=run.with_.knowledge,
        principal=run.principal,
        sight=run.outlook.sight,
        tables=run.outlook.tables,
        run_id=run.run_id,
        cancelled=run.cancelled,
    )
    asked = json.dumps(arguments, ensure_ascii=False, default=str)
    try:
        if number >= _CALLS_A_ROUND:
            raise ToolFailure("Too many calls at once.", hint=f"At most {_CALLS_A_ROUND} a turn.")
        told = call_tool(name, arguments, hands).model_dump_json(exclude_defaults=True)
    except ToolFailure as failure:
        told = f"failed: {failure}"
    return LookedUp(tool=inert(name, 40), asked=inert(asked, _TOLD), told=inert(told, _TOLD))
