"""How to mend two types that do not go together."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.sql.coercion import is_orderable
from townlake.sql.functions import Function
from townlake.sql.functions.signature import Bindings, Pattern, matches
from townlake.sql.types import DATETIMES, INTEGERS, NUMBERS, TEXTS, TrinoType
from townlake.sql.typing.errors import written

_ALIKE: Final = frozenset({"greatest", "least"})
"""Functions of which all arguments are of one type."""
_COUNTED: Final = frozenset({*INTEGERS, "decimal", "real", "double"})


def meeting_hint(left: exp.Expr, first: TrinoType, right: exp.Expr, second: TrinoType) -> str:
    """The rewrite that lets two expressions be compared, joined or listed together.

    >>> from sqlglot.expressions import column
    >>> from townlake.sql.types import parse_type as t
    >>> meeting_hint(column("code"), t("varchar"), column("id"), t("bigint"))
    'Write CAST(code AS bigint), or TRY_CAST where some are no numbers.'
    """
    if isinstance(right, exp.Query | exp.Any | exp.All):
        if second.name == "row" and first.name != "row":
            return "Let the inner query give one column."
        return f"Cast in the inner query: SELECT CAST(... AS {first})."
    if first.name not in TEXTS and second.name in TEXTS:
        left, first, right, second = right, second, left, first
    if first.name in TEXTS:
        return _text_hint(left, right, second)
    if {first.name, second.name} & NUMBERS and (hint := _time_hint({first.name, second.name})):
        return hint
    if {first.name, second.name} <= DATETIMES:
        return f"Write CAST({written(left)} AS {second}), so that both are of one kind."
    if "boolean" in (first.name, second.name):
        condition = left if first.name == "boolean" else right
        return f"{written(condition)} is true or false: write it alone, or NOT before it."
    if "json" in (first.name, second.name):
        document, other = (left, second) if first.name == "json" else (right, first)
        return f"Write CAST({written(document)} AS {other})."
    return f"Write CAST({written(left)} AS {second}), or the other way round."


def _time_hint(names: set[str]) -> str:
    """What to say of a time that meets a number."""
    if any(name.startswith("interval") for name in names):
        return "Compare with INTERVAL '5' DAY, or count with date_diff('day', start, end)."
    return "Compare with DATE '2024-01-31', or take a part such as year(d)." if names & DATETIMES else ""


def _text_hint(text: exp.Expr, other: exp.Expr, kind: TrinoType) -> str:
    if isinstance(text, exp.Literal):
        if kind.name in ("date", "timestamp", "time"):
            return f"Write {kind.name.upper()} {text.sql('trino')}."
        if kind.name in _COUNTED:
            is_number = _is_number(text.name)
            return f"Write {text.name} without quotes." if is_number else text_hint(other, kind)
    if kind.name in NUMBERS and isinstance(other, exp.Literal):
        return f"Write '{other.name}' in quotes, or TRY_CAST({written(text)} AS double)."
    if kind.name in NUMBERS:
        return f"Write CAST({written(text)} AS {kind}), or TRY_CAST where some are no numbers."
    if kind.name in DATETIMES:
        return f"Write CAST({written(text)} AS {kind}), or date_parse({written(text)}, '%Y-%m-%d') for other forms."
    return text_hint(other, kind)


def text_hint(node: exp.Expr, kind: TrinoType) -> str:
    """The rewrite that makes a text of a value.

    >>> from townlake.sql.types import VARBINARY
    >>> text_hint(exp.column("raw"), VARBINARY)
    'Write from_utf8(raw), where the bytes are a text.'
    """
    if kind.name == "varbinary":
        return f"Write from_utf8({written(node)}), where the bytes are a text."
    return f"Write CAST({written(node)} AS varchar)."


def _is_number(text: str) -> bool:
    return text.strip().removeprefix("-").replace(".", "", 1).isdigit()


def argument_hint(arguments: tuple[exp.Expr, ...], types: tuple[TrinoType, ...], function: Function) -> str:
    """The rewrite that lets a function take its arguments: that of the first one that fits its nearest form not.

    Args:
        arguments: what is written.
        types: the types of it.
        function: what is called.
    """
    misfits = [
        [place for place, (p, t) in enumerate(zip(patterns, types, strict=True)) if not _fits(p, t)]
        for patterns in _patterns(function, len(types))
    ]
    nearest = min(misfits, key=len, default=[])
    if nearest:
        place = nearest[0]
        wanted = [patterns[place] for patterns in _patterns(function, len(types))]
        hint = _argument_rewrite(arguments[place], types[place], wanted)
        if hint:
            return hint
    if function.name in _ALIKE and len(types) > 1:
        return meeting_hint(arguments[0], types[0], arguments[1], types[1])
    if not any(map(is_orderable, types)):
        return "It needs values that can be sorted: take a part of it, or its text."
    return f"It takes {forms_of(function)}."


def forms_of(function: Function) -> str:
    """What a function takes, as text."""
    forms = [form.text.partition(" -> ")[0] for form in function.signatures]
    return ", ".join(forms[:4]) + (" and others" if len(forms) > 4 else "")


def _patterns(function: Function, count: int) -> list[tuple[Pattern, ...]]:
    return [patterns for form in function.signatures if (patterns := form.patterns(count)) is not None]


def _fits(pattern: Pattern, kind: TrinoType) -> bool:
    return matches(pattern, kind, Bindings(), coerce=True)


def _argument_rewrite(argument: exp.Expr, kind: TrinoType, wanted: list[Pattern]) -> str:
    names = {pattern.name.split()[0] for pattern in wanted}
    if kind.name in TEXTS and names & {"date", "timestamp"}:
        if isinstance(argument, exp.Literal):
            return f"Write DATE {argument.sql('trino')}, or TIMESTAMP."
        return f"Write CAST({written(argument)} AS date), or date_parse({written(argument)}, format)."
    if kind.name in TEXTS and names & NUMBERS:
        target = "double" if "double" in names else min(names & NUMBERS)
        return f"Write CAST({written(argument)} AS {target})."
    if "varchar" in names and kind.name not in ("array", "map", "row", *TEXTS):
        return text_hint(argument, kind)
    return ""
