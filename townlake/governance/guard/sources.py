"""Resolve FROM: tables, named queries, inner queries, UNNEST, LATERAL and VALUES, and how JOIN puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from townlake.governance.guard.allow import TABLE_FUNCTION
from townlake.governance.guard.expressions import resolve_expression
from townlake.governance.guard.findings import quoted
from townlake.governance.guard.metadata import METADATA_SCHEMA, metadata_relation
from townlake.governance.guard.relation import EMPTY, Ambiguous, Columns, Field, Leaf, Scope, fold
from townlake.governance.guard.resolution import Named, Resolution
from townlake.governance.guard.tables import find_leaf

UNKNOWN: Final = Columns(open=True)
"""A relation that has its finding already; nothing more is said about its columns."""


def resolve_from(res: Resolution, node: exp.Select, parent: Scope | None, named: Named) -> Columns:
    """The fields that FROM gives."""
    clause = node.args.get("from_")
    return EMPTY if clause is None else _joined(res, clause.this, node.args.get("joins") or (), parent, named)


def _joined(res: Resolution, first: exp.Expr, joins: Sequence[exp.Join], parent: Scope | None, named: Named) -> Columns:
    """A relation and what is joined to it, from left to right.

    ON sees the relations since the last comma only, since a comma binds weaker than
    JOIN; UNNEST and LATERAL see everything to their left.
    """
    before, group = EMPTY, _relation(res, first, parent, named, EMPTY)
    for join in joins:
        right = _relation(res, join.this, parent, named, _beside(before, group))
        if _is_comma(join):
            before, group = _beside(before, group), right
            continue
        if str(join.args.get("method") or "").upper() == "NATURAL":
            hint = "Name the columns: JOIN ... USING (column)."
            res.refuse("SQL028", "NATURAL JOIN is not run; Trino does not support it.", hint, join)
        using = join.args.get("using")
        group = _using(res, group, right, using) if using else _beside(group, right)
        if condition := join.args.get("on"):
            resolve_expression(res, condition, Scope(group, parent), named)
    return _beside(before, group)


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("kind", "side", "method", "on", "using"))


def _beside(left: Columns, right: Columns) -> Columns:
    return Columns(
        left.fields + right.fields,
        left.open or right.open,
        left.masked or right.masked,
        left.merged or right.merged,
    )


def _using(res: Resolution, left: Columns, right: Columns, names: Sequence[exp.Identifier]) -> Columns:
    """What JOIN USING leaves: the merged columns without a qualifier, then the others."""
    merged: list[Field] = []
    for name in names:
        mine, other = _one(res, name, left), _one(res, name, right)
        if mine is None or other is None:
            continue
        name.set("this", mine.name)
        mine.use()
        other.use()
        merged.append(Field(mine.name, masked=mine.masked or other.masked, origins=mine.origins + other.origins))
    gone = {fold(name.name) for name in names}
    others = tuple(f for f in left.fields + right.fields if f.name is None or fold(f.name) not in gone)
    return Columns((*merged, *others), left.open or right.open, left.masked or right.masked, merged=True)


def _one(res: Resolution, name: exp.Identifier, side: Columns) -> Field | None:
    try:
        found = Scope(side).find([name.name])
    except Ambiguous:
        res.refuse("NAM003", f"Column {quoted(name.name)} is ambiguous.", "Join with ON and write the tables.", name)
        return None
    if found is None:
        hint = "USING needs a column of that name on both sides; join with ON where the names differ."
        res.refuse("NAM002", f"Column {quoted(name.name)} cannot be resolved.", hint, name)
        return None
    return found.field


def _relation(res: Resolution, node: exp.Expr, parent: Scope | None, named: Named, left: Columns) -> Columns:
    """The fields of one member of FROM, under its alias."""
    if isinstance(node, exp.Table):
        return _table(res, node, named, left)
    if isinstance(node, exp.Subquery) and _is_group(node):
        return aliased(res, node, _joined(res, node.this, node.this.args.get("joins") or (), parent, named))
    if isinstance(node, exp.Subquery):
        return aliased(res, node, res.query(res, node, parent, named))
    if isinstance(node, exp.Values):
        return aliased(res, node, res.query(res, node, parent, named))
    if isinstance(node, exp.Unnest):
        return _unnest(res, node, Scope(left, parent), named)
    if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
        return aliased(res, node, res.query(res, node.this, Scope(left, parent), named))
    res.refuse(*TABLE_FUNCTION, node)
    return UNKNOWN


def _is_group(node: exp.Subquery) -> bool:
    """True for `(t)` and `(a JOIN b ...)`, which are relations in brackets and no queries."""
    inner = node.this
    return isinstance(inner, exp.Table) or (
        isinstance(inner, exp.Subquery) and bool(inner.args.get("joins") or inner.alias or _is_group(inner))
    )


def _table(res: Resolution, node: exp.Table, named: Named, left: Columns) -> Columns:
    parts = [fold(part.name) for part in node.parts]
    if len(parts) == 1 and parts[0] in named:
        node.this.set("this", parts[0])
        known = named[parts[0]]
        fields = tuple(field.under(parts[0]) for field in known.fields)
        return aliased(res, node, replace(known, fields=fields))
    if len(parts) > 1 and parts[-2] == METADATA_SCHEMA:
        return _metadata(res, node, parts)
    leaf = find_leaf(res, node, parts)
    if leaf is None:
        return UNKNOWN
    res.leaves.append(leaf)
    return _leaf_columns(res, node, leaf, left)


def _leaf_columns(res: Resolution, node: exp.Table, leaf: Leaf, left: Columns) -> Columns:
    ref = leaf.info.ref
    alias = node.alias or _free_alias(ref.name, left)
    qualifier = (fold(alias),) if node.alias else (ref.catalog, ref.namespace, ref.name)
    masks = leaf.masks
    columns = Columns(tuple(Field(c.name, qualifier, alias, c.name in masks, ((leaf, c.name),)) for c in leaf.columns))
    if not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    elif node.args["alias"].args.get("columns"):
        leaf.used.update(column.name for column in leaf.columns)
        columns = aliased(res, node, columns)
    for key, part in (("catalog", ref.catalog), ("db", ref.namespace), ("this", ref.name)):
        node.set(key, exp.to_identifier(part, quoted=True))
    return columns


def _free_alias(name: str, left: Columns) -> str:
    """A table's own name, numbered when a table of that name from another schema stands beside it."""
    taken = {field.alias for field in left.fields}
    return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 100))) if each not in taken)


