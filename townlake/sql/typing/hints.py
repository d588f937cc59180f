"""How to mend two types that do not go together."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.sql.types import DATETIMES, INTEGERS, NUMBERS, TEXTS, TrinoType
from townlake.sql.typing.errors import written

_COUNTED: Final = frozenset({*INTEGERS, "decimal", "real", "double"})


def meeting_hint(left: exp.Expr, first: TrinoType, right: exp.Expr, second: TrinoType) -> str:
    """The rewrite that lets two expressions be compared, joined or listed together.

    >>> from sqlglot.expressions import column
    >>> from townlake.sql.types import parse_type as t
    >>> meeting_hint(column("code"), t("varchar"), column("id"), t("bigint"))
    'Write CAST(code AS bigint), or TRY_CAST where some are no numbers.'
    """
    if first.name not in TEXTS and second.name in TEXTS:
        left, first, right, second = right, second, left, first
    if first.name in TEXTS:
        return _text_hint(left, right, second)
    if {first.name, second.name} <= DATETIMES:
        return f"Write CAST({written(left)} AS {second}), so that both are of one kind."
    if "boolean" in (first.name, second.name):
        condition = left if first.name == "boolean" else right
        return f"{written(condition)} is true or false: write it alone, or NOT before it."
    if "json" in (first.name, second.name):
        document, other = (left, second) if first.name == "json" else (right, first)
        return f"Write CAST({written(document)} AS {other})."
    return f"Write CAST({written(left)} AS {second}), or the other way round."


def _text_hint(text: exp.Expr, other: exp.Expr, kind: TrinoType) -> str:
    if isinstance(text, exp.Literal):
        if kind.name in ("date", "timestamp", "time"):
            return f"Write {kind.name.upper()} {text.sql('trino')}."
        if kind.name in _COUNTED and _is_number(text.name):
            return f"Write {text.name} without quotes."
    if kind.name in NUMBERS:
        return f"Write CAST({written(text)} AS {kind}), or TRY_CAST where some are no numbers."
    if kind.name in DATETIMES:
        return f"Write CAST({written(text)} AS {kind}), or date_parse({written(text)}, '%Y-%m-%d') for other forms."
    return f"Write CAST({written(other)} AS varchar)."


def _is_number(text: str) -> bool:
    return text.strip().removeprefix("-").replace(".", "", 1).isdigit()


def argument_hint(arguments: tuple[exp.Expr, ...], types: tuple[TrinoType, ...], expected: str) -> str:
    """The rewrite that lets a function take its arguments.

    Args:
        arguments: what is written.
        types: the types of it.
        expected: the forms of the function, as text.
    """
    wants_date = any(f"{kind}(" in expected or f"{kind})" in expected for kind in ("timestamp", "date"))
    for argument, kind in zip(arguments, types, strict=True):
        if kind.name in TEXTS and wants_date and _is_datelike(argument, arguments):
            if isinstance(argument, exp.Literal):
                return f"Write DATE {argument.sql('trino')}, or TIMESTAMP."
            return f"Write CAST({written(argument)} AS date), or date_parse({written(argument)}, format)."
    for argument, kind in zip(arguments, types, strict=True):
        if kind.name in TEXTS and "varchar" not in expected:
            return f"Write CAST({written(argument)} AS double)."
        if kind.name not in TEXTS and kind.name != "unknown" and not _takes(kind, expected) and "varchar" in expected:
            return f"Write CAST({written(argument)} AS varchar)."
    return f"It takes {expected}."


def _is_datelike(argument: exp.Expr, arguments: tuple[exp.Expr, ...]) -> bool:
    """True for the arguments that may be the date: not the unit, and not a format after it."""
    if isinstance(argument, exp.Literal):
        return argument.name[:4].isdigit() and "-" in argument.name
    return isinstance(argument, exp.Column | exp.Anonymous | exp.Func) and not isinstance(argument, exp.Var)


def _takes(kind: TrinoType, expected: str) -> bool:
    if kind.name in NUMBERS:
        return any(name in expected for name in _COUNTED)
    return kind.name in expected
