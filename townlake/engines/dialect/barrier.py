"""What stands outside a row filter is computed after it.

DuckDB may test conditions in another order than they are written, and so evaluate a caller's expression on a row that a
filter keeps back. When that expression fails, its error tells a value of the row. Nothing is moved below a LIMIT.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.domain.names import TableRef

MOST_ROWS: Final = 2**63 - 1
"""More rows than a table has; DuckDB takes no larger LIMIT."""


def bar_filtered(tree: exp.Expr) -> frozenset[TableRef]:
    """Put a LIMIT that cuts nothing on each filtered scan of a table.

    The guard reads each table in a subquery of its own, and a WHERE in there is a row filter. A common table
    expression, also a materialized one, would be no barrier: DuckDB moves conditions into it.

    Returns:
        The tables that are read behind a barrier.
    """
    barred: set[TableRef] = set()
    for select in tree.find_all(exp.Select):
        source = select.args.get("from_")
        table = source.this if source is not None else None
        # A named query has no catalog; the guard writes all three parts of a table.
        if isinstance(table, exp.Table) and table.catalog and select.args.get("where") and not select.args.get("limit"):
            select.set("limit", exp.Limit(expression=exp.Literal.number(MOST_ROWS)))
            barred.add(TableRef(catalog=table.catalog, namespace=table.db, name=table.name))
    return frozenset(barred)
