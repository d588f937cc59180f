"""The figures of reviewing, and what waits now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.rights import ReviewFigures
from townlake.governance.review_stats import stats_of

if TYPE_CHECKING:
    from app.workspace import Workspace


def review_figures(workspace: Workspace) -> ReviewFigures:
    """All of them, from the history of all tables."""
    hours = workspace.settings.review_sla_hours
    queue = workspace.reviews.queue(workspace.catalog.tables(), hours)
    waiting = [one for entry in queue for one in entry.waiting]
    return ReviewFigures(
        stats=stats_of(workspace.reviews.history(), hours),
        waiting=len(waiting),
        late=sum(one.is_late for one in waiting),
        sla_hours=hours,
    )
