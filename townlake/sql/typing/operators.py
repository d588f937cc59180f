"""The types of `+ - * / %`, comparisons and logic."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import as_decimal, common_type, is_comparable, is_orderable
from townlake.sql.types import (
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    INTEGERS,
    NUMBERS,
    TEXTS,
    UNKNOWN,
    TrinoType,
    decimal,
    timed,
)
from townlake.sql.typing.constants import check_arithmetic, check_moved_date, check_negative
from townlake.sql.typing.errors import written
from townlake.sql.typing.hints import meeting_hint, text_hint
from townlake.sql.typing.literals import number_type
from townlake.sql.typing.scope import relation_type
from townlake.sql.typing.walk import META, Rule, Walk

_SIGNS: Final[dict[type[exp.Expr], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_COMPARISONS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_EQUALITIES: Final = frozenset({"=", "<>", "IS NOT DISTINCT FROM", "IS DISTINCT FROM"})


@lru_cache(maxsize=4096)
def arithmetic(sign: str, first: TrinoType, second: TrinoType) -> TrinoType | None:
    """The type of an arithmetic expression; None when Trino has no such operator.

    >>> from townlake.sql.types import parse_type as t
    >>> [str(arithmetic(s, t("decimal(4,1)"), t("bigint"))) for s in "+-*/%"]
    ['decimal(21,1)', 'decimal(21,1)', 'decimal(23,1)', 'decimal(4,1)', 'decimal(4,1)']
    >>> str(arithmetic("-", t("date"), t("date"))), arithmetic("-", t("date"), t("integer"))
    ('interval day to second', None)
    """
    if first == UNKNOWN and second == UNKNOWN:
        return None
    if first == UNKNOWN or second == UNKNOWN:
        known = second if first == UNKNOWN else first
        if known.name not in NUMBERS:
            return known if known.name in ("date", "timestamp") or known.name.startswith("interval") else None
        first = second = known
    if first.name in NUMBERS and second.name in NUMBERS:
        return _numbers(sign, first, second)
    return _times(sign, first, second)


def _numbers(sign: str, first: TrinoType, second: TrinoType) -> TrinoType | None:
    common = common_type(first, second)
    if common is None or common.name != "decimal":
        return common
    left, right = as_decimal(first), as_decimal(second)
    if left is None or right is None:
        return None
    (p1, s1), (p2, s2) = left.numbers, right.numbers
    scale = max(s1, s2)
    if sign in "+-":
        return decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)
    if sign == "*":
        return decimal(p1 + p2, s1 + s2)
    if sign == "/":
        return decimal(p1 + s2 + max(s2 - s1, 0), scale)
    return decimal(min(p2 - s2, p1 - s1) + scale, scale)


def _times(sign: str, first: TrinoType, second: TrinoType) -> TrinoType | None:
    if first.name.startswith("interval") or second.name.startswith("interval"):
        return _intervals(sign, first, second)
    same = common_type(first, second)
    if sign == "-" and same is not None and (same == DATE or same.name.startswith("time")):
        return DAY_TO_SECOND
    return None


def _intervals(sign: str, first: TrinoType, second: TrinoType) -> TrinoType | None:
    if first == second:
        return first if sign in "+-" else None
    span, other = (first, second) if first.name.startswith("interval") else (second, first)
    if sign == "*" or (sign == "/" and span is first):
        return span if other.name in NUMBERS else None
    if sign not in "+-" or (sign == "-" and span is first):
        return None
    if other == DATE:
        return DATE
    if other.name.startswith("timestamp"):
        return timed(other.name, max(other.numbers[0], 3)) if span == DAY_TO_SECOND else other
    if other.name.startswith("time") and span == DAY_TO_SECOND:
        return timed(other.name, max(other.numbers[0], 3))
    return None


def calculation(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of `a + b` and the like."""
    first, second = walk.type(node.this), walk.type(node.expression)
    if first is None or second is None:
        return DOUBLE if DOUBLE in (first, second) else None
    sign = _SIGNS[type(node)]
    found = arithmetic(sign, first, second)
    if found is None and UNKNOWN not in (first, second):
        hint = _calculation_hint(sign, node, first, second)
        walk.report("TYPE_MISMATCH", f"{first} {sign} {second} is not defined.", hint, node)
    elif found is not None and not walk.is_guarded:
        check_arithmetic(walk, node, sign, found)
        if found == DATE:
            check_moved_date(walk, node)
    return found


