"""Dashboards: what stands on each, and what of it one viewer may see."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from app.contract.dashboards import Dashboard, DashboardSummary, Place, Tile
from app.contract.saved import Closed
from app.saved.packing import packed
from app.saved.shelf import Kind, Saved, Shelf
from townlake.domain.errors import AccessDenied, NotFound
from townlake.domain.value import Value

if TYPE_CHECKING:
    import sqlalchemy as sa

    from app.contract.dashboards import DashboardDraft
    from app.saved.questions import Kept, SavedQuestions
    from townlake.domain.principal import Principal


class KeptTile(Value):
    """A saved question in its place."""

    question_id: str
    place: Place
    title: str | None = None


class DashboardContent(Value):
    """What is kept of a dashboard."""

    name: str
    description: str
    tiles: tuple[KeptTile, ...]
    embeddable: bool


KeptDashboard = Saved[DashboardContent]


class Dashboards:
    """The dashboards of a lake.

    Whoever finds a dashboard finds the questions on it that are its owner's; those of others they must have been shown
    by these. What they may read of a question is another matter, decided when they look.
    """

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], questions: SavedQuestions) -> None:
        self.shelf = Shelf(state, clock, Kind.DASHBOARD, DashboardContent, "dashboard")
        self._questions = questions

    def add(self, draft: DashboardDraft, caller: Principal) -> KeptDashboard:
        """Keep a dashboard.

        Raises:
            NotFound: a question is not there for them.
            LimitExceeded: they keep too many.
        """
        return self.shelf.add(self._content(draft, caller), draft.sharing, caller)

    def replace(
        self, dashboard_id: str, draft: DashboardDraft, caller: Principal, versions: Collection[int] | None
    ) -> KeptDashboard:
        """Put another one in its place. Questions that stand on it may stay, though they are gone for its owner.

        Raises:
            NotFound: it is not there for them, or a question is not.
            AccessDenied: it is somebody else's.
            Changed: it is of another version meanwhile.
        """
        kept = self.shelf.own(dashboard_id, caller, versions)
        before = frozenset(tile.question_id for tile in kept.content.tiles)
        return self.shelf.replace(
            dashboard_id, caller, frozenset({kept.version}), self._content(draft, caller, before), draft.sharing
        )

    def page(self, kept: KeptDashboard, caller: Principal) -> Dashboard:
        """The layout, and of each tile whether the viewer may see it, and whom to ask if not."""
        found = self._found(kept, caller)
        tiles = tuple(
            self._tile(number, tile, found.get(tile.question_id), kept, caller)
            for number, tile in enumerate(kept.content.tiles, 1)
        )
        return Dashboard(**summary_of(kept).model_dump(), tiles=tiles)

    def is_embeddable(self, dashboard_id: str) -> bool:
        """Whether pages of others may show it in a frame. Asked before anybody is known, it tells no more."""
        found = self.shelf.find({dashboard_id}, None)
        return any(kept.content.embeddable for kept in found.values())

    def question(self, kept: KeptDashboard, number: int, caller: Principal) -> Kept:
        """The question of a tile, for a viewer of the dashboard.

        Args:
            kept: the dashboard, as they found it.
            number: of the tile, from 1 on.
            caller: the viewer.

        Raises:
            NotFound: there is no tile of that number.
            AccessDenied: its question is not there for them.
        """
        if not 1 <= number <= len(kept.content.tiles):
            raise NotFound(f"The dashboard has no tile {number}.", hint="Read it again: it was changed.")
        found = self._found(kept, caller).get(kept.content.tiles[number - 1].question_id)
        if found is None:
            raise AccessDenied("The question of this tile is not there for you.", hint=_gone(kept).ask)
        return found

    def _content(
        self, draft: DashboardDraft, caller: Principal, before: frozenset[str] = frozenset()
    ) -> DashboardContent:
        wanted = frozenset(tile.question_id for tile in draft.tiles) - before
        if missing := wanted - self._questions.shelf.find(wanted, caller).keys():
            # As the shelf tells of one that is not there.
            self._questions.shelf.get(min(missing), caller)
        places = packed([tile.place for tile in draft.tiles])
        tiles = zip(draft.tiles, places, strict=True)
        return DashboardContent(
            name=draft.name,
            description=draft.description,
            tiles=tuple(KeptTile(question_id=t.question_id, place=place, title=t.title) for t, place in tiles),
            embeddable=draft.embeddable,
        )

    def _found(self, kept: KeptDashboard, caller: Principal) -> dict[str, Kept]:
        shelf, ids = self._questions.shelf, frozenset(tile.question_id for tile in kept.content.tiles)
        owners = {at: each for at, each in shelf.find(ids, None).items() if each.is_of_same_owner(kept)}
        return owners | shelf.find(ids, caller)

    def _tile(self, number: int, tile: KeptTile, question: Kept | None, kept: KeptDashboard, caller: Principal) -> Tile:
        closed = (_gone(kept),) if question is None else self._questions.closed(question, caller)
        return Tile(
            number=number,
            question_id=tile.question_id if question is not None or kept.mine else None,
            title=tile.title or (question.content.name if question else ""),
            renamed=tile.title is not None,
            place=tile.place,
            readable=not closed,
            closed=closed,
        )


def summary_of(kept: KeptDashboard) -> DashboardSummary:
    """One in a list."""
    content = kept.content
    return DashboardSummary(
        id=kept.id,
        name=content.name,
        description=content.description,
        owner=kept.owner,
        mine=kept.mine,
        sharing=kept.sharing,
        embeddable=content.embeddable,
        created_at=kept.created_at,
        changed_at=kept.changed_at,
        version=kept.version,
    )


def _gone(kept: KeptDashboard) -> Closed:
    """Told of a question that was deleted, and of one that is not shared with the viewer."""
    return Closed(ask=f"Ask {kept.owner}, whose dashboard it is: the question was deleted, or is not shared with you.")
