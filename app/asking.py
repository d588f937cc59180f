"""Whoever answers questions on a workspace, with indexes that are up to date."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from app.indexing import rebuild, refresh
from app.model_budget import budget_of, day_of
from app.workspace import Workspace, utc_now
from townlake.domain.errors import HomeError

if TYPE_CHECKING:
    from datetime import date

    from agents.ask.asker import Asker
    from memory.search import Memory
    from memory.value_index import ValueIndex


_OR_WITHOUT_ONE: Final = "Or ask for what `skipper metrics` lists, or write the SQL yourself with `skipper sql`."
_NOT_HERE: Final = (
    "This server has no model set up: only metrics and verified queries are answered. Ask whoever runs it."
)


def open_asker(
    workspace: Workspace, *, today: date | None = None, quiet: bool = True, fresh: bool = True, serves: bool = False
) -> Asker:
    """Who answers questions.

    Args:
        workspace: the lake and the settings.
        today: what `today` means; the lake's own date when not given.
        quiet: show no progress.
        fresh: bring the indexes up to date first.
        serves: those who ask are at a server, whose settings are not theirs to change.
    """
    from agents.ask.asker import Asker
    from agents.ask.run_context import Collaborators

    if fresh:
        refresh(workspace, quiet=quiet)
    return Asker(
        Collaborators(
            lake=workspace.lake,
            knowledge=workspace.knowledge,
            values=_open_values(workspace, quiet=quiet),
            memory=lambda: _open_memory(workspace),
            state=workspace.state,
            checkpoints=workspace.checkpoints_path,
            clock=utc_now,
            day_of=partial(day_of, workspace),
            today=lambda: today or workspace.today,
            model=workspace.model,
            model_hint=_NOT_HERE if serves else f"{workspace.model_hint} {_OR_WITHOUT_ONE}",
            budget=budget_of(workspace.settings),
        )
    )


def _open_values(workspace: Workspace, *, quiet: bool) -> ValueIndex:
    from memory.value_index import ValueIndex

    try:
        return ValueIndex.open(workspace.values_path)
    except HomeError:
        # A cache that cannot be opened is made again, not reported.
        rebuild(workspace, quiet=quiet)
        return ValueIndex.open(workspace.values_path)


def _open_memory(workspace: Workspace) -> Memory:
    from memory.embedder import Embedder
    from memory.search import Memory

    embedder = Embedder.open(workspace.settings.embedder_path)
    try:
        return Memory.open(workspace.index_path, embedder)
    except HomeError:
        rebuild(workspace)
        return Memory.open(workspace.index_path, embedder)
