"""Lets the model look things up with the tools, when the writer says that it must."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.known_metrics import known_metrics
from agents.ask.rendering import slice_text
from agents.ask.schema_slice import SchemaSlice
from agents.ask.state import AskState, LookedUp, Question
from agents.inert import inert
from agents.model import Request
from prompts.loader import load_prompt
from tools.hands import Hands
from tools.registry import call_tool, schemas
from townlake.domain.errors import ModelUnavailable, ToolFailure

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage, ToolCall

    from agents.ask.run_context import Run

_MOST_ANSWERS: Final = 3
_CALLS_AN_ANSWER: Final = 6
_TOLD: Final = 4_000


class Reads(TypedDict, total=False):
    """What this step may see."""

    question: Question
    schema_slice: SchemaSlice
    lookup: str
    lookups: tuple[LookedUp, ...]


def look_up(state: Reads, run: Run) -> AskState:
    """One answer of the model, which is told what its calls gave so far and may make more of them.

    Each answer is a step, so that a crash loses none that was paid for. The tools themselves are called when somebody
    wants to know what they tell, and once more after a restart, as whoever asks then.

    Raises:
        LimitExceeded: the budget for models is used up.
        ModelError: the model gave no usable answer.
    """
    if run.with_.model is None:
        raise ModelUnavailable("No model is configured.", hint=run.with_.model_hint)
    request = _request(state)
    messages = [*run.with_.model.messages(request), *_conversation(state.get("lookups", ()), run)]
    message = run.with_.model.converse(messages, schemas(), request, run.meter)
    return {"lookups": (LookedUp(said=message.model_dump_json()),)}


def goes_on(lookups: Sequence[LookedUp]) -> bool:
    """Whether the model waits for what its calls tell, and may still make others."""
    return len(lookups) < _MOST_ANSWERS and bool(_message(lookups[-1]).tool_calls)


def told(lookups: Iterable[LookedUp], run: Run) -> str:
    """Every call with what it told, a line each; cut to what a prompt has room for."""
    results = (result for lookup in lookups for result in _results(_message(lookup), run))
    lines = (
        f"{inert(call['name'], 40)} {inert(_arguments(call), 400)}: {inert(tells, 2_000)}" for call, tells in results
    )
    return "\n".join(lines) or "nothing was found"


def _conversation(lookups: Iterable[LookedUp], run: Run) -> Iterator[BaseMessage]:
    from langchain_core.messages import ToolMessage

    for message in map(_message, lookups):
        yield message
        for call, tells in _results(message, run):
            yield ToolMessage(tells, tool_call_id=call["id"])


def _results(message: AIMessage, run: Run) -> Iterator[tuple[ToolCall, str]]:
    too_many = f"failed: Too many calls at once. At most {_CALLS_AN_ANSWER} a turn."
    for number, call in enumerate(message.tool_calls):
        yield call, _told(call, run) if number < _CALLS_AN_ANSWER else too_many


def _message(lookup: LookedUp) -> AIMessage:
    from langchain_core.messages import AIMessage

    return AIMessage.model_validate_json(lookup.said)


def _request(state: Reads) -> Request:
    asked, rules = load_prompt("ask/question"), load_prompt("ask/look_up")
    question = state["question"]
    content = asked.fill(
        today=question.as_of.isoformat(),
        tables=slice_text(state["schema_slice"]),
        question=f"{question.whole}\nTo be looked up: {inert(state.get('lookup', ''), 500)}",
    )
    return Request(step="look_up", rules=rules, content=content, made_from=(asked,))


def _arguments(call: ToolCall) -> str:
    return json.dumps(call["args"], ensure_ascii=False, default=str)


def _told(call: ToolCall, run: Run) -> str:
    """What a call tells, asked for once in a run."""
    key = (call["name"], _arguments(call))
    if key not in run.told:
        run.stop_if_cancelled()
        try:
            answer = call_tool(call["name"], call["args"], hands_of(run)).model_dump_json(exclude_defaults=True)
        except ToolFailure as failure:
            answer = f"failed: {failure}"
        run.told[key] = inert(answer, _TOLD)
    return run.told[key]


def hands_of(run: Run) -> Hands:
    """What tools may use for a run."""
    return Hands(
        lake=run.with_.lake,
        memory=run.with_.memory,
        values=run.with_.values,
        metrics=known_metrics(run.with_.knowledge, run.outlook.sight),
        principal=run.principal,
        sight=run.outlook.sight,
        tables=run.outlook.tables,
        run_id=run.run_id,
        cancelled=run.cancelled,
    )
