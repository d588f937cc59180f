"""The words in which a learned rule gives its reason."""

from __future__ import annotations

from typing import Final

_BEGIN: Final = "people decided on columns that look alike"


def learned_reason(count: int, label: str, number: int) -> str:
    """The reason, which quotes no name and no value.

    >>> learned_reason(5, "phone", 3)
    'people decided on columns that look alike: all 5 are phone (learned.3)'
    """
    return f"{_BEGIN}: all {count} are {label} (learned.{number})"


def is_learned(reason: str) -> bool:
    """True for the reason of a learned rule."""
    return reason.startswith(_BEGIN)
