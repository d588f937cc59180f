"""Answer SHOW, DESCRIBE and information_schema from what the caller may see.

Nothing of it reaches an engine's own catalog: the answer is a VALUES relation, made for
this caller, and typed also when it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.domain.decision import TableAccess
from townlake.domain.names import DEFAULT_CATALOG
from townlake.domain.table import TableInfo
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.relation import masked_columns, visible_columns
from townlake.governance.guard.sight import Sight

METADATA_SCHEMA: Final = "information_schema"
MAX_ROWS: Final = 2_000

_TABLES: Final = ("table_catalog", "table_schema", "table_name", "table_type")
_SCHEMATA: Final = ("catalog_name", "schema_name")
_COLUMNS: Final = (
    *("table_catalog", "table_schema", "table_name", "column_name"),
    *("ordinal_position", "column_default", "is_nullable", "data_type"),
)

Row = tuple[str | int | None, ...]


def metadata_relation(
    sight: Sight, parts: Sequence[str], node: exp.Table | None = None
) -> tuple[exp.Select, tuple[str, ...]] | None:
    """The query that stands in for a table of information_schema, and its columns; None for any other name.

    Args:
        sight: the caller's.
        parts: the name as written, folded.
        node: where it stands. What its WHERE leaves out by a schema's or a table's name is not looked at.
    """
    if parts[-1] not in ("tables", "schemata", "columns"):
        return None
    catalog = parts[-3] if len(parts) > 2 else DEFAULT_CATALOG
    schema = name = None
    if node is not None and parts[-1] != "schemata":
        # The schemata have no such columns: there the names would be those of a query around it.
        schema, name = _equal(node, "table_schema"), _equal(node, "table_name")
    seen = list(sight.tables(catalog, schema, None if name is None else frozenset((name,))))
    if parts[-1] == "tables":
        rows: list[Row] = [(catalog, i.ref.namespace, i.ref.name, "BASE TABLE") for i, _ in seen]
        return values_query(_TABLES, rows), _TABLES
    if parts[-1] == "schemata":
        return values_query(_SCHEMATA, [(catalog, name) for name in _schemas(seen)]), _SCHEMATA
    return values_query(_COLUMNS, [row for i, a in seen for row in _column_rows(i, a)], bigint=4), _COLUMNS


def show_tables(sight: Sight, catalog: str, schema: str | None, like: str | None) -> exp.Select:
    """SHOW TABLES: of one schema by name, of all as `schema.table`."""
    refs = [info.ref for info, _ in sight.tables(catalog, schema)]
    names = [r.name if schema else f"{r.namespace}.{r.name}" for r in refs]
    return values_query(("Table",), [(name,) for name in names if _matches(name, like)])


def show_schemas(sight: Sight, catalog: str, like: str | None) -> exp.Select:
    """SHOW SCHEMAS: those that hold a table which the caller may read."""
    seen = list(sight.tables(catalog))
    return values_query(("Schema",), [(name,) for name in _schemas(seen) if _matches(name, like)])


def show_columns(info: TableInfo, access: TableAccess, like: str | None = None) -> exp.Select:
    """SHOW COLUMNS and DESCRIBE: the visible columns in the table's order, masked ones marked."""
    masked = masked_columns(access)
    rows: list[Row] = [
        (column.name, column.type, "masked" if column.name in masked else "", column.comment)
        for column in visible_columns(info, access)
        if _matches(column.name, like)
    ]
    return values_query(("Column", "Type", "Extra", "Comment"), rows)


def values_query(names: Sequence[str], rows: Sequence[Row], *, bigint: int = -1) -> exp.Select:
    """A query that gives these rows in this order, all varchar but the column at `bigint`.

    >>> values_query(("a",), [("x",)]).sql("trino")
    "SELECT CAST(a AS VARCHAR) AS a FROM (VALUES (1, 'x')) AS v(place, a) ORDER BY place"
    >>> values_query(("a",), []).sql("trino")
    'SELECT CAST(NULL AS VARCHAR) AS a WHERE FALSE'
    """
    if len(rows) > MAX_ROWS:
        message = f"The answer would have {len(rows):,} rows; at most {MAX_ROWS:,} are given."
        raise Refusal(
            error("SQL034", message, "Ask for one schema (SHOW TABLES FROM schema) or one table (DESCRIBE table).")
        )
    types = ["bigint" if index == bigint else "varchar" for index in range(len(names))]
    if not rows:
        empty = [exp.alias_(exp.cast(exp.null(), to), name) for name, to in zip(names, types, strict=True)]
        return exp.select(*empty).where(exp.false())
    cells = [exp.Tuple(expressions=[_cell(value) for value in (at, *row)]) for at, row in enumerate(rows, 1)]
    alias = exp.TableAlias(this=exp.to_identifier("v"), columns=[exp.to_identifier(n) for n in ("place", *names)])
    taken = [exp.alias_(exp.cast(exp.column(name), to), name) for name, to in zip(names, types, strict=True)]
    return exp.select(*taken).from_(exp.Values(expressions=cells, alias=alias)).order_by("place", dialect="trino")


def _cell(value: str | int | None) -> exp.Expr:
    """A literal; NULL with its type, since a column of nothing else would have none."""
    return exp.cast(exp.null(), "varchar") if value is None else exp.convert(value)


def _equal(node: exp.Table, column: str) -> str | None:
    """The text that a column must equal for a row of this relation to count, where its own SELECT plainly says so."""
    clause = node.parent
    select = clause.parent if isinstance(clause, exp.From) else None
    alias = node.args.get("alias")
    if not isinstance(select, exp.Select) or select.args.get("joins") or (alias and alias.args.get("columns")):
        return None
    where = select.args.get("where")
    said = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
    for condition in said:
        sides = (condition.this, condition.expression) if isinstance(condition, exp.EQ) else ()
        named = any(isinstance(s, exp.Column) and s.name.lower() == column and not s.table for s in sides)
        text = next((s.name for s in sides if isinstance(s, exp.Literal) and s.is_string), None)
        if named and text is not None:
            return text
    return None


def _schemas(seen: Sequence[tuple[TableInfo, TableAccess]]) -> list[str]:
    return sorted({info.ref.namespace for info, _ in seen})


def _column_rows(info: TableInfo, access: TableAccess) -> list[Row]:
    ref = info.ref
    return [
        (ref.catalog, ref.namespace, ref.name, c.name, at, None, "YES" if c.nullable else "NO", c.type)
        for at, c in enumerate(visible_columns(info, access), 1)
    ]


def _matches(name: str, like: str | None) -> bool:
    return like is None or re.fullmatch(like, name, re.DOTALL) is not None
