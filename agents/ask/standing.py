"""The statement that stands when a better one was asked for and cannot be had."""

from __future__ import annotations

from collections.abc import Sequence

from agents.ask.state import Repair, RepairCause, SqlDraft


def standing(repairs: Sequence[Repair], why: str) -> SqlDraft | None:
    """The last statement that was sent back for doubts alone, saying why it stays; None where there is none.

    A doubt is worth one more try, never a good answer.

    Args:
        repairs: everything that was sent back.
        why: what became of the better one, in a sentence.
    """
    refused = {repair.draft.sql for repair in repairs if repair.cause is RepairCause.REFUSED}
    draft = next((repair.draft for repair in reversed(repairs) if repair.draft.sql not in refused), None)
    if draft is None:
        return None
    kept = f"A better statement was asked for and could not be had. {why}"
    return draft.model_copy(update={"assumptions": tuple(dict.fromkeys((*draft.assumptions, kept)))})
