"""Finds the tables, columns and notes that a writer needs, of what the caller may see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.answer import Status
from agents.ask.named_values import named_values
from agents.ask.slicing import take_slice
from agents.ask.state import AskState, Ending, Question, Repair
from agents.ask.suggested import suggested

if TYPE_CHECKING:
    from agents.ask.cover.result import Gap
    from agents.ask.run_context import Run
    from agents.ask.schema_slice import SchemaSlice
    from memory.found import Found
    from townlake.domain.names import TableRef

_TABLES: Final = 40
_NAME: Final = re.compile(r'"([^"]+)"')


class Reads(TypedDict, total=False):
    """What this step may see."""

    question: Question
    gap: Gap | None
    to_mend: Repair | None


def schema_retriever(state: Reads, run: Run) -> AskState:
    """Search, and cut the slice that the writer is shown.

    Without a model the question ends here, with the tables that it would use. A question about something that is
    closed to the caller ends here too: no writer could help, only a person can.
    """
    question, sight = state["question"], run.outlook.sight
    text = _search_text(question, state.get("to_mend"))
    values = named_values(question.whole, run.with_.values.lookup(question.whole, sight), run.outlook)
    found = run.with_.memory().search(text, sight, limit=_TABLES, values=values)
    slice_ = take_slice(question.whole, found, values, run.outlook, run.with_.values, run.with_.knowledge)
    if run.with_.model is None:
        return {"schema_slice": slice_, "ending": _without_model(state, found, slice_, run)}
    if not slice_.tables:
        return {"schema_slice": slice_, "ending": _nothing_open(found, run)}
    return {"schema_slice": slice_}


def _search_text(question: Question, repair: Repair | None) -> str:
    """The question with the one before it, and with the names that a refused statement looked for."""
    before = question.turns[-1].question if question.turns else ""
    messages = " ".join(finding.message for finding in repair.findings) if repair else ""
    names = " ".join(_NAME.findall(messages))
    return " ".join(filter(None, (question.whole, names, before)))


def _without_model(state: Reads, found: Found, slice_: SchemaSlice, run: Run) -> Ending:
    if found.preferred is not None and not run.outlook.sight.reads(found.preferred.table):
        return _nothing_open(found, run)
    gap = state.get("gap")
    reason = gap.reason if gap else "No metric and no verified query covers the question."
    # What is found for a question about something else is no table that it needs.
    closed = () if found.far else slice_.closed
    seems = " Nothing in the lake seems to be about it." if found.far else _closed(closed)
    asks = dict.fromkeys(filter(None, map(run.outlook.ask_for, closed)))
    return Ending(
        status=Status.NEEDS_MODEL,
        message=f"{reason}{seems}",
        hint=" ".join([*asks, run.with_.model_hint]),
        suggestions=suggested(state["question"], None if found.far else slice_, run),
        closed_tables=closed,
    )


def _closed(tables: tuple[TableRef, ...]) -> str:
    """What the question could be about that the caller does not read; the answer itself names the tables found."""
    named = " or ".join(table.short for table in tables)
    return f" {named} may be meant, but is closed to you." if named else ""


def _nothing_open(found: Found, run: Run) -> Ending:
    """Nothing that the question is about exists for this caller."""
    closed = [table.table for table in found.tables if not run.outlook.sight.reads(table.table)]
    if not closed:
        return Ending(
            status=Status.REFUSED,
            message="There is nothing in the lake on this that you may read.",
            hint="`skipper tables` lists what is there.",
        )
    return Ending(
        status=Status.REFUSED,
        message=f"This seems to be about {closed[0]}, which is closed to you.",
        hint=run.outlook.ask_for(closed[0]),
        closed_tables=(closed[0],),
    )
