"""What is really asked: answers from what people wrote down where every word is covered, else passes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from agents.ask.answer import AnswerPath, Status
from agents.ask.cover.cover import cover
from agents.ask.cover.result import Blocked, Cover, Gap
from agents.ask.cover.slots import Slots
from agents.ask.reach import cautions, out_of_reach
from agents.ask.state import AskState, Clarification, Ending, Question, SqlDraft

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.run_context import Run


class Reads(TypedDict):
    """What this step may see."""

    question: Question


def planner(state: Reads, run: Run) -> AskState:
    """Compose the SQL when a metric or a verified query covers the question, and say what is missing otherwise.

    When one word is left over, nothing is guessed: the question goes to a model, or back to the person.
    """
    question = state["question"]
    found = _covered(question, run)
    if isinstance(found, Cover):
        return _planned(found, question.as_of, run)
    # A model may know what to do with other words; here they change nothing, whether or not they mean something.
    if found.blocked and (not found.left_over or run.with_.model is None):
        return {"ending": _refusal(found, run)}
    # A model needs no help with a misspelt word, nor with what could only be asked in another way here.
    unclear = len(found.readings) > 1 and not found.left_over
    if question.clarification is None and found.readings and (unclear or run.with_.model is None):
        return {"clarification": Clarification(question=found.reason, options=found.readings)}
    return {"gap": found}


def _planned(found: Cover, as_of: date, run: Run) -> AskState:
    """The draft, unless it is known already that its rows would not be what was asked."""
    draft = _draft(found)
    if found.slots is None:
        # People wrote the SQL for everybody: below a mask or a row filter it would say something else.
        verdict = run.verdict(draft)
        if not verdict.passed or verdict.masks or verdict.row_filtered:
            masked = tuple(dict.fromkeys(mask.column.table for mask in verdict.masks))
            blocked = Blocked(name=found.title, tables=masked or verdict.row_filtered or found.tables)
            if verdict.row_filtered and not masked:
                some = " and ".join(map(str, verdict.row_filtered))
                why = f"people wrote it for all rows of {some}, of which you see only some."
                blocked = blocked.model_copy(update={"why": why})
            return {"ending": _refusal(Gap(reason=blocked.message, blocked=(blocked,)), run)}
        return {"gap": None, "draft": draft}
    metrics = tuple(
        metric for name in found.slots.metrics for metric in run.with_.knowledge.metrics if metric.name == name
    )
    if why := out_of_reach(found.slots, metrics, as_of, run):
        ending = Ending(status=Status.NO_ROWS, message=f"{draft.reading}: there are no rows. {why}")
        return {"gap": None, "draft": draft, "ending": ending}
    told = tuple(cautions(found.slots, metrics, run))
    reading = f"{draft.reading} ({'; '.join(told)})" if told else draft.reading
    return {"gap": None, "draft": draft.model_copy(update={"reading": reading})}


def _covered(question: Question, run: Run) -> Cover | Gap:
    """The reading of the question, or of the reply to what was asked back about it.

    An option that was offered here is a whole question. Whatever else is replied must be one, too: half a question
    is for a model to complete, or for the person.
    """
    asked, reply = _read(question.text, question.slots, question, run), question.clarification
    if reply is None:
        return asked
    offered = isinstance(asked, Gap) and reply in asked.readings
    return _read(reply, question.slots if offered else None, question, run)


def _read(text: str, context: Slots | None, question: Question, run: Run) -> Cover | Gap:
    return cover(
        text,
        knowledge=run.with_.knowledge,
        values=run.with_.values,
        sight=run.outlook.sight,
        as_of=question.as_of,
        context=context,
    )


def _draft(found: Cover) -> SqlDraft:
    path = AnswerPath(found.path)
    kind = "metric" if path is AnswerPath.METRIC else "verified query"
    return SqlDraft(
        sql=found.sql,
        path=path,
        reading=found.title[:1].upper() + found.title[1:],
        unit=found.unit,
        assumptions=found.assumptions,
        why=tuple((table, f"Read by the {kind} {found.name}.") for table in found.tables),
        slots=found.slots,
    )


def _refusal(gap: Gap, run: Run) -> Ending:
    asks = (run.outlook.ask_for(table) for blocked in gap.blocked for table in blocked.tables)
    return Ending(
        status=Status.REFUSED,
        message=" ".join(blocked.message for blocked in gap.blocked),
        hint=" ".join(dict.fromkeys(filter(None, asks))),
        closed_tables=tuple(dict.fromkeys(table for blocked in gap.blocked for table in blocked.tables)),
    )
