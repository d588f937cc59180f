"""Dashboards: saved questions on a grid."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from app.contract.saved import Closed, Description, Name, SavedId, Sharing
from app.contract.value import ContractValue

COLUMNS: Final = 12
MOST_TILES: Final = 40
MOST_HIGH: Final = 24


class Place(ContractValue):
    """Where a tile stands, in columns and rows of the grid."""

    x: Annotated[int, Field(ge=0, lt=COLUMNS)]
    y: Annotated[int, Field(ge=0, le=MOST_TILES * MOST_HIGH)]
    w: Annotated[int, Field(ge=1, le=COLUMNS)]
    h: Annotated[int, Field(ge=1, le=MOST_HIGH)]

    @model_validator(mode="after")
    def _is_on_the_grid(self) -> Self:
        if self.x + self.w > COLUMNS:
            raise ValueError(f"x and w go beyond {COLUMNS} columns")
        return self


class TileDraft(ContractValue):
    """A saved question to be shown."""

    question_id: SavedId
    place: Place | None = None
    """Where; below the others when not given."""
    title: Name | None = None
    """Instead of the question's name."""


class DashboardDraft(ContractValue):
    """A dashboard to keep."""

    name: Name
    description: Description = ""
    tiles: Annotated[tuple[TileDraft, ...], Field(max_length=MOST_TILES)] = ()
    """Packed: moved up until they touch, none on another."""
    sharing: Sharing = Sharing()
    embeddable: bool = False
    """Whether pages of `http_embedders` may show it in a frame."""


class Tile(ContractValue):
    """A tile as you may see it."""

    number: int
    """From 1 on: `GET /v1/dashboards/{dashboard_id}/tiles/{number}` gives its rows."""
    question_id: SavedId | None = None
    """None for a question that is not there for you."""
    title: str
    renamed: bool = False
    """Whether the title was given here, instead of the question's name."""
    place: Place
    readable: bool
    closed: tuple[Closed, ...] = ()
    """What you may not read of it, and whom to ask."""


class DashboardSummary(ContractValue):
    """A dashboard in a list."""

    id: SavedId
    name: str
    description: str
    owner: str
    mine: bool
    sharing: Sharing
    """With whom; of those of others only how far it reaches, and which of your groups see it."""
    embeddable: bool
    created_at: datetime
    changed_at: datetime
    version: int
    """Goes up with every change; `ETag` and `If-Match` carry it."""


class Dashboard(DashboardSummary):
    """A dashboard as you may see it, without rows."""

    tiles: tuple[Tile, ...]


class DashboardPage(ContractValue):
    """Some of them, the newest first."""

    dashboards: tuple[DashboardSummary, ...]
    next_cursor: str | None = None
