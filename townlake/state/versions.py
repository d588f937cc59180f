"""Counters that tell a reader in one cheap query whether anything moved since it last looked."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import VERSIONS
from townlake.state.store import reading

POLICY: Final = "policy"
CATALOG: Final = "catalog"

_READ: Final = sa.select(VERSIONS.c.number).where(VERSIONS.c.name == sa.bindparam("name"))


def bump(connection: sa.Connection, name: str) -> None:
    """Count a change, in the transaction that makes it."""
    moved = connection.execute(sa.update(VERSIONS).where(VERSIONS.c.name == name).values(number=VERSIONS.c.number + 1))
    if moved.rowcount != 1:
        raise LookupError(f"there is no counter {name}")


def current(state: sa.Engine, name: str) -> int:
    """The number of changes so far."""
    with reading(state) as connection:
        return int(connection.execute(_READ, {"name": name}).scalar_one())
