"""Has a model write the SQL: one call for a simple question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypedDict

from agents.ask.answer import AnswerPath, Status
from agents.ask.look_up import told
from agents.ask.rendering import findings_text, slice_text, turns_text
from agents.ask.schema_slice import SchemaSlice
from agents.ask.standing import standing
from agents.ask.state import AskState, Clarification, Ending, LookedUp, Question, Repair, SqlDraft
from agents.inert import inert
from agents.model import Request
from prompts.loader import Prompt, load_prompt
from townlake.domain.errors import LimitExceeded, ModelError, ModelUnavailable
from townlake.domain.value import Value

if TYPE_CHECKING:
    from agents.ask.run_context import Run

_MOST_OPTIONS: Final = 4
_MOST_ASSUMPTIONS: Final = 8
_SENTENCE: Final = 600
_QUESTION: Final = 4_000
_SQL: Final = 10_000
"""What of a statement goes back to be mended: far more than a sound one has."""
_DONE: Final[AskState] = {"lookup": "", "clarification": None}


class SqlReply(Value):
    """The form of the writer's answer. The prompt says what the fields mean."""

    reading: str
    status: Literal["sql", "clarify", "unanswerable", "look_up"]
    sql: str
    assumptions: tuple[str, ...]
    question: str
    options: tuple[str, ...]


class Reads(TypedDict, total=False):
    """What this step may see. It never sees rows."""

    question: Question
    schema_slice: SchemaSlice
    lookups: tuple[LookedUp, ...]
    to_mend: Repair | None
    repairs: tuple[Repair, ...]


def sql_writer(state: Reads, run: Run) -> AskState:
    """Write the statement, or say what is missing. Where a better one cannot be had, the one before stands.

    Raises:
        LimitExceeded: the budget for models is used up.
        ModelError: the model gave no usable answer.
    """
    model = run.with_.model
    if model is None:
        raise ModelUnavailable("No model is configured.", hint=run.with_.model_hint)
    try:
        reply = model.write(request_for(state, run), SqlReply, run.meter)
    except (LimitExceeded, ModelError) as error:
        draft = standing(state.get("repairs", ()), error.message)
        if draft is None:
            raise
        return {**_DONE, "to_mend": None, "draft": draft}
    return _update(_said(reply), state, run)


def request_for(state: Reads, run: Run) -> Request:
    """What the model is asked: the rules, and everything that is known about this question."""
    question = state["question"]
    parts: list[tuple[Prompt, dict[str, str]]] = []
    if question.turns:
        parts.append((load_prompt("ask/history"), {"turns": turns_text(question.turns)}))
    asked = {
        "today": f"{question.as_of.isoformat()}, a {question.as_of.strftime('%A')}",
        "tables": slice_text(state["schema_slice"]),
        "question": inert(question.text, _QUESTION),
    }
    parts.append((load_prompt("ask/question"), asked))
    if question.clarification is not None:
        said = {"asked": inert(question.asked_back, _QUESTION), "reply": inert(question.clarification, _QUESTION)}
        parts.append((load_prompt("ask/reply"), said))
    if lookups := state.get("lookups"):
        parts.append((load_prompt("ask/looked_up"), {"results": told(lookups, run)}))
    if repair := state.get("to_mend"):
        mended = {"sql": repair.draft.sql[:_SQL], "findings": findings_text(repair.findings)}
        parts.append((load_prompt("ask/mend_sql"), mended))
    return Request(
        step="sql_writer",
        rules=load_prompt("ask/write_sql"),
        content="\n\n".join(prompt.fill(**inputs) for prompt, inputs in parts),
        made_from=tuple(prompt for prompt, _ in parts),
    )


def _said(reply: SqlReply) -> SqlReply:
    """The answer with its sentences short and inert: what it read may have been made to be repeated."""
    return reply.model_copy(
        update={
            "reading": inert(reply.reading, _SENTENCE),
            "question": inert(reply.question, _SENTENCE),
            "assumptions": tuple(inert(each, _SENTENCE) for each in reply.assumptions[:_MOST_ASSUMPTIONS]),
            "options": tuple(inert(each, _SENTENCE) for each in reply.options[:_MOST_OPTIONS]),
        }
    )


def _update(reply: SqlReply, state: Reads, run: Run) -> AskState:
    sql = reply.sql.strip().rstrip(";").strip()
    if reply.status == "look_up" and not state.get("lookups") and not state.get("to_mend"):
        return {**_DONE, "lookup": reply.question or reply.reading}
    if reply.status == "clarify" and reply.question:
        return {**_DONE, "clarification": Clarification(question=reply.question, options=reply.options)}
    if reply.status == "sql" and sql:
        draft = SqlDraft(sql=sql, path=AnswerPath.MODEL, reading=reply.reading, assumptions=reply.assumptions)
        return {**_DONE, "draft": draft}
    return {**_DONE, "ending": _unanswerable(reply, state["schema_slice"], run)}


def _unanswerable(reply: SqlReply, slice_: SchemaSlice, run: Run) -> Ending:
    """The lake does not hold what was asked for, as far as this caller may see."""
    asks = dict.fromkeys(filter(None, map(run.outlook.ask_for, slice_.closed)))
    return Ending(
        status=Status.REFUSED,
        message=reply.question or "The tables that you may read do not hold this.",
        hint=" ".join(asks) or "`skipper tables` lists what is there.",
    )
