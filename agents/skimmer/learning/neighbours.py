"""Rules from neighbours: where people decided five times alike on columns that look alike, the next is like them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import Final

from agents.skimmer.learning.examples import Example, Meaning, Objection
from agents.skimmer.learning.traits import ALIKE, Traits, distance, pooled
from townlake.domain.taxonomy import NONE, Subject, is_none, label_of
from townlake.domain.value import Value

ENOUGH: Final = 5
"""Decided columns that make a rule."""
TABLES: Final = 2
"""Tables that they must be from: the columns of one are decided on in one breath."""
PEOPLE: Final = 2
"""People who must have decided so, where the rule calls columns harmless: it shows more, which one alone may not."""


class Neighbours(Value):
    """A rule: columns like these are held to be this."""

    label: str
    subject: str
    traits: Traits
    """Their middle."""
    count: int
    """Columns that it was learned from."""
    tables: int
    people: tuple[str, ...]
    """Whose decisions it was learned from, in small letters."""

    @property
    def id(self) -> str:
        """Names the rule, whatever it was learned from in the end: its columns' headers, kind and label."""
        words = "\n".join((*self.traits.words, self.traits.kind, self.label, self.subject))
        return hashlib.sha256(words.encode()).hexdigest()[:8]

    @property
    def told(self) -> str:
        """The rule in words, for reviewers: it names headers."""
        whose = f" of a {self.subject}" if self.subject == Subject.PERSON else ""
        what = f"{self.traits.kind} under `{' '.join(self.traits.words)}` is {self.label}{whose}"
        return f"{what} ({self.count} columns, {self.tables} tables)"

    def covers(self, traits: Traits) -> bool:
        """Whether a column is like these."""
        return distance(self.traits, traits) <= ALIKE


def neighbours(
    examples: Iterable[Example], people: int = PEOPLE, against: Iterable[Objection] = ()
) -> tuple[Neighbours, ...]:
    """The rules that decisions give, by their headers.

    One decision that differs, on any column of the same words and kind of type, whatever its values, prevents a rule.

    Args:
        examples: decisions.
        people: how many must have called columns harmless.
        against: decisions that teach nothing, and prevent what differs from them.
    """
    said: dict[tuple[str, ...], set[Meaning]] = {}
    for objection in against:
        said.setdefault(objection.words, set()).add(objection.meaning)
    by_head: dict[tuple[tuple[str, ...], str], list[tuple[Example, Traits]]] = {}
    for one in examples:
        if one.traits is not None:
            by_head.setdefault(one.traits.head, []).append((one, one.traits))
    rules = (_rule(group, people, said.get(words, set())) for (words, _), group in sorted(by_head.items()))
    return tuple(rule for rule in rules if rule is not None)


def _rule(group: Sequence[tuple[Example, Traits]], people: int, against: Set[Meaning]) -> Neighbours | None:
    if len({one.meaning for one, _ in group} | against) != 1 or not _is_clear(group[0][0]):
        return None
    own = [(one, traits) for one, traits in group if not one.is_led]
    if not own:
        return None
    middle = pooled([traits for _, traits in own])
    near = [(one, traits) for one, traits in own if distance(middle, traits) <= ALIKE]
    tables = {one.table_uuid for one, _ in near}
    if len(near) < ENOUGH or len(tables) < TABLES:
        return None
    kinds = Counter(one.label for one, _ in near)
    label = next(iter(kinds)) if len(kinds) == 1 else NONE
    teachers = tuple(sorted({one.reviewer.casefold() for one, _ in near}))
    if is_none(label) and len(teachers) < people:
        return None
    return Neighbours(
        label=label,
        subject=Subject.UNKNOWN if is_none(label) else Subject.PERSON,
        traits=pooled([traits for _, traits in near]),
        count=len(near),
        tables=len(tables),
        people=teachers,
    )


def _is_clear(one: Example) -> bool:
    """True when label and decision say the same: not where somebody masked what they called nothing."""
    return one.personal is False if is_none(one.label) else one.personal is True and label_of(one.label) is not None
