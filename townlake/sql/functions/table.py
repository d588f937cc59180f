"""The table of functions, put together from its topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from townlake.sql.functions import aggregate, array, binary, conditional, date, json, math, string
from townlake.sql.functions.names import function_name
from townlake.sql.functions.signature import Signature, read_signature


class Kind(StrEnum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    FORM = "form"
    """It looks like a function and has a grammar and a type rule of its own."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its kind and the forms that it has."""

    name: str
    kind: Kind
    signatures: tuple[Signature, ...] = ()


_SAME: Final = {
    "any_value": "arbitrary",
    "ceiling": "ceil",
    "power": "pow",
    "substr": "substring",
}
"""Second names of functions."""
_FORMED_AGGREGATES: Final = frozenset({"listagg"})


def _read(kind: Kind, *texts: str) -> dict[str, Function]:
    found: dict[str, list[Signature]] = {}
    for line in "\n".join(texts).splitlines():
        if line:
            signature = read_signature(line)
            found.setdefault(signature.name, []).append(signature)
    for name, other in _SAME.items():
        if name in found:
            found[other] = found[name]
    return {name: Function(name, kind, tuple(forms)) for name, forms in found.items()}


def _form(name: str) -> Function:
    return Function(name, Kind.AGGREGATE if name in _FORMED_AGGREGATES else Kind.FORM)


_SCALARS: Final = (
    *(string.TEXT, string.PATTERNS, string.ADDRESSES),
    *(math.ROUNDING, math.REAL_NUMBERS, math.WHOLE_NUMBERS),
    *(date.PARTS, date.ARITHMETIC, date.TEXT, date.ZONES),
    *(binary.TEXT, binary.DIGESTS, binary.NUMBERS),
    *(array.ARRAYS, array.MAPS, json.JSON, conditional.CHOICES),
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        **_read(Kind.SCALAR, *_SCALARS),
        **_read(Kind.AGGREGATE, aggregate.AGGREGATES),
        **_read(Kind.WINDOW, aggregate.WINDOWS),
        **{name: _form(name) for name in sorted(conditional.FORMS)},
    }
)
"""Every function that a statement may use, by Trino's name in lower case."""

UNSAFE: Final[Mapping[str, Function]] = MappingProxyType(_read(Kind.SCALAR, conditional.UNSAFE))
"""Functions that are typed, for whoever reads a statement, and not let through."""


def is_known(name: str) -> bool:
    """True when a statement may call a function of that name.

    >>> is_known("date_trunc"), is_known("SUM"), is_known("nvl"), is_known("random")
    (True, True, False, False)
    """
    return name.lower() in FUNCTIONS


def kind_of(name: str) -> Kind | None:
    """Where a function may stand; None when there is no such function.

    >>> kind_of("listagg"), kind_of("lag"), kind_of("nvl")
    (<Kind.AGGREGATE: 'aggregate'>, <Kind.WINDOW: 'window'>, None)
    """
    found = FUNCTIONS.get(name) or UNSAFE.get(name)
    return None if found is None else found.kind


def is_aggregate(node: exp.Expr) -> bool:
    """True for a call of an aggregate function, with OVER or without.

    >>> from sqlglot import parse_one
    >>> is_aggregate(parse_one("sum(x)")), is_aggregate(parse_one("lag(x)"))
    (True, False)
    """
    name = function_name(node)
    return name is not None and kind_of(name) is Kind.AGGREGATE
