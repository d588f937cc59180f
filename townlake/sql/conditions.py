"""Taking a condition apart."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def bare(node: exp.Expr) -> exp.Expr:
    """An expression without the brackets around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that must all hold."""
    todo = [node]
    while todo:
        each = bare(todo.pop())
        if isinstance(each, exp.And):
            todo += [each.expression, each.this]
        else:
            yield each
