"""Whether two results stand in the same order, ties aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from eval.compare import Row


def with_keys(sql: str) -> tuple[str, int] | None:
    """The statement with what it orders by as further columns, and how many; None where they cannot be added.

    >>> with_keys("SELECT c, count(*) AS n FROM r GROUP BY c ORDER BY n, max(d)")
    ('SELECT c, COUNT(*) AS n, COUNT(*) AS _key0, MAX(d) AS _key1 FROM r GROUP BY c ORDER BY n, MAX(d)', 2)
    >>> with_keys("SELECT DISTINCT city FROM r ORDER BY city") is None
    True
    """
    tree = sqlglot.parse_one(sql, read="trino")
    order = tree.args.get("order")
    if not isinstance(tree, exp.Select) or tree.args.get("distinct") or order is None:
        return None
    shown = {column.alias_or_name: column.unalias() for column in tree.expressions}
    keys = [term.this for term in order.expressions]
    for place, key in enumerate(keys):
        if key.is_int:
            key = tree.expressions[int(key.name) - 1].unalias()
        elif isinstance(key, exp.Column) and not key.table and key.name in shown:
            key = shown[key.name]
        tree = tree.select(exp.alias_(key.copy(), f"_key{place}"))
    return tree.sql("trino"), len(keys)


def same_but_for_ties(wanted: Sequence[Row], found: Sequence[Row], keys: Sequence[Row]) -> bool:
    """Whether `wanted` holds the rows of `found` in an order that the keys allow.

    Args:
        wanted: rows in an order that is known to be right.
        found: the same rows in the order to judge.
        keys: what each row of `found` is ordered by.

    >>> rows, keys = [("b",), ("a",), ("c",)], [(1,), (1,), (2,)]
    >>> same_but_for_ties([("a",), ("b",), ("c",)], rows, keys), same_but_for_ties([("c",), ("a",), ("b",)], rows, keys)
    (True, False)
    """
    keys_of: dict[Row, list[Row]] = defaultdict(list)
    for row, key in zip(reversed(found), reversed(keys), strict=True):
        keys_of[row].append(key)
    return [keys_of[row].pop() if keys_of[row] else None for row in wanted] == list(keys)
