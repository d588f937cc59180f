"""Trino's dialect as sqlglot has it, less what it would turn into another dialect's form."""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.dialects.trino import Trino

_AS_WRITTEN: Final[dict[str, str]] = {}


class TrinoText(Trino):
    """Trino's dialect with subscripts, JSON paths and formats of dates left as they are written.

    sqlglot counts some subscripts from zero, by the types that it guesses; it reads a path into a tree and drops
    what it does not know, such as `[*]`; and it writes formats of dates in Python's way and back, in synonyms.
    """

    INDEX_OFFSET = 0
    TIME_MAPPING = _AS_WRITTEN

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """The path as it stands."""
        return path


TRINO: Final = TrinoText()
"""The one dialect that statements are read and written in."""
