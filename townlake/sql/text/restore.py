"""Undo what sqlglot does to Trino's own functions when it reads them into names shared by all dialects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from townlake.sql.text.spelling import CLAUSES

_LOGARITHMS: Final = frozenset({"LOG10", "LOG2"})
_QUANTIFIERS: Final[dict[str, type[exp.Expr]]] = {"ALL": exp.All, "ANY": exp.Any, "SOME": exp.Any}
_PRODUCTS: Final = (exp.Mul, exp.Div, exp.Mod)
_NOW: Final[dict[type[exp.Expr], exp.DType]] = {
    exp.CurrentTimestamp: exp.DType.TIMESTAMPTZ,
    exp.CurrentTime: exp.DType.TIMETZ,
}


def restore(sql: str, tree: exp.Expr) -> exp.Expr:
    """The tree with the meaning that Trino gives to the text; it is changed in place.

    Written down and read again it is the same tree: what has two spellings gets the one that is written.

    - `log10(x)` stays `log10`: the logarithm of 1000 to the base 10 is not exactly 3.
    - `listagg(x)` joins with nothing, not with a comma.
    - `current_timestamp(6)` and `current_time(6)` keep their digits.
    - `x > ALL (VALUES 1, 2)` compares with a query and calls nothing.
    - `at_timezone(x, z)` is `x AT TIME ZONE z`.
    - `json_array(x NULL ON NULL)` and `EMPTY ARRAY ON EMPTY`, which the parser is given as names, are clauses again.
    - `regexp_extract(x, p)` takes group 0, written out.
    - `trim(BOTH FROM x)` is `trim(x)`.
    - A frame without an end ends at the current row.
    - `mod(a, b)` stands in brackets where it is read before what is around it.
    - `a JOIN b JOIN c ON x ON y` gets the brackets that it means.
    """
    for node in list(tree.find_all(*_RULES)):
        _RULES[type(node)](sql, node)
    return tree


def _logarithm(sql: str, node: exp.Expr) -> None:
    name = written(sql, node).upper()
    if name in _LOGARITHMS:
        node.replace(exp.Anonymous(this=name, expressions=[node.expression]))


def _separator(sql: str, node: exp.Expr) -> None:
    if node.args.get("separator") is None:
        node.set("separator", exp.Literal.string(""))


def _now(sql: str, node: exp.Expr) -> None:
    if node.this is not None:
        to = exp.DataType(this=_NOW[type(node)], expressions=[exp.DataTypeParam(this=node.this)])
        node.replace(exp.Cast(this=type(node)(), to=to))


def _call(sql: str, node: exp.Expr) -> None:
    name, arguments = node.name.upper(), node.expressions
    if name == "AT_TIMEZONE" and len(arguments) == 2:
        node.replace(exp.AtTimeZone(this=arguments[0], zone=arguments[1]))
    elif name == "JSON_ARRAY" and arguments and (clause := _clause(sql, arguments[-1])):
        node.replace(exp.JSONArray(expressions=arguments[:-1], null_handling=clause))
    else:
        _compare_with_query(sql, node)


def _json_condition(sql: str, node: exp.Expr) -> None:
    for key in ("empty", "error"):
        value = node.args.get(key)
        if isinstance(value, exp.Expr) and (clause := _clause(sql, value)):
            node.set(key, f"{clause} ON {key.upper()}")


def _clause(sql: str, node: exp.Expr) -> str:
    """The words of a clause that stands as a name, which nobody has put in quotes; empty for anything else."""
    is_name = isinstance(node, exp.Column) and node.name in CLAUSES
    return node.name if is_name and not written(sql, node.this).startswith('"') else ""


def _whole_match(sql: str, node: exp.Expr) -> None:
    group = node.args.get("group")
    if isinstance(group, exp.Literal) and group.name == "0":
        name = "REGEXP_EXTRACT" if isinstance(node, exp.RegexpExtract) else "REGEXP_EXTRACT_ALL"
        node.replace(exp.Anonymous(this=name, expressions=[node.this, node.expression, group]))


def _trim(sql: str, node: exp.Expr) -> None:
    if node.args.get("position") == "BOTH" and node.expression is None:
        node.set("position", None)


def _frame(sql: str, node: exp.Expr) -> None:
    if node.args.get("end") is None:
        node.set("end", "CURRENT ROW")


def _remainder(sql: str, node: exp.Expr) -> None:
    parent = node.parent
    if isinstance(parent, exp.Neg) or (isinstance(parent, _PRODUCTS) and parent.expression is node):
        _wrap(node, exp.Paren())


def _wrap(node: exp.Expr, wrapper: exp.Expr) -> None:
    node.replace(wrapper)
    wrapper.set("this", node)


def _nested_join(sql: str, node: exp.Expr) -> None:
    if node.args.get("joins") and isinstance(node.parent, exp.Join):
        _wrap(node, exp.Subquery())


def _literal_json(sql: str, node: exp.Expr) -> None:
    node.set("is_literal", None)


def _compare_with_query(sql: str, node: exp.Expr) -> None:
    """Give `ALL`, `ANY` and `SOME` a plain SELECT, which is written and read back in one way only."""
    if isinstance(node, exp.Anonymous):
        kind, query = _QUANTIFIERS.get(node.name.upper()), node.expressions[0] if node.expressions else None
    else:
        kind, query = type(node), node.this.unnest() if isinstance(node.this, exp.Subquery) else node.this
    if isinstance(query, exp.Values):
        query = exp.select("*").from_(query.copy())
    if kind is not None and isinstance(query, exp.Query):
        node.replace(kind(this=query))


def written(sql: str, node: exp.Expr) -> str:
    """A name as the text has it; empty where the parser did not keep its place."""
    start, end = node.meta.get("start"), node.meta.get("end")
    return sql[start : end + 1] if isinstance(start, int) and isinstance(end, int) else ""


_RULES: Final[dict[type[exp.Expr], Callable[[str, exp.Expr], None]]] = {
    exp.Log: _logarithm,
    exp.GroupConcat: _separator,
    exp.Anonymous: _call,
    exp.Any: _compare_with_query,
    exp.All: _compare_with_query,
    exp.Trim: _trim,
    exp.WindowSpec: _frame,
    exp.ParseJSON: _literal_json,
    exp.OnCondition: _json_condition,
    exp.RegexpExtract: _whole_match,
    exp.RegexpExtractAll: _whole_match,
    exp.Mod: _remainder,
    exp.Table: _nested_join,
    exp.Subquery: _nested_join,
    **dict.fromkeys(_NOW, _now),
}
"""What is restored, by the class that the parser made of it."""
