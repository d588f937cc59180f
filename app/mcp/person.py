"""Asking the person behind a client: which option is meant, or whether an approval was given.

A client of revision 2026-07-28 gets the question as the result of the call, and makes the same call again with the
reply. What it carries along is the id of the run, which proves nothing and needs no seal: whose run it is, the journal
tells. Clients of before are asked in the midst of the call, where there is a way back to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mcp.types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult

from app.contract.runs import RunState

if TYPE_CHECKING:
    from app.mcp.call import Call
    from app.mcp.told import Told

_KEY: Final = "reply"
_MOST_OPTIONS: Final = 50


class Said(NamedTuple):
    """What a person replied."""

    goes_on: bool
    """False when they do not want to, or not now."""
    reply: str | None = None
    """None after an approval."""


def question_for(told: Told) -> ElicitRequestFormParams:
    """The form that asks what a run waits for."""
    if told.status is RunState.NEEDS_APPROVAL:
        return ElicitRequestFormParams(
            message=f"{told.summary} Request {told.approval} waits for another person: `skipper approve show "
            f"{told.approval}`. Go on once it is approved.",
            requested_schema=_form({"approved": {"type": "boolean", "title": "It has been approved"}}, "approved"),
        )
    words: dict[str, Any] = {"type": "string", "title": "In other words", "maxLength": 4_000}
    if not told.options:
        return ElicitRequestFormParams(
            message=told.asked_back or told.summary, requested_schema=_form({"words": words}, "words")
        )
    options = {"type": "string", "title": "Which one", "enum": list(told.options[:_MOST_OPTIONS])}
    return ElicitRequestFormParams(
        message=told.asked_back or told.summary, requested_schema=_form({"option": options, "words": words})
    )


def as_result(told: Told) -> InputRequiredResult:
    """The question as the result of the call."""
    return InputRequiredResult(
        input_requests={_KEY: ElicitRequest(params=question_for(told))}, request_state=told.run_id
    )


async def asked(told: Told, call: Call) -> Said:
    """Ask in the midst of the call, and wait for the reply."""
    form = question_for(told)
    session = call.context.session
    return said_by(await session.elicit_form(form.message, form.requested_schema, call.context.request_id))


def said_to_result(call: Call) -> Said:
    """What the person replied to what the call before asked."""
    answer = call.said.get(_KEY)
    return said_by(answer) if isinstance(answer, ElicitResult) else Said(goes_on=False)


def said_by(answer: ElicitResult) -> Said:
    """A filled form, of which nothing is certain."""
    content = answer.content or {}
    if answer.action != "accept":
        return Said(goes_on=False)
    if "approved" in content:
        return Said(goes_on=content["approved"] is True)
    words = next((text for name in ("words", "option") if isinstance(text := content.get(name), str) and text), None)
    return Said(goes_on=words is not None, reply=words)


def _form(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}
