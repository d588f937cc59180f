"""What makes two columns look alike: the words of their headers, their kind of type, and the forms of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from agents.skimmer.drift import Look
from agents.skimmer.folding import words_of
from agents.skimmer.naming import read
from agents.skimmer.sketch import kind_of_type
from townlake.domain.value import Value
from townlake.governance.scan_records import ScanFinding

ALIKE: Final = 0.4
"""Up to this distance two looks are alike: three of five values have the same kinds of characters, and are about as
long: half to twice."""
_OF_OCTAVE: Final = 0.4
_NESTED: Final = ("row(", "array(", "map(")

Shares = Mapping[str, float]


class Traits(Value):
    """What of a column is compared. Nothing of it is a value."""

    words: tuple[str, ...]
    """Of the header, folded, in their order, without numbers."""
    kind: str
    """What its type holds: `text`, `integer`, `number`, `date`, `timestamp`, `boolean`."""
    lengths: Shares
    """Share of different values by length, in powers of two."""
    characters: Shares
    """Share of different values by the kinds of characters that they have."""

    @property
    def head(self) -> tuple[tuple[str, ...], str]:
        """What must be the same for two columns to be compared at all."""
        return self.words, self.kind


def header_words(column: str) -> tuple[str, ...]:
    """The words of a header, without numbers; none for one that says nothing (`c17`)."""
    return () if read(column).is_opaque else tuple(word for word in words_of(column) if not word.isdigit())


def traits_of(finding: ScanFinding) -> Traits | None:
    """What of a scanned column is compared.

    Returns:
        None for a header that says nothing (`c17`), a nested column, and one without values: it is like no other.
    """
    words = header_words(finding.column)
    if not words or not finding.sketch or finding.column_type.startswith(_NESTED):
        return None
    look = Look.model_validate_json(finding.sketch)
    if not look.lengths:
        return None
    kind = kind_of_type(finding.column_type) or "text"
    return Traits(words=words, kind=kind, lengths=_shares(look.lengths), characters=_shares(look.characters))


def pooled(traits: Sequence[Traits]) -> Traits:
    """The middle of columns of one head."""
    return traits[0].model_copy(
        update={
            "lengths": _mean([one.lengths for one in traits]),
            "characters": _mean([one.characters for one in traits]),
        }
    )


def distance(one: Traits, other: Traits) -> float:
    """How far two columns are apart, 0 to 1; 1 for those of different heads."""
    if one.head != other.head:
        return 1.0
    return max(_longer(one.lengths, other.lengths), _apart(one.characters, other.characters))


def _longer(one: Shares, other: Shares) -> float:
    """By how many octaves the lengths would have to change, as a distance: neighbours among them are no strangers."""
    steps = sorted({length.bit_length() for length in map(int, _names((one, other)))})
    at_most, octaves = 0.0, 0.0
    for step, following in pairwise(steps):
        length = str(1 << (step - 1))
        at_most += one.get(length, 0.0) - other.get(length, 0.0)
        octaves += abs(at_most) * (following - step)
    return min(1.0, octaves * _OF_OCTAVE)


def _apart(one: Shares, other: Shares) -> float:
    """Total variation: the share of values that would have to change."""
    return sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in _names((one, other))) / 2


def _mean(shares: Sequence[Shares]) -> Shares:
    return {name: round(sum(one.get(name, 0.0) for one in shares) / len(shares), 4) for name in _names(shares)}


def _names(shares: Iterable[Shares]) -> list[str]:
    return sorted({name for one in shares for name in one})


def _shares(counts: Mapping[str, int]) -> Shares:
    total = sum(counts.values())
    return {name: round(count / total, 4) for name, count in sorted(counts.items())}
