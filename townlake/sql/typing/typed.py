"""The reading of a statement: columns with their types, and what Trino would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.sql.types import UNKNOWN, TrinoType
from townlake.sql.typing import casts, forms, literals, operators, values, windows
from townlake.sql.typing.queries import read_query
from townlake.sql.typing.scope import Field, Relation
from townlake.sql.typing.walk import Analysis, Rule, Tables

_RULES: Final[Mapping[type[exp.Expr], Rule]] = MappingProxyType(
    {
        **literals.RULES,
        **operators.RULES,
        **values.RULES,
        **forms.RULES,
        **casts.RULES,
        **windows.RULES,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """What the types of a statement say. It speaks of the nodes of the tree that was read, and of no copy."""

    tree: exp.Expr
    columns: tuple[tuple[str, TrinoType], ...]
    """Name and type of each column of the result; empty when they are not known one by one."""
    findings: tuple[Finding, ...]
    """What Trino would refuse."""
    fields: Mapping[int, tuple[Field, tuple[str, ...]]]
    """What each column node means, by the identity of the node, and the row fields named after it."""
    selects: Mapping[int, Relation]
    """What FROM gives to each SELECT, by the identity of the node."""

    def field(self, node: exp.Expr) -> Field | None:
        """The column that a node names; None for other nodes and for fields of rows."""
        found = self.fields.get(id(node))
        return found[0] if found is not None and not found[1] else None


def annotate(tree: exp.Expr, tables: Tables, *, namespace: str | None = None, sql: str = "") -> Typed:
    """Give every expression of a statement its type, as Trino's analyzer would.

    The types lie in `node.meta["trino"]` (read them with `type_of`), and go along when a node is copied. Nothing
    else of the tree is changed.

    Args:
        tree: a query.
        tables: the columns of a table, or None when there is no such table.
        namespace: the schema of tables that are named without one.
        sql: the text of the statement, if it is at hand: it tells a function that Trino does not have from the
            one that the parser made of it.

    Returns:
        The columns of the result, and an error finding for whatever Trino would refuse.

    >>> from sqlglot import parse_one
    >>> typed = annotate(parse_one("SELECT 100.0 * count(*) / 3 AS pct, 'a'", read="trino"), lambda ref: None)
    >>> [(name, str(kind)) for name, kind in typed.columns]
    [('pct', 'decimal(23,1)'), ('_col1', 'varchar(1)')]
    >>> annotate(parse_one("SELECT 1 + '1'", read="trino"), lambda ref: None).findings[0].error
    'TYPE_MISMATCH'
    """
    analysis = Analysis(tables, namespace, sql, read_query, _RULES)
    relation = read_query(analysis, tree, None, {})
    columns = tuple((field.name or f"_col{at}", field.type or UNKNOWN) for at, field in enumerate(relation.fields))
    return Typed(
        tree,
        () if relation.is_open else columns,
        tuple(analysis.findings),
        analysis.fields,
        analysis.selects,
    )