def _calculation_hint(sign: str, node: exp.Expr, first: TrinoType, second: TrinoType) -> str:
    kinds = {first.name, second.name}
    if "date" in kinds or any(name.startswith("timestamp") for name in kinds):
        if kinds & set(INTEGERS):
            moment, days = (node.this, node.expression) if second.name in INTEGERS else (node.expression, node.this)
            count = f"-{written(days)}" if sign == "-" else written(days)
            return f"Write date_add('day', {count}, {written(moment)})."
        return "Write date_diff('day', start, end) for the days between, date_add('day', n, d) to move a date."
    for text, kind, other in ((node.this, first, second), (node.expression, second, first)):
        if kind.name in TEXTS:
            if other.name in TEXTS and sign == "+":
                return f"Write {written(node.this)} || {written(node.expression)}."
            return f"Write CAST({written(text)} AS {'double' if other.name in TEXTS else other})."
    if "boolean" in kinds:
        return "Write IF(condition, 1, 0), or count_if(condition)."
    return f"Cast {written(node.this)} or {written(node.expression)} to a number."


def negative(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of `-x`; a sign before a whole number belongs to the number."""
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.args.get("is_string"):
        found = number_type(str(inner.this), negative=True)
        if found is not None:
            inner.meta[META] = found
            return found
    found = walk.type(inner)
    if found is None or found is UNKNOWN or found.name.startswith("interval"):
        return found
    if found.name in NUMBERS:
        if not walk.is_guarded:
            check_negative(walk, node, found)
        return found
    walk.report("TYPE_MISMATCH", f"There is no minus for a value of type {found}.", "Negate numbers only.", node)
    return None


def comparison(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`a = b` and the like, with a value, a row or ANY, ALL and SOME of a query on the right."""
    first = walk.type(node.this)
    right = node.expression
    is_query = isinstance(right, exp.Any | exp.All)
    second = subquery_type(walk, right.this) if is_query else walk.type(right)
    if first is not None and second is not None:
        compare(walk, node, _COMPARISONS[type(node)], (node.this, first), (right, second))
    return BOOLEAN


def subquery_type(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of a query on the right of IN, ANY or ALL."""
    return relation_type(walk.query(node.this if isinstance(node, exp.Paren) else node))


def compare(
    walk: Walk, node: exp.Expr, sign: str, left: tuple[exp.Expr, TrinoType], right: tuple[exp.Expr, TrinoType]
) -> None:
    """Report two values that cannot be compared."""
    (first_node, first), (second_node, second) = left, right
    common = common_type(first, second)
    if common is None:
        hint = meeting_hint(first_node, first, second_node, second)
        walk.report("TYPE_MISMATCH", f"{first} {sign} {second} cannot be compared.", hint, node)
    elif not (is_comparable(common) if sign in _EQUALITIES else is_orderable(common)):
        hint = "Compare a part of it, or its text: json_format(x), CAST(x AS varchar)."
        walk.report("TYPE_MISMATCH", f"Values of type {common} cannot be compared by {sign}.", hint, node)


def between(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`x BETWEEN a AND b`."""
    value = walk.type(node.this)
    for key, sign in (("low", ">="), ("high", "<=")):
        bound = node.args[key]
        kind = walk.type(bound)
        if value is not None and kind is not None:
            compare(walk, node, sign, (node.this, value), (bound, kind))
    return BOOLEAN


def membership(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`x IN (...)`."""
    value = walk.type(node.this)
    query = node.args.get("query")
    members = [(query, subquery_type(walk, query))] if query is not None else []
    members += [(member, walk.type(member)) for member in node.expressions]
    for member, kind in members:
        if value is not None and kind is not None:
            compare(walk, node, "=", (node.this, value), (member, kind))
    return BOOLEAN


def pattern_match(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`x LIKE pattern`."""
    for key, what in (("this", "The left side"), ("expression", "The pattern")):
        part = node.args[key]
        found = walk.type(part)
        known = TEXTS if key == "this" else ("varchar",)
        if found is not None and found.name not in known and found != UNKNOWN:
            hint = text_hint(part, found)
            walk.report("TYPE_MISMATCH", f"{what} of LIKE is a varchar, not {found}.", hint, node)
    return BOOLEAN


def escaped(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`x LIKE pattern ESCAPE c`."""
    found, mark = walk.type(node.this), node.expression
    kind = walk.type(mark)
    if kind is not None and kind.name not in ("varchar", "unknown"):
        walk.report("TYPE_MISMATCH", f"ESCAPE takes a varchar, not {kind}.", "Write ESCAPE '\\'.", node)
    pattern = node.this.args.get("expression")
    if isinstance(mark, exp.Literal) and len(mark.name) != 1 and mark.is_string:
        walk.report("INVALID_FUNCTION_ARGUMENT", "ESCAPE takes one character.", "Write ESCAPE '\\'.", node)
    elif isinstance(mark, exp.Literal) and isinstance(pattern, exp.Literal) and not walk.is_guarded:
        rest = pattern.name.replace(mark.name * 2, "").replace(mark.name + "%", "").replace(mark.name + "_", "")
        if mark.name in rest:
            hint = "The escape character stands before %, _ or itself only."
            walk.report("INVALID_FUNCTION_ARGUMENT", "The pattern escapes what needs no escape.", hint, node)
    return found


def condition(walk: Walk, node: exp.Expr, what: str) -> None:
    """Read an expression that must be true or false, and report one that is not."""
    found = walk.type(node)
    if found is not None and found not in (BOOLEAN, UNKNOWN):
        hint = (
            f"Compare it: {written(node)} <> 0." if found.name in NUMBERS else f"Compare {written(node)} with a value."
        )
        walk.report("TYPE_MISMATCH", f"{what} must be true or false, not {found}.", hint, node)


def logic(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """AND and OR; a long chain of them leans to the left, so it is read without recursion."""
    terms: list[exp.Expr] = []
    left: exp.Expr = node
    while isinstance(left, exp.And | exp.Or):
        left.meta["trino"] = BOOLEAN
        terms.append(left.expression)
        left = left.this
    terms.append(left)
    for term in reversed(terms):
        condition(walk, term, "A part of AND or OR")
    return BOOLEAN


def negation(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """NOT."""
    condition(walk, node.this, "What follows NOT")
    return BOOLEAN


def null_test(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`x IS NULL`."""
    walk.type(node.this)
    if not isinstance(node.expression, exp.Null | exp.JSON):
        hint = f"Write {written(node.this)}, or NOT {written(node.this)}."
        walk.report("SYNTAX_ERROR", "IS is followed by NULL, NOT NULL or DISTINCT FROM.", hint, node)
    return BOOLEAN


def case_blind(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """ILIKE is not Trino's."""
    pattern_match(walk, node)
    hint = f"Write lower({written(node.this)}) LIKE lower({written(node.expression)})."
    walk.report("SYNTAX_ERROR", "ILIKE is not Trino SQL.", hint, node)
    return BOOLEAN


RULES: Final[dict[type[exp.Expr], Rule]] = {
    **dict.fromkeys(_SIGNS, calculation),
    **dict.fromkeys(_COMPARISONS, comparison),
    exp.Neg: negative,
    exp.Between: between,
    exp.In: membership,
    exp.Like: pattern_match,
    exp.ILike: case_blind,
    exp.Escape: escaped,
    exp.And: logic,
    exp.Or: logic,
    exp.Not: negation,
    exp.Is: null_test,
}
