"""Finds the tables, columns and notes that a writer needs, of what the caller may see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.answer import Status
from agents.ask.named_values import named_values
from agents.ask.slicing import take_slice
from agents.ask.state import AskState, Ending, Question, Repair

if TYPE_CHECKING:
    from agents.ask.cover.result import Gap
    from agents.ask.run_context import Run
    from agents.ask.schema_slice import SchemaSlice
    from memory.found import Found

_TABLES: Final = 40
_NEAR: Final = 3
_NAME: Final = re.compile(r'"([^"]+)"')
_OR_WITHOUT_ONE: Final = "Or ask for what `skipper metrics` lists, or write the SQL yourself with `skipper sql`."


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
    seems = " Nothing in the lake seems to be about it." if found.far else _seems(slice_)
    asks = dict.fromkeys(filter(None, map(run.outlook.ask_for, slice_.closed)))
    hint = " ".join([*asks, run.with_.model_hint, _OR_WITHOUT_ONE])
    return Ending(status=Status.NEEDS_MODEL, message=f"{reason}{seems}", hint=hint)


def _seems(slice_: SchemaSlice) -> str:
    """What the question could be about, for a person who may ask it in other words."""
    tables = ", ".join(table.label for table in slice_.found[:3])
    seems = f" It seems to be about {tables}." if tables else ""
    closed = ", ".join(ref.short for ref in slice_.closed)
    seems += f" {closed} may be meant, but is closed to you." if closed else ""
    near = [f"`{note.title}`" for note in (*slice_.metrics, *slice_.queries)][:_NEAR]
    return seems + (f" Near it, and answered without a model: {', '.join(near)}." if near else "")


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
    )
