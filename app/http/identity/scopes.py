"""What a caller may use of the server, whatever their rights in the lake."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from townlake.domain.errors import BadInput


class Scope(StrEnum):
    """A part of the server."""

    ASK = "ask"
    """Questions and their runs."""
    SQL = "sql"
    """Statements of one's own."""
    CATALOG = "catalog"
    """Looking for tables and at them."""
    REVIEW = "review"
    """Reading reviews, grants, limits and the audit. Deciding is for people."""
    ADMIN = "admin"
    """Running the server."""


EVERY: Final = frozenset(Scope)
"""What people have: their rights alone tell what they may do."""
ORDINARY: Final = frozenset({Scope.ASK, Scope.SQL, Scope.CATALOG})
"""What a service has unless it is told otherwise."""


def parse_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes that a person wrote.

    >>> sorted(parse_scopes(["sql", "ask"]))
    [<Scope.ASK: 'ask'>, <Scope.SQL: 'sql'>]

    Raises:
        BadInput: there is none of a name.
    """
    try:
        return frozenset(map(Scope, names))
    except ValueError as error:
        raise BadInput(f"{error}.", hint=f"There are {', '.join(Scope)}.") from None
