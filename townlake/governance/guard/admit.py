"""Walk a whole tree once: every node must be on the list, every function known, every size within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.allow import (
    DEFAULT,
    EXPRESSIONS,
    FUNCTIONS,
    REFUSED,
    REFUSED_PARTS,
    SHAPES,
    TABLE_FUNCTION,
)
from townlake.governance.guard.calls import function_finding, unknown
from townlake.governance.guard.findings import error, place_of
from townlake.governance.guard.limits import check_size, large_constant
from townlake.governance.guard.syntax import RESERVED

_ROOTS: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
ALLOWED: Final = frozenset(SHAPES) | EXPRESSIONS | FUNCTIONS
"""Every kind of node that a statement may be made of."""
_JOIN_WORDS: Final = (
    frozenset({"", "INNER", "OUTER", "CROSS"}),
    frozenset({"", "LEFT", "RIGHT", "FULL"}),
    frozenset({"", "NATURAL"}),
)


def admit(sql: str, tree: exp.Expr) -> tuple[Finding, ...]:
    """What is wrong with the parts of a statement; empty when every part is allowed.

    Raises:
        Refusal: the tree is too large.
    """
    if not isinstance(tree, _ROOTS):
        return (_refused(sql, tree),)
    findings: dict[Finding, None] = {}
    level: list[exp.Expr] = [tree]
    nodes, depth, joins = 0, 0, 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        below: list[exp.Expr] = []
        for node in level:
            kind = type(node)
            parts = SHAPES.get(kind)
            if parts is not None:
                fault = _shape_fault(sql, node, parts)
                joins += kind is exp.Join
            elif kind in EXPRESSIONS:
                fault = None
            elif kind in FUNCTIONS:
                fault = function_finding(sql, node) or large_constant(sql, node)
            else:
                fault = _refused(sql, node)
            if fault is None:
                below.extend(node.iter_expressions())
            else:
                findings[fault] = None
        level = below
    check_size(nodes, depth, joins)
    return tuple(findings)


def _shape_fault(sql: str, node: exp.Expr, parts: frozenset[str]) -> Finding | None:
    for key, value in node.args.items():
        if value and key not in parts:
            return _part_fault(sql, node, key, value)
    special = _SPECIAL.get(type(node))
    return special(sql, node) if special is not None else None


def _part_fault(sql: str, node: exp.Expr, key: str, value: object) -> Finding:
    """What is said of a part that a node may not have: by the part's name, else by the node that it is."""
    said = REFUSED_PARTS.get((type(node).__name__, key))
    if said is not None:
        return error(*said, at=place_of(sql, node))
    first = value[0] if isinstance(value, list) else value
    return _refused(sql, first if isinstance(first, exp.Expr) else node)


def _select_fault(sql: str, node: exp.Expr) -> Finding | None:
    return None if node.expressions else error("SQL004", "SELECT names no column.", "Name columns, or write *.")


def _alias_fault(sql: str, node: exp.Expr) -> Finding | None:
    """Columns are renamed behind a name; sqlglot invents one."""
    if node.this is not None or not node.args.get("columns"):
        return None
    return error("SQL029", "An alias has columns and no name.", "Write AS t(a, b).", at=place_of(sql, node))


def _count_fault(sql: str, node: exp.Expr) -> Finding | None:
    """LIMIT, OFFSET and FETCH take a number."""
    count = node.args.get("expression") or node.args.get("count")
    if count is None or isinstance(count, exp.Literal) or (isinstance(count, exp.Var) and count.name.upper() == "ALL"):
        return None
    return error("SQL004", "LIMIT and OFFSET take a number.", "Write LIMIT 10.", at=place_of(sql, node))


def _dot_fault(sql: str, node: exp.Expr) -> Finding | None:
    """What follows a point is a field; sqlglot puts functions with a schema there too."""
    if isinstance(node.args.get("expression"), exp.Identifier | exp.Star):
        return None
    hint = "Only Trino's built-in functions are known; call them without a prefix."
    return error("FUN002", "A function is called by a qualified name.", hint, at=place_of(sql, node))


def _table_fault(sql: str, node: exp.Expr) -> Finding | None:
    """A table is a name; sqlglot puts calls there too."""
    if isinstance(node.this, exp.Identifier):
        return None
    if isinstance(node.this, exp.Dot):
        hint = "Write schema.table or catalog.schema.table."
        return error("NAM005", "A table has a name of one to three parts.", hint, at=place_of(sql, node))
    code, message, hint = REFUSED.get(type(node.this).__name__, TABLE_FUNCTION)
    return error(code, message, hint, at=place_of(sql, node))


def _identifier_fault(sql: str, node: exp.Expr) -> Finding | None:
    if node.args.get("quoted") or node.name.upper() not in RESERVED:
        return None
    hint = f'Choose another name, or write "{node.name}".'
    return error("SQL029", f"{node.name} is a reserved word and no name.", hint, at=place_of(sql, node))


def _join_fault(sql: str, node: exp.Expr) -> Finding | None:
    words = [str(node.args.get(key) or "").upper() for key in ("kind", "side", "method")]
    if all(word in allowed for word, allowed in zip(words, _JOIN_WORDS, strict=True)):
        return None
    hint = "There are JOIN, LEFT, RIGHT, FULL and CROSS JOIN; write EXISTS for a semi join."
    return error("SQL029", "Trino has no such JOIN.", hint, at=place_of(sql, node))


def _refused(sql: str, node: exp.Expr) -> Finding:
    name = type(node).__name__
    if isinstance(node, exp.Func) and name not in REFUSED:
        return unknown(name.lower(), place_of(sql, node))
    code, message, hint = REFUSED.get(name, (DEFAULT[0], f"{DEFAULT[1]} ({name}).", DEFAULT[2]))
    return error(code, message, hint, at=place_of(sql, node))


_SPECIAL: Final[dict[type[exp.Expr], Callable[[str, exp.Expr], Finding | None]]] = {
    exp.Identifier: _identifier_fault,
    exp.Join: _join_fault,
    exp.Anonymous: function_finding,
    exp.Dot: _dot_fault,
    exp.Select: _select_fault,
    exp.TableAlias: _alias_fault,
    exp.Table: _table_fault,
    exp.Limit: _count_fault,
    exp.Offset: _count_fault,
    exp.Fetch: _count_fault,
}
"""What is asked of a node beside its parts."""
