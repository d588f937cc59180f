"""What a caller is told of saved questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.contract.saved import SavedQuestion, SavedSummary

if TYPE_CHECKING:
    from app.contract.saved import Closed
    from app.saved.questions import Kept


def summary_of(kept: Kept) -> SavedSummary:
    """One in a list: without its statement, which not everybody may read."""
    return SavedSummary(**_told(kept))


def page_of(kept: Kept, closed: tuple[Closed, ...], sql: str) -> SavedQuestion:
    """One by itself. Statement and chart name columns: they are for whoever may read those, and its owner.

    Args:
        kept: what is kept.
        closed: what of it the viewer may not read.
        sql: the statement as it reads today.
    """
    content = kept.content
    shown = {"sql": sql, "namespace": content.namespace, "chart": content.chart}
    moves = content.wording is not None
    return SavedQuestion(**_told(kept), moves=moves, closed=closed, **(shown if kept.mine or not closed else {}))


def _told(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.content.name,
        "question": kept.content.question,
        "description": kept.content.description,
        "owner": kept.owner,
        "mine": kept.mine,
        "sharing": kept.sharing,
        "created_at": kept.created_at,
        "changed_at": kept.changed_at,
        "version": kept.version,
    }
