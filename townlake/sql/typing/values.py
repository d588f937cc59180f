"""The types of names, parts of values, and the wrappers around them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import can_coerce, is_orderable
from townlake.sql.types import BIGINT, BOOLEAN, UNKNOWN, TrinoType
from townlake.sql.typing.calls import call
from townlake.sql.typing.constants import check_subscript
from townlake.sql.typing.errors import quoted, written
from townlake.sql.typing.scope import AmbiguousName, names_of, relation_type
from townlake.sql.typing.walk import Rule, Walk


def column(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """What a name means."""
    if isinstance(node.this, exp.Star):
        return None
    parts = names_of(node) if "table" in node.args else [node.this.name.lower()]
    if len(parts) == 1 and parts[0] in walk.variables:
        return walk.variables[parts[0]]
    try:
        found = walk.scope.find(parts)
    except AmbiguousName:
        hint = "Write the table or its alias before the column."
        walk.report("AMBIGUOUS_NAME", f"Column {quoted('.'.join(parts))} is ambiguous.", hint, node)
        return None
    if found is None:
        if parts[0] in walk.variables:
            return _fields(walk, node, walk.variables[parts[0]], tuple(parts[1:]))
        if not walk.scope.is_open:
            _missing(walk, node, parts)
        return None
    walk.analysis.fields[id(node)] = found
    field, rest = found
    return field.type if not rest else _fields(walk, node, field.type, rest)


def _fields(walk: Walk, node: exp.Expr, kind: TrinoType | None, names: tuple[str, ...]) -> TrinoType | None:
    for name in names:
        kind = row_field(walk, node, kind, name)
    return kind


def row_field(walk: Walk, node: exp.Expr, kind: TrinoType | None, name: str) -> TrinoType | None:
    """The type of a field of a row."""
    if kind is None or kind == UNKNOWN:
        return None
    if kind.name != "row":
        hint = f"Write element_at(m, '{name}')." if kind.name == "map" else _path_hint(kind, name)
        walk.report("TYPE_MISMATCH", f"A value of type {kind} has no field {quoted(name)}.", hint, node)
        return None
    hits = [part for part, field in zip(kind.parts, kind.fields, strict=True) if (field or "").lower() == name]
    if len(hits) == 1:
        return hits[0]
    error = "AMBIGUOUS_NAME" if hits else "INVALID_COLUMN_REFERENCE"
    names = ", ".join(field for field in kind.fields if field)
    hint = (
        f"It has the fields {names}." if names else "Its fields have no names: write r[1], or cast it to a named ROW."
    )
    walk.report(error, f"The row has {'several fields' if hits else 'no field'} {quoted(name)}.", hint, node)
    return None


def _path_hint(kind: TrinoType, name: str) -> str:
    if kind.name == "json":
        return f"Write json_extract_scalar(j, '$.{name}')."
    return "Only a ROW has fields; for a column of a table write the table's alias before it."


def _missing(walk: Walk, node: exp.Expr, parts: list[str]) -> None:
    message = f"Column {quoted('.'.join(parts))} cannot be resolved."
    walk.report("COLUMN_NOT_FOUND", message, _help(walk, node, parts), node)


def _help(walk: Walk, node: exp.Expr, parts: list[str]) -> str:
    name, before = parts[-1], parts[:-1]
    if not before and name in walk.scope.aliases:
        return "It is an alias of the SELECT list, which is not seen here: repeat the expression."
    fields = [field for scope in walk.scope.chain() for field in scope.relation.fields if field.name]
    holders = [field for field in fields if field.name is not None and field.name.lower() == name]
    local = [field for field in fields if field.answers_to(before)]
    if before and not local and not any(not field.qualifier for field in holders):
        seen = ", ".join(sorted({field.qualifier[-1] for field in fields if field.qualifier})[:5]) or "none"
        return f"Tables seen here: {seen}. An inner query in FROM sees the others only after LATERAL."
    if before and holders:
        owner = ".".join(holders[0].qualifier[-1:])
        return f"Write {owner}.{name}." if owner else f"Write {name} alone; it was merged by USING."
    near = get_close_matches(name, {field.name.lower() for field in local if field.name}, n=3, cutoff=0.6)
    hints = [f"Nearest: {', '.join(near)}."] if near else []
    if node.this.args.get("quoted") and not before:
        hints.append("A text is written in single quotes.")
    return " ".join(hints) or "See what columns the table has with DESCRIBE."


def variable(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A parameter of a lambda."""
    return walk.variables.get(node.name.lower())


