"""Which form of a function a call means, and the type of its result, as Trino's resolver decides it.

First a form that takes the arguments as they are, then the most specific of those that take them widened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from townlake.sql.functions.signature import Bindings, Pattern, Signature, matches, substitute
from townlake.sql.functions.table import Function
from townlake.sql.types import UNKNOWN, TrinoType

_CALLED_ON_NULL: Final = frozenset({"concat_ws"})
"""Functions with forms that do something with NULL, so that it matters which one a bare NULL means."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a call means."""

    result: TrinoType | None
    is_ambiguous: bool = False


@lru_cache(maxsize=8192)
def resolve(function: Function, types: tuple[TrinoType, ...]) -> Resolved | None:
    """What a call means; None when no form of the function takes these arguments.

    >>> from townlake.sql.functions.table import FUNCTIONS
    >>> from townlake.sql.types import parse_type as t
    >>> resolve(FUNCTIONS["avg"], (t("integer"),)).result, resolve(FUNCTIONS["avg"], (t("varchar"),))
    (TrinoType(name='double', numbers=(), parts=(), fields=()), None)
    """
    forms = [(form, patterns) for form in function.signatures if (patterns := form.patterns(len(types))) is not None]
    for form, patterns in forms:
        bound = Bindings()
        if all(matches(p, t, bound, coerce=False) for p, t in zip(patterns, types, strict=True)):
            return Resolved(substitute(form.result, bound))
    fits = [(form, patterns, *fit) for form, patterns in forms if (fit := _fit(form, patterns, types)) is not None]
    if not fits:
        return None
    for _, _, parameters, result in fits:
        if all(_fit(form, patterns, parameters) is not None for form, patterns, _, _ in fits):
            return Resolved(result)
    results = {result for _, _, _, result in fits}
    is_ambiguous = UNKNOWN in types and function.name in _CALLED_ON_NULL
    return Resolved(results.pop() if len(results) == 1 else None, is_ambiguous)


def _fit(
    form: Signature, patterns: tuple[Pattern, ...], types: tuple[TrinoType, ...]
) -> tuple[tuple[TrinoType, ...], TrinoType] | None:
    bound = Bindings()
    if not all(matches(p, t, bound, coerce=True) for p, t in zip(patterns, types, strict=True)):
        return None
    parameters = tuple(t if p.name == "any" else substitute(p, bound) for p, t in zip(patterns, types, strict=True))
    return parameters, substitute(form.result, bound)


def result_of_any(function: Function, count: int) -> TrinoType | None:
    """The type that a function gives whatever its arguments are; None when it depends on them.

    >>> from townlake.sql.functions.table import FUNCTIONS
    >>> str(result_of_any(FUNCTIONS["count"], 1)), result_of_any(FUNCTIONS["max"], 1)
    ('bigint', None)
    """
    results = {form.result.concrete for form in function.signatures if form.patterns(count) is not None}
    return results.pop() if len(results) == 1 else None
