"""Contacts that are nobody's own by their form: mailboxes of roles, and numbers that are free to call."""

from __future__ import annotations

import re
from typing import Final

from agents.skimmer.lexicon import plain
from agents.skimmer.sketch import Sketch

_TOLL_FREE: Final = re.compile(
    r"(?:\+?1[ .\-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]?\d{3}.{0,12}|(?:\+\d{2} ?|0)800.{4,14}"
)
_LOCAL: Final = re.compile(r"[\W\d_]+")
_MOST: Final = 0.7


def are_shared(label: str, sketch: Sketch) -> bool:
    """True when most values of a label are an organisation's by their form.

    >>> from agents.skimmer.columns import Column
    >>> from agents.skimmer.sketch import sketch
    >>> are_shared("email", sketch(Column("c", "c", values=("billing@a.example", "info2@b.example"))))
    True
    """
    if label == "email":
        return sketch.share(_is_of_a_role) >= _MOST
    if label == "phone":
        return sketch.share(_TOLL_FREE.fullmatch) >= _MOST
    return False


def _is_of_a_role(value: str) -> bool:
    local = value.partition("@")[0].lower()
    parts = [part for part in _LOCAL.split(local) if part]
    return bool(parts) and all(part in plain("mailboxes") for part in parts)
