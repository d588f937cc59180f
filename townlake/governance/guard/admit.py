"""Walk a whole tree once: every node must be on the list, every function known, every size within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.allow import DEFAULT, EXPRESSIONS, FUNCTIONS, REFUSED, SHAPES
from townlake.governance.guard.calls import function_finding
from townlake.governance.guard.findings import error, place_of
from townlake.governance.guard.limits import check_size, large_constant
from townlake.governance.guard.syntax import RESERVED

_ROOTS: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_ALLOWED: Final = frozenset(SHAPES) | EXPRESSIONS | FUNCTIONS
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


def is_allowed(tree: exp.Expr) -> bool:
    """True when every node is of an allowed kind; says nothing of its parts."""
    return all(type(node) in _ALLOWED for node in tree.walk())


def _shape_fault(sql: str, node: exp.Expr, parts: frozenset[str]) -> Finding | None:
    for key, value in node.args.items():
        if value and key not in parts:
            first = value[0] if isinstance(value, list) else value
            return _refused(sql, first if isinstance(first, exp.Expr) else node)
    special = _SPECIAL.get(type(node))
    return special(sql, node) if special is not None else None


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
    code, message, hint = REFUSED.get(name, (DEFAULT[0], f"{DEFAULT[1]} ({name}).", DEFAULT[2]))
    return error(code, message, hint, at=place_of(sql, node))


_SPECIAL: Final[dict[type[exp.Expr], Callable[[str, exp.Expr], Finding | None]]] = {
    exp.Identifier: _identifier_fault,
    exp.Join: _join_fault,
    exp.Anonymous: function_finding,
}
"""What is asked of a node beside its parts."""
