"""Whether the values themselves prove a label, whatever the column is called."""

from __future__ import annotations

from typing import Final

from agents.skimmer.columns import Column
from agents.skimmer.detectors.checked import checked
from agents.skimmer.detectors.contacts import contacts
from agents.skimmer.detectors.official_ids import official_ids
from agents.skimmer.detectors.secrets import secrets
from agents.skimmer.sketch import sketch

_PROVES: Final = frozenset({"values.proof", "values.strong"})
_CHECKS: Final = (checked, contacts, official_ids, secrets)


def is_proven(label: str, column: Column) -> bool:
    """True when check digits, prefixes or formats that little else has say so.

    >>> is_proven("email", Column("", "c1", values=("ann@shop.example", "bob@shop.example", "cy@shop.example")))
    True
    """
    values = sketch(column)
    return any(one.label == label and one.weight in _PROVES for check in _CHECKS for one in check(values))
