"""Where a statement compares a column of a table with a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from townlake.domain.errors import InvalidName
from townlake.domain.names import ColumnRef, TableRef

if TYPE_CHECKING:
    from agents.ask.outlook import Outlook


class TextFilter(NamedTuple):
    """A column that must equal a text."""

    column: ColumnRef
    text: str
    any_case: bool
    """The statement compares without regard to case."""


def text_filters(tree: exp.Expr, outlook: Outlook) -> tuple[TextFilter, ...]:
    """Every comparison of a table's column with a text by `=` or `IN`; what cannot be resolved is left out."""
    try:
        scopes = traverse_scope(tree)
    except SqlglotError:
        return ()
    found = (each for scope in scopes for each in _in_scope(scope, outlook))
    return tuple(dict.fromkeys(found))


def _in_scope(scope: Scope, outlook: Outlook) -> Iterator[TextFilter]:
    tables = {alias: ref for alias, source in scope.sources.items() if (ref := _table(source)) is not None}
    for node in scope.find_all(exp.EQ, exp.In):
        if not isinstance(node, (exp.EQ, exp.In)) or isinstance(node.parent, exp.Not):
            continue
        for side, texts in _sides(node):
            column = _resolve(_bare(side), tables, outlook)
            if column is not None:
                folded = not isinstance(side, exp.Column)
                yield from (TextFilter(column, text, folded) for text in texts)


def _sides(node: exp.EQ | exp.In) -> Iterator[tuple[exp.Expr, list[str]]]:
    if isinstance(node, exp.In):
        texts = [item.name for item in node.expressions if isinstance(item, exp.Literal) and item.is_string]
        yield node.this, texts
        return
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(other, exp.Literal) and other.is_string:
            yield side, [other.name]


def _bare(side: exp.Expr) -> exp.Expr:
    """The column below functions that change only case or space around it."""
    while isinstance(side, (exp.Lower, exp.Upper, exp.Trim)):
        side = side.this
    return side


def _table(source: object) -> TableRef | None:
    if not isinstance(source, exp.Table):
        return None
    name = ".".join(part.name for part in source.parts)
    try:
        return TableRef.parse(name)
    except InvalidName:
        return None


def _resolve(side: exp.Expr, tables: dict[str, TableRef], outlook: Outlook) -> ColumnRef | None:
    if not isinstance(side, exp.Column):
        return None
    name = side.name.lower()
    candidates = [tables[side.table]] if side.table in tables else [] if side.table else list(tables.values())
    owners = [ref for ref in candidates if name in outlook.sight.columns.get(ref, ())]
    return ColumnRef(table=owners[0], column=name) if len(owners) == 1 else None
