"""Choose where the pointers lie. What a server needs is imported by those who have one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from townlake.catalog.pointers import Pointers, SqlitePointers

if TYPE_CHECKING:
    from townlake.catalog.rest_service import RestAddress


def open_pointers(file: Path, place: sa.URL | RestAddress | None) -> Pointers:
    """The pointers of a database or of a REST service; of a file of the home when there is neither.

    Raises:
        HomeError: it is damaged, or not reached.
    """
    if place is None:
        return SqlitePointers(file)
    if isinstance(place, sa.URL):
        from townlake.catalog.postgres_pointers import PostgresPointers

        return PostgresPointers(place)
    from townlake.catalog.rest_pointers import RestPointers

    return RestPointers(place)
