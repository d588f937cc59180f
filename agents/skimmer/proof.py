"""Whether the values themselves prove a label, whatever the column is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from agents.skimmer.columns import Column
from agents.skimmer.detectors.checked import checked
from agents.skimmer.detectors.contacts import contacts
from agents.skimmer.detectors.official_ids import official_ids
from agents.skimmer.detectors.secrets import secrets
from agents.skimmer.evidence import Evidence
from agents.skimmer.sketch import Sketch, sketch

_PROVES: Final = frozenset({"values.proof", "values.strong"})
_CHECKS: Final = (checked, contacts, official_ids, secrets)


def is_proven(label: str, column: Column, salt: bytes = b"") -> bool:
    """True when check digits, prefixes or formats that little else has say so.

    >>> is_proven("email", Column("", "c1", values=("ann@shop.example", "bob@shop.example", "cy@shop.example")))
    True
    """
    values = sketch(column, salt)
    return any(one.label == label and one.weight in _PROVES for check in _CHECKS for one in _of(check, values))


def _of(check: Callable[[Sketch], Iterable[Evidence]], values: Sketch) -> list[Evidence]:
    try:
        return list(check(values))
    except Exception:
        # What fails on these values failed before, and has barred the column.
        return []
