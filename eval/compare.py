"""When two results are the same rows.

Numbers count to six significant digits, a midnight timestamp passes for a date, NULL equals only NULL. Row order counts
where the question fixes it, and not among ties. Column names never count; column order may be set free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

Row = tuple[Any, ...]
_NUMBERS = ("decimal", "tinyint", "smallint", "integer", "bigint", "real", "double")


def canonical(value: Any, type_name: str = "") -> Any:
    """A value in a form in which equal values are equal.

    >>> canonical("3.50", "decimal(4,2)") == canonical(3.5, "double")
    True
    >>> canonical("2026-01-02 00:00:00.000", "timestamp(3)")
    '2026-01-02'
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) or (isinstance(value, str) and type_name.startswith(_NUMBERS)):
        return _number(value)
    if isinstance(value, list | tuple):
        return tuple(canonical(item) for item in value)
    text = str(value)
    if type_name.startswith(("timestamp", "date", "time")):
        text = text.replace("T", " ")
        text = text.rstrip("0").rstrip(".") if "." in text and "with time zone" not in type_name else text
        text = text.removesuffix(" 00:00:00")
    return text


def _number(value: Any) -> tuple[str, str] | str:
    """A number apart from the text that reads like it."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{number:.6g}" if number.is_finite() else str(number)
    return "number", "0" if not number else str(Decimal(text).normalize())


def same_rows(
    left: Sequence[Sequence[Any]],
    left_types: Sequence[str],
    right: Sequence[Sequence[Any]],
    right_types: Sequence[str],
    *,
    ordered: bool = False,
    any_column_order: bool = False,
) -> bool:
    """Whether two results hold the same rows.

    Args:
        left: rows, each as long as its types.
        left_types: Trino's type names.
        right: the other rows.
        right_types: their types.
        ordered: row order counts.
        any_column_order: columns may stand in another order.
    """
    a, b = canonical_rows(left, left_types), canonical_rows(right, right_types)
    if len(a) != len(b) or (a and len(a[0]) != len(b[0])):
        return False
    if not a:
        return True
    orders = _column_orders(a, b) if any_column_order else iter([tuple(range(len(a[0])))])
    for order in orders:
        turned = [tuple(row[i] for i in order) for row in b]
        if a == turned or (not ordered and Counter(a) == Counter(turned)):
            return True
    return False


def canonical_rows(rows: Sequence[Sequence[Any]], types: Sequence[str]) -> list[Row]:
    """Rows of values in a form in which equal rows are equal."""
    return [tuple(canonical(value, types[i] if i < len(types) else "") for i, value in enumerate(row)) for row in rows]


def _column_orders(a: list[Row], b: list[Row], most: int = 5000) -> Iterator[tuple[int, ...]]:
    """Orders of `b`'s columns in which each holds the same values as the column of `a` in its place."""
    width = len(a[0])
    wanted = [Counter(row[i] for row in a) for i in range(width)]
    found = [Counter(row[i] for row in b) for i in range(width)]
    choices = [[j for j in range(width) if found[j] == wanted[i]] for i in range(width)]
    stack: list[tuple[int, ...]] = [()]
    while stack and most:
        most -= 1
        head = stack.pop()
        if len(head) == width:
            yield head
            continue
        stack.extend((*head, j) for j in reversed(choices[len(head)]) if j not in head)
