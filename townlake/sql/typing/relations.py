"""What FROM gives: tables, named queries, inner queries, UNNEST, LATERAL, VALUES, and joins of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.sql.coercion import common_type, is_comparable
from townlake.sql.types import BIGINT, UNKNOWN, TrinoType, UnknownTypeName, parse_type
from townlake.sql.typing.casts import read_data_type
from townlake.sql.typing.errors import quoted
from townlake.sql.typing.hints import meeting_hint
from townlake.sql.typing.operators import condition
from townlake.sql.typing.scope import Field, Origin, Relation, Scope, names_of
from townlake.sql.typing.walk import Analysis, Named, Walk

OPEN: Final = Relation(is_open=True)
"""A relation of which nothing is known."""
_WORDS: Final = ("kind", "side", "method", "on", "using")
"""The parts of a JOIN that a comma does not have."""


def read_from(analysis: Analysis, select: exp.Expr, parent: Scope | None, named: Named) -> Relation:
    """The columns that the FROM clause of a SELECT gives."""
    clause = select.args.get("from_")
    if clause is None:
        return Relation()
    if select.args.get("match") is not None:
        return OPEN
    return _joined(analysis, clause.this, select.args.get("joins") or (), parent, named)


def _joined(
    analysis: Analysis, first: exp.Expr, joins: Sequence[exp.Expr], parent: Scope | None, named: Named
) -> Relation:
    """A relation and what is joined to it. ON sees the relations since the last comma, which binds weaker than JOIN."""
    before, group = Relation(), _relation(analysis, first, parent, named, Relation())
    for join in joins:
        # Only an inner or a left join hands rows to a relation on its right.
        keeps_right = str(join.args.get("side") or "").upper() in ("RIGHT", "FULL")
        right = _relation(analysis, join.this, parent, named, Relation() if keeps_right else before.beside(group))
        if not any(join.args.get(key) for key in _WORDS):
            before, group = before.beside(group), right
            continue
        _check_words(analysis, join)
        group = _join(analysis, join, group, right, parent, named)
    return before.beside(group)


def _check_words(analysis: Analysis, join: exp.Expr) -> None:
    method, kind = (str(join.args.get(key) or "").upper() for key in ("method", "kind"))
    if method == "NATURAL":
        hint = "Name the columns: JOIN ... USING (column)."
        analysis.report("NOT_SUPPORTED", "NATURAL JOIN is not supported.", hint, join)
    elif method or kind not in ("", "INNER", "OUTER", "CROSS"):
        hint = "There are JOIN, LEFT, RIGHT, FULL and CROSS JOIN; write EXISTS for a semi join."
        analysis.report("SYNTAX_ERROR", f"There is no {method or kind} JOIN.", hint, join)


def _join(
    analysis: Analysis, join: exp.Expr, left: Relation, right: Relation, parent: Scope | None, named: Named
) -> Relation:
    side = str(join.args.get("side") or "").upper()
    on = join.args.get("on")
    if side and isinstance(join.this, exp.Unnest | exp.Lateral) and not (isinstance(on, exp.Boolean) and on.this):
        what = "UNNEST" if isinstance(join.this, exp.Unnest) else "LATERAL"
        hint = "Write ON true, and filter in WHERE or in the inner query."
        analysis.report("NOT_SUPPORTED", f"{side} JOIN with {what} takes the condition ON true only.", hint, join)
    if using := join.args.get("using"):
        return _using(analysis, left, right, using)
    both = left.beside(right)
    if on is not None:
        walk = Walk(analysis, Scope(both, parent), named)
        condition(walk, on, "The condition of a JOIN")
        no_aggregates(walk, "A JOIN condition")
    return both


def no_aggregates(walk: Walk, what: str) -> None:
    """Report aggregates, window functions and GROUPING where rows are still single."""
    for nodes, name, hint in (
        (walk.aggregates, "an aggregate", "Filter on aggregates in HAVING, or in an outer query."),
        (walk.windows, "a window function", "Compute it in an inner query and filter outside."),
        (walk.groupings, "GROUPING", "Write it into SELECT, HAVING or ORDER BY."),
    ):
        if nodes:
            walk.report("EXPRESSION_NOT_SCALAR", f"{what} cannot hold {name}.", hint, nodes[0])


def _using(analysis: Analysis, left: Relation, right: Relation, names: Sequence[exp.Expr]) -> Relation:
    """What JOIN USING leaves: the merged columns without a qualifier, then the others."""
    merged: list[Field] = []
    for name in names:
        mine, other = _side(analysis, name, left, "left"), _side(analysis, name, right, "right")
        if mine is None or other is None:
            continue
        common = mine.type
        if mine.type is not None and other.type is not None:
            common = common_type(mine.type, other.type)
            if common is None or not is_comparable(common):
                hint = meeting_hint(exp.column(name.name, "a"), mine.type, exp.column(name.name, "b"), other.type)
                message = f"USING ({name.name}) joins {mine.type} with {other.type}."
                analysis.report("TYPE_MISMATCH", message, f"Join with ON. {hint}", name)
        merged.append(Field(mine.name, common, (), mine.origin or other.origin))
    gone = {name.name.lower() for name in names}
    rest = [field for field in left.fields + right.fields if (field.name or "").lower() not in gone]
    return Relation(merged + rest, left.is_open or right.is_open)


def _side(analysis: Analysis, name: exp.Expr, relation: Relation, side: str) -> Field | None:
    hits = Scope(relation).matching([name.name.lower()])
    if len(hits) == 1:
        return hits[0]
    if hits:
        hint = "Join with ON and write the tables before the columns."
        analysis.report("AMBIGUOUS_NAME", f"Column {quoted(name.name)} is ambiguous on the {side} side.", hint, name)
    elif relation.is_open:
        return Field(name.name, None)
    else:
        hint = "USING needs the column on both sides; join with ON where the names differ."
        analysis.report("COLUMN_NOT_FOUND", f"The {side} side has no column {quoted(name.name)}.", hint, name)
    return None


def _relation(analysis: Analysis, node: exp.Expr, parent: Scope | None, named: Named, left: Relation) -> Relation:
    """The columns of one member of FROM, under its alias."""
    if node.args.get("pivots"):
        return OPEN
    if isinstance(node, exp.Table):
        return _table(analysis, node, Scope(left, parent), named)
    if isinstance(node, exp.Subquery) and _is_group(node):
        inner = node.this
        return aliased(analysis, node, _joined(analysis, inner, inner.args.get("joins") or (), parent, named))
    if isinstance(node, exp.Subquery | exp.Values | exp.Select | exp.SetOperation):
        return aliased(analysis, node, analysis.read_query(analysis, node, parent, named))
    if isinstance(node, exp.Unnest):
        return _unnest(analysis, node, Scope(left, parent), named)
    if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
        return aliased(analysis, node, analysis.read_query(analysis, node.this, Scope(left, parent), named))
    return OPEN


def _is_group(node: exp.Expr) -> bool:
    """True for `(t)` and `(a JOIN b ...)`, which are relations in brackets and no queries."""
    inner = node.this
    return isinstance(inner, exp.Table) or (
        isinstance(inner, exp.Subquery) and bool(inner.args.get("joins") or inner.alias or _is_group(inner))
    )


def _table(analysis: Analysis, node: exp.Expr, scope: Scope, named: Named) -> Relation:
    if isinstance(node.this, exp.JSONTable):
        return aliased(analysis, node, _json_table(analysis, node.this, scope, named))
    if not isinstance(node.this, exp.Identifier):
        return OPEN
    parts = names_of(node)
    analysis.sources += 1
    known = named.get(parts[0]) if len(parts) == 1 else None
    if known is not None:
        fields = [field.renamed(field.name, (parts[0],)) for field in known.fields]
        return aliased(analysis, node, Relation(fields, known.is_open))
    ref = _reference(analysis, node, parts)
    columns = None if ref is None else analysis.tables(ref)
    if ref is None or columns is None:
        if ref is not None:
            hint = "SHOW TABLES lists what can be read."
            analysis.report("TABLE_NOT_FOUND", f"There is no table {quoted('.'.join(parts))}.", hint, node)
        return aliased(analysis, node, OPEN)
    qualifier = (ref.catalog, ref.namespace, ref.name)
    source = analysis.sources
    fields = [Field(c.name, _type(c.type), qualifier, Origin(ref, c.name, source)) for c in columns]
    return aliased(analysis, node, Relation(fields))


def _reference(analysis: Analysis, node: exp.Expr, parts: list[str]) -> TableRef | None:
    if len(parts) > 3:
        return None
    if len(parts) == 1:
        if analysis.namespace is None:
            hint = "Write schema.table."
            analysis.report(
                "MISSING_SCHEMA_NAME", f"{quoted(parts[0])} is no query of WITH, and has no schema.", hint, node
            )
            return None
        parts = [analysis.namespace, *parts]
    if len(parts) == 2:
        parts = [DEFAULT_CATALOG, *parts]
    return TableRef(catalog=parts[0], namespace=parts[1], name=parts[2])


def _type(text: str) -> TrinoType | None:
    try:
        return parse_type(text)
    except UnknownTypeName:
        return None


def _unnest(analysis: Analysis, node: exp.Expr, scope: Scope, named: Named) -> Relation:
    walk = Walk(analysis, scope, named)
    fields: list[Field] = []
    is_open = False
    for argument in node.expressions:
        kind = walk.type(argument)
        opened = _elements(kind)
        if opened is None:
            is_open = True
            if kind is not None and kind.name not in ("array", "map") and kind != UNKNOWN:
                hint = "UNNEST takes arrays and maps; for a text write UNNEST(split(s, ','))."
                analysis.report("INVALID_FUNCTION_ARGUMENT", f"{kind} cannot be unnested.", hint, node)
            continue
        fields += opened
    no_aggregates(walk, "UNNEST")
    alias = node.args.get("alias")
    offset = node.args.get("offset")
    if offset:
        fields.append(Field(None, BIGINT))
    if alias is None:
        return Relation(fields, is_open)
    names = [column.name for column in alias.args.get("columns") or ()]
    if isinstance(offset, exp.Identifier):
        names.append(offset.name)
    return renamed(analysis, node, alias.name, names, Relation(fields, is_open))


def _elements(kind: TrinoType | None) -> list[Field] | None:
    """The columns that UNNEST makes of an array or a map."""
    if kind is None:
        return None
    if kind.name == "map":
        return [Field(None, part) for part in kind.parts]
    if kind.name != "array":
        return None
    element = kind.element
    if element.name == "row":
        return [Field(name, part) for name, part in zip(element.fields, element.parts, strict=True)]
    return [Field(None, element)]


def _json_table(analysis: Analysis, node: exp.Expr, scope: Scope, named: Named) -> Relation:
    Walk(analysis, scope, named).type(node.this)
    fields: list[Field] = []
    schemas = [node.args.get("schema")]
    while schemas:
        schema = schemas.pop(0)
        for column in schema.expressions if schema is not None else ():
            nested = column.args.get("nested_schema")
            if nested is not None:
                schemas.append(nested)
            elif isinstance(column.this, exp.Identifier):
                kind = column.args.get("kind")
                fields.append(Field(column.name, read_data_type(kind) if kind is not None else BIGINT))
    return Relation(fields)


def aliased(analysis: Analysis, node: exp.Expr, relation: Relation) -> Relation:
    """The columns of a relation under its alias and the alias's column names."""
    alias = node.args.get("alias")
    if alias is None or not alias.this:
        return relation
    return renamed(analysis, node, alias.name, [column.name for column in alias.args.get("columns") or ()], relation)


def renamed(analysis: Analysis, node: exp.Expr, alias: str, names: list[str], relation: Relation) -> Relation:
    """The columns of a relation under a name, and under names of their own."""
    qualifier = (alias.lower(),)
    fields = relation.fields
    if not names:
        return Relation([field.renamed(field.name, qualifier) for field in fields], relation.is_open)
    if relation.is_open:
        return Relation([Field(name, None, qualifier) for name in names])
    if len(names) != len(fields):
        message = f"The alias {quoted(alias)} has {len(names)} column names for a relation of {len(fields)}."
        analysis.report("MISMATCHED_COLUMN_ALIASES", message, "Give one name for each column.", node)
        return OPEN
    return Relation([field.renamed(name, qualifier) for field, name in zip(fields, names, strict=True)])
