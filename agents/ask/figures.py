"""How values are written in a sentence."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_SHOWN_CHARACTERS: Final = 60
_NUMBERS: Final = frozenset({"tinyint", "smallint", "integer", "int", "bigint", "decimal", "real", "double"})
_IDENTIFIERS: Final = re.compile(r"(?:^|_)(?:id|key|code|year|zip|port)$|_(?:number|no)$", re.IGNORECASE)


def figure(value: Any, column_type: str = "", name: str = "") -> str:
    """A value as a person reads it: numbers in groups of three, but not those that only name something.

    >>> figure("69732242.38", "decimal(18, 2)"), figure(1234.567, "double"), figure(1234567, "bigint", "ticket_id")
    ('69,732,242.38', '1,234.57', '1234567')
    >>> figure("2025", "varchar"), figure(None), figure(True)
    ('2025', 'NULL', 'true')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if _IDENTIFIERS.search(name):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1 else f"{round(value, 2):,}"
    number = number_of(value, column_type)
    if number is not None:
        return f"{number:,f}"
    text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def number_of(value: Any, column_type: str) -> Decimal | None:
    """The number that a value of a result is; None when it is none, or not finite.

    >>> number_of("1.50", "decimal(3, 2)"), number_of("1.50", "varchar"), number_of("NaN", "double")
    (Decimal('1.50'), None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, int | float) and column_type.partition("(")[0].strip().lower() not in _NUMBERS:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def percent(part: Decimal, whole: Decimal) -> str:
    """A part of a whole with one digit; empty where that would read as nothing or as all of it and is neither.

    >>> percent(Decimal(871), Decimal(3284)), percent(Decimal(1), Decimal(9999)), percent(Decimal(5), Decimal(0))
    ('26.5 %', '', '')
    """
    if whole <= 0:
        return ""
    rounded = round(part / whole * 100, 1)
    if (not rounded and part) or (rounded == 100 and part != whole):
        return ""
    return f"{rounded:,f} %"