def dotted(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`value.field`."""
    inner = walk.type(node.this)
    if isinstance(node.expression, exp.Star):
        return inner
    if not isinstance(node.expression, exp.Identifier):
        walk.type(node.expression)
        return None
    return row_field(walk, node, inner, node.expression.name.lower())


def subscript(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`a[1]`, `m['key']`, and element_at."""
    if node.args.get("safe"):
        return call(walk, node)
    value = walk.type(node.this)
    at = node.expressions[0]
    index = walk.type(at)
    if value is None:
        return None
    if value.name == "array":
        if index is not None and not can_coerce(index, BIGINT):
            hint = f"Write a whole number: CAST({written(at)} AS bigint)."
            walk.report("TYPE_MISMATCH", f"The place in an array is a whole number, not {index}.", hint, node)
        check_subscript(walk, node)
        return value.element
    if value.name == "map":
        if index is not None and not can_coerce(index, value.parts[0]):
            hint = f"Write CAST({written(at)} AS {value.parts[0]})."
            walk.report("TYPE_MISMATCH", f"The map has keys of type {value.parts[0]}, not {index}.", hint, node)
        return value.element
    if value.name == "row":
        return _row_part(walk, node, value)
    if value != UNKNOWN:
        hint = "Only arrays, maps and rows have parts; for texts write substr(s, start, length)."
        walk.report("TYPE_MISMATCH", f"A value of type {value} has no parts.", hint, node)
    return None


def _row_part(walk: Walk, node: exp.Expr, value: TrinoType) -> TrinoType | None:
    at = node.expressions[0]
    if not isinstance(at, exp.Literal | exp.Neg) or not at.is_int:
        hint = "Write the number of the field."
        walk.report("EXPRESSION_NOT_CONSTANT", "The place in a row is a number that is written out.", hint, node)
        return None
    place = int(at.to_py())
    if 1 <= place <= len(value.parts):
        return value.parts[place - 1]
    hint = f"Write a number from 1 to {len(value.parts)}."
    walk.report("INVALID_FUNCTION_ARGUMENT", f"The row has no part {place}.", hint, node)
    return None


def query(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A query that stands for a value."""
    return relation_type(walk.query(node))


def existence(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """EXISTS."""
    walk.query(node.this)
    return BOOLEAN


def inner(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A node that only wraps another."""
    return walk.type(node.this)


def sort_key(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """An expression of an ORDER BY."""
    found = walk.type(node.this)
    if found is not None and not is_orderable(found):
        hint = "Sort by a part of it, or by its text."
        walk.report("TYPE_MISMATCH", f"Values of type {found} cannot be sorted.", hint, node)
    return found


def stray_lambda(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A lambda that is no argument of a function."""
    hint = "Lambdas stand in functions such as transform, filter and reduce."
    walk.report("TYPE_MISMATCH", "A lambda stands where a value is needed.", hint, node)
    return None


def nothing(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A node that is no expression."""
    return None


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Column: column,
    exp.Identifier: variable,
    exp.Dot: dotted,
    exp.Bracket: subscript,
    exp.Exists: existence,
    exp.Paren: inner,
    exp.Alias: inner,
    exp.PropertyEQ: lambda walk, node: walk.type(node.expression),
    exp.Ordered: sort_key,
    **dict.fromkeys((exp.Subquery, exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Values), query),
    exp.Lambda: stray_lambda,
    **dict.fromkeys((exp.DataType, exp.Star, exp.Var, exp.JSONPath, exp.Placeholder), nothing),
}
