"""Reasons that speak of one leaf of a nested column: where it is, before the reason itself."""

from __future__ import annotations

import re
from typing import Final

_WHERE: Final = re.compile(r"in leaf \d+ of \d+: ")


def in_leaf(place: int, count: int, reason: str) -> str:
    """The reason with its place: names of leaves can be values, so a leaf is told by its number.

    >>> in_leaf(2, 3, "the name says phone")
    'in leaf 2 of 3: the name says phone'
    """
    return f"in leaf {place} of {count}: {reason}"


def without_leaf(reason: str) -> str:
    """The reason itself.

    >>> without_leaf(in_leaf(2, 3, "check digits hold: 98 %"))
    'check digits hold: 98 %'
    """
    return _WHERE.sub("", reason, count=1) if _WHERE.match(reason) else reason
