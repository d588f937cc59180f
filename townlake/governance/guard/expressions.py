"""Resolve the names of an expression, and say whether its value may come from a masked column."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.governance.guard.findings import quoted
from townlake.governance.guard.relation import Ambiguous, Columns, Field, Found, Scope, fold
from townlake.governance.guard.resolution import Named, Resolution
from townlake.governance.guard.sight import nearest

_RELATIONS: Final = (exp.Table, exp.Unnest, exp.Lateral, exp.From, exp.Join)
_QUERIES: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_LONGEST_TEXT: Final = 60


def resolve_expression(res: Resolution, root: exp.Expr, scope: Scope, named: Named) -> bool:
    """Resolve every name below a node and write it in full.

    Returns:
        True when a value that it gives may come from a masked column.
    """
    masked = False
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, exp.Column):
            masked |= _column(res, node, scope)
        elif isinstance(node, _QUERIES):
            masked |= res.query(res, node, scope, named).any_masked
        elif isinstance(node, _RELATIONS):
            hint = "Put it into FROM, or into a query in brackets."
            res.refuse("SQL020", "A table stands where a value is needed.", hint, node)
        elif isinstance(node, exp.Lambda):
            fields = tuple(Field(parameter.name) for parameter in node.expressions)
            masked |= resolve_expression(res, node.this, Scope(Columns(fields), scope, parameters=True), named)
        elif isinstance(node, exp.Dot):
            todo.append(node.this)
        else:
            todo.extend(child for child in node.iter_expressions() if not isinstance(child, exp.Identifier))
    return masked


def resolve_name(res: Resolution, node: exp.Expr, parts: list[str], scope: Scope) -> Found | None:
    """What a dotted name means at a place; a finding when it means nothing or too much."""
    try:
        found = scope.find(parts)
    except Ambiguous:
        hint = "Write the table or its alias before the column."
        res.refuse("NAM003", f"Column {_dotted(parts)} is ambiguous.", hint, node)
        return None
    if found is None:
        _missing(res, node, parts, scope)
    else:
        found.field.use()
    return found


def _column(res: Resolution, node: exp.Column, scope: Scope) -> bool:
    if isinstance(node.this, exp.Star):
        hint = "Name the columns, or write count(*)."
        res.refuse("NAM002", "A star with a table before it stands only in a SELECT list.", hint, node)
        return False
    found = resolve_name(res, node, [part.name for part in node.parts], scope)
    if found is None:
        return False
    if found.field.origins and not found.rest:
        res.columns[id(node)] = (node, found.field.origins)
    write(node, found)
    return found.field.masked


def write(node: exp.Column, found: Found) -> exp.Expr:
    """Write a resolved name so that it can be read in one way only.

    ROW fields become `(alias.column).field`: without brackets `a.b.c` could as well
    be a table in a schema.

    Returns:
        The node that stands in its place now.
    """
    if not found.known or found.field.name is None:
        return node
    name = node.parts[-1 - len(found.rest)]
    name.set("this", found.field.name)
    alias = exp.to_identifier(found.field.alias, quoted=True) if found.field.alias else None
    if not found.rest and not found.parameter:
        for part, value in (("table", alias), ("db", None), ("catalog", None)):
            node.set(part, value)
        return node
    base: exp.Expr = name.pop() if found.parameter else exp.Paren(this=exp.Column(this=name.pop(), table=alias))
    for rest in found.rest:
        base = exp.Dot(this=base, expression=exp.to_identifier(rest, quoted=True))
    node.replace(base)
    return base


def _missing(res: Resolution, node: exp.Expr, parts: list[str], scope: Scope) -> None:
    """One and the same finding for a column that is hidden and one that does not exist."""
    name, text = parts[-1], _if_text(node, parts)
    if any("$" in part or "@" in part for part in parts):
        hint = f"Hidden columns of the storage cannot be read.{text}"
        res.refuse("NAM004", f"Column {_dotted(parts)} is not a column of the lake.", hint, node)
        return
    if not all(part.isascii() for part in parts):
        hint = f"Columns have names of a to z, 0 to 9 and _.{text}"
        res.refuse("NAM005", f"Column {_dotted(parts)} cannot be the name of a column.", hint, node)
        return
    hint = f"{_help(name, parts[:-1], scope)}{text}"
    res.refuse("NAM002", f"Column {_dotted(parts)} cannot be resolved.", hint, node)


def _if_text(node: exp.Expr, parts: list[str]) -> str:
    """What to write when a text was meant: other systems take double quotes for it."""
    name = node.this if isinstance(node, exp.Column) else None
    if len(parts) > 1 or not isinstance(name, exp.Identifier) or not name.quoted or len(parts[0]) > _LONGEST_TEXT:
        return ""
    literal = exp.Literal.string(parts[0]).sql("trino")
    return f" Double quotes name a column; a text stands in single quotes: {literal}."


def _help(name: str, before: list[str], scope: Scope) -> str:
    if not before and fold(name) in scope.aliases:
        return "It is an alias of the SELECT list, which is not seen here: repeat the expression."
    fields = [field for each in scope.chain() for field in each.columns.fields]
    local = [field for field in fields if field.answers_to(before)] or fields
    near = nearest(fold(name), {fold(field.name) for field in local if field.name})
    asks = dict.fromkeys(leaf.access.ask for field in local for leaf, _ in field.origins if leaf.access.ask)
    said = f"Nearest: {', '.join(near)}." if near else "DESCRIBE shows the columns of a table."
    return " ".join([said, *list(asks)[:1]])


def _dotted(parts: list[str]) -> str:
    return quoted(".".join(parts))
