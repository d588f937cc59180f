"""Counters that tell a reader in one cheap query whether anything moved since it last looked."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.quick_row import quick_row
from townlake.state.schema import VERSIONS

POLICY: Final = "policy"
CATALOG: Final = "catalog"

_READ: Final = {
    POLICY: "SELECT number FROM versions WHERE name = 'policy'",
    CATALOG: "SELECT number FROM versions WHERE name = 'catalog'",
}


def bump(connection: sa.Connection, name: str) -> None:
    """Count a change, in the transaction that makes it."""
    moved = connection.execute(sa.update(VERSIONS).where(VERSIONS.c.name == name).values(number=VERSIONS.c.number + 1))
    if moved.rowcount != 1:
        raise LookupError(f"there is no counter {name}")


def current(state: sa.Engine, name: str) -> int:
    """The number of changes so far."""
    row = quick_row(state, _READ[name])
    if row is None:
        raise LookupError(f"there is no counter {name}")
    return int(row[0])