def _metadata(res: Resolution, node: exp.Table, parts: Sequence[str]) -> Columns:
    found = metadata_relation(res.sight, parts, node)
    if found is None:
        hint = "There are information_schema.tables, .columns and .schemata; SHOW TABLES and DESCRIBE say the same."
        res.refuse("NAM001", f"There is no table {quoted('.'.join(parts))} that you may read.", hint, node)
        return UNKNOWN
    query, names = found
    alias = node.alias or parts[-1]
    fields = tuple(Field(name, (*parts[:-2], METADATA_SCHEMA, parts[-1]), alias) for name in names)
    columns = aliased(res, node, Columns(fields))
    table_alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
    node.replace(exp.Subquery(this=query, alias=table_alias))
    return columns


def _unnest(res: Resolution, node: exp.Unnest, left: Scope, named: Named) -> Columns:
    masked = False
    for argument in node.expressions:
        masked |= resolve_expression(res, argument, left, named)
    declared = node.args.get("alias")
    names = [column.name for column in declared.args.get("columns") or ()] if declared else []
    if not names:
        return Columns(open=True, masked=masked)
    fields = [Field(name, masked=masked) for name in names]
    if isinstance(node.args.get("offset"), exp.Identifier):
        fields.append(Field(node.args["offset"].name))
    alias = node.alias
    return Columns(tuple(field.under(alias) for field in fields)) if alias else Columns(tuple(fields))


def aliased(res: Resolution, node: exp.Expr, columns: Columns) -> Columns:
    """The columns of a table, an inner query or a named query under its alias and the alias's column names."""
    alias = node.args.get("alias")
    if alias is None:
        return columns
    names = [column.name for column in alias.args.get("columns") or ()]
    if names and columns.open:
        return Columns(tuple(Field(name, masked=columns.any_masked).under(alias.name) for name in names))
    if names and len(names) != len(columns.fields):
        message = f"The alias {quoted(alias.name)} names {len(names)} columns; the relation has {len(columns.fields)}."
        res.refuse("NAM006", message, "Give one name for each column.", node)
        return UNKNOWN
    named = names or [None] * len(columns.fields)
    fields = tuple(field.under(alias.name, name) for field, name in zip(columns.fields, named, strict=True))
    return replace(columns, fields=fields)
