"""Undo what sqlglot does to Trino's own functions when it reads them into names shared by all dialects."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_LOGARITHMS: Final = frozenset({"LOG10", "LOG2"})
_QUANTIFIERS: Final[dict[str, type[exp.Expr]]] = {"ALL": exp.All, "ANY": exp.Any, "SOME": exp.Any}
_NOW: Final[dict[type[exp.Expr], exp.DType]] = {
    exp.CurrentTimestamp: exp.DType.TIMESTAMPTZ,
    exp.CurrentTime: exp.DType.TIMETZ,
}


def restore(sql: str, tree: exp.Expr) -> exp.Expr:
    """The tree with the meaning that Trino gives to the text; it is changed in place.

    - `log10(x)` stays `log10`: the logarithm of 1000 to the base 10 is not exactly 3.
    - `listagg(x)` joins with nothing, not with a comma.
    - `current_timestamp(6)` and `current_time(6)` keep their digits.
    - `x > ALL (VALUES 1, 2)` compares with a query and calls nothing.
    """
    for node in list(tree.find_all(exp.Log, exp.GroupConcat, exp.Anonymous, exp.Any, exp.All, *_NOW)):
        if isinstance(node, exp.Log):
            name = written_name(sql, node)
            if name in _LOGARITHMS:
                node.replace(exp.Anonymous(this=name, expressions=[node.expression]))
        elif isinstance(node, exp.GroupConcat):
            if node.args.get("separator") is None:
                node.set("separator", exp.Literal.string(""))
        elif isinstance(node, exp.Anonymous | exp.Any | exp.All):
            _compare_with_query(node)
        elif node.this is not None:
            to = exp.DataType(this=_NOW[type(node)], expressions=[exp.DataTypeParam(this=node.this)])
            node.replace(exp.Cast(this=type(node)(), to=to))
    return tree


def _compare_with_query(node: exp.Anonymous | exp.Any | exp.All) -> None:
    """Give `ALL`, `ANY` and `SOME` a plain SELECT, which is written and read back in one way only."""
    if isinstance(node, exp.Anonymous):
        kind, query = _QUANTIFIERS.get(node.name.upper()), node.expressions[0] if node.expressions else None
    else:
        kind, query = type(node), node.this.unnest() if isinstance(node.this, exp.Subquery) else node.this
    if isinstance(query, exp.Values):
        query = exp.select("*").from_(query.copy())
    if kind is not None and isinstance(query, exp.Query):
        node.replace(kind(this=query))


def written_name(sql: str, node: exp.Expr) -> str:
    """The name of a function as the text has it, in upper case; empty where the parser did not keep its place."""
    start, end = node.meta.get("start"), node.meta.get("end")
    return sql[start : end + 1].upper() if isinstance(start, int) and isinstance(end, int) else ""
