"""Walk a whole tree once: every node must be on the list, every function known, every size within bounds."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.allow import DEFAULT, EXPRESSIONS, FUNCTIONS, REFUSED, SHAPES
from townlake.governance.guard.calls import function_finding
from townlake.governance.guard.findings import error, place_of
from townlake.governance.guard.limits import check_size, large_constants
from townlake.governance.guard.syntax import RESERVED

_ROOTS: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_JOIN_KINDS: Final = frozenset({"", "INNER", "OUTER", "CROSS"})
_JOIN_SIDES: Final = frozenset({"", "LEFT", "RIGHT", "FULL"})
_JOIN_METHODS: Final = frozenset({"", "NATURAL"})


def admit(sql: str, tree: exp.Expression) -> tuple[Finding, ...]:
    """What is wrong with the parts of a statement; empty when every part is allowed.

    Raises:
        Refusal: the tree is too large.
    """
    if not isinstance(tree, _ROOTS):
        return (_refused(sql, tree),)
    findings: dict[Finding, None] = {}
    todo: list[tuple[exp.Expression, int]] = [(tree, 0)]
    nodes, deepest, joins = 0, 0, 0
    while todo:
        node, depth = todo.pop()
        nodes, deepest = nodes + 1, max(deepest, depth)
        joins += isinstance(node, exp.Join)
        fault = _fault(sql, node)
        if fault is not None:
            findings[fault] = None
            continue
        findings.update(dict.fromkeys(large_constants(sql, node)))
        todo.extend((child, depth + 1) for child in node.iter_expressions())
    check_size(nodes, deepest, joins)
    return tuple(findings)


def _fault(sql: str, node: exp.Expression) -> Finding | None:
    parts = SHAPES.get(type(node))
    if parts is not None:
        return _shape_fault(sql, node, parts)
    if type(node) in EXPRESSIONS:
        return None
    if isinstance(node, exp.Func) and type(node) in FUNCTIONS:
        return function_finding(sql, node)
    return _refused(sql, node)


def _shape_fault(sql: str, node: exp.Expression, parts: frozenset[str]) -> Finding | None:
    for key, value in node.args.items():
        if value and key not in parts:
            first = value[0] if isinstance(value, list) else value
            return _refused(sql, first if isinstance(first, exp.Expression) else node)
    if isinstance(node, exp.Identifier) and not node.args.get("quoted") and node.name.upper() in RESERVED:
        hint = f'Choose another name, or write "{node.name}".'
        return error("SQL029", f"{node.name} is a reserved word and no name.", hint, at=place_of(sql, node))
    if isinstance(node, exp.Join) and not _is_plain_join(node):
        return _refused(sql, node)
    if isinstance(node, exp.Anonymous):
        return function_finding(sql, node)
    return None


def _is_plain_join(node: exp.Join) -> bool:
    return node.kind in _JOIN_KINDS and node.side in _JOIN_SIDES and node.method in _JOIN_METHODS


def _refused(sql: str, node: exp.Expression) -> Finding:
    name = type(node).__name__
    code, message, hint = REFUSED.get(name, (DEFAULT[0], f"{DEFAULT[1]} ({name}).", DEFAULT[2]))
    return error(code, message, hint, at=place_of(sql, node))
