"""Why a table was found, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from memory.evidence import Evidence
from memory.layout import Layout
from memory.visible import Visible
from townlake.domain.table import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST: Final = 3


class Why(NamedTuple):
    """Why a table was found."""

    text: str
    """One or two sentences."""
    joins_only: bool
    """Whether nothing but a table that it joins to led to it."""


def explain(
    layout: Layout, visible: Visible, evidence: Evidence, number: int, first: int, columns: NDArray[np.int64]
) -> Why:
    """Why a table was found.

    Args:
        layout: of the index.
        visible: what exists for the caller: nothing else is named.
        evidence: of the search.
        number: the table.
        first: the preferred table.
        columns: the visible columns of the table, as rows.
    """
    reasons = [
        *_by_name(evidence, number),
        *_by_columns(layout, evidence, columns),
        *_by_values(layout, evidence, number),
    ]
    lender = int(evidence.lender[number])
    joins_only = not reasons and lender >= 0 and number != first
    if joins_only or (lender >= 0 and lender == first != number):
        reasons.append(f"it joins to {_short(layout, lender)}")
    if not reasons:
        reasons.append("what is known of it is close to the question")
    told = "; ".join(reasons)
    return Why(f"{told[0].upper()}{told[1:]}.{_standing(layout, visible, number)}", joins_only)


def _by_name(evidence: Evidence, number: int) -> list[str]:
    if evidence.named[number]:
        return ["the question names it"]
    words = [word for word, titled in evidence.keywords.titled.items() if titled[number]]
    return [f"its name has {_listed([repr(word) for word in words])}"] if words else []


def _by_columns(layout: Layout, evidence: Evidence, columns: NDArray[np.int64]) -> list[str]:
    scores = evidence.keywords.columns[columns]
    best = [layout.names[columns[at]] for at in (-scores).argsort(kind="stable")[:_MOST] if scores[at] > 0]
    noun = "column" if len(best) == 1 else "columns"
    return [f"its {noun} {_listed(best)} {'fits' if len(best) == 1 else 'fit'} the question"] if best else []


def _by_values(layout: Layout, evidence: Evidence, number: int) -> list[str]:
    ref = layout.tables[number]
    held = [match for match in evidence.asked.values if match.column.table == ref]
    return [f"its column {match.column.column} holds {match.value!r}" for match in held[:1]]


def _standing(layout: Layout, visible: Visible, number: int) -> str:
    if layout.tiers[number] is Tier.CURATED:
        return " It is curated."
    if layout.tiers[number] is Tier.DEPRECATED:
        replacement = layout.replaced_by.get(number)
        if replacement is None or not visible.found[replacement]:
            return " It is deprecated."
        return f" It is deprecated: use {_short(layout, replacement)}."
    return ""


def _short(layout: Layout, number: int) -> str:
    ref = layout.tables[number]
    return ref.short


def _listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
