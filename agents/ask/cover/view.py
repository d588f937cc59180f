"""The lexicon as one caller may use it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.ask.cover.lexicon import DimensionKey, Lexicon, Meaning
from agents.ask.cover.result import Blocked
from agents.ask.cover.words import Word
from memory.sight import Sight
from townlake.catalog.knowledge.repeats import Repeat, repeats
from townlake.domain.names import TableRef


@dataclass(frozen=True, slots=True)
class View:
    """Which metrics and dimensions exist for a caller, and which of them can be computed for that caller.

    What reads a table that the caller may not even find does not exist, nor does a dimension that would tell of a
    closed column. What reads a closed table or a masked column exists, but cannot be used: a sum over masked values
    would be wrong without looking wrong. So would be one over rows that a join repeats.
    """

    lexicon: Lexicon
    sight: Sight
    _open: dict[str | DimensionKey, bool] = field(default_factory=dict)
    _exists: dict[str | DimensionKey, bool] = field(default_factory=dict)
    _repeats: dict[str | DimensionKey, tuple[Repeat, ...]] = field(default_factory=dict)

    def exists(self, key: str | DimensionKey) -> bool:
        """Whether the caller may know of this metric or dimension."""
        if key not in self._exists:
            reads = self.lexicon.reads[key]
            told = isinstance(key, str) or all(map(self.sight.sees, reads.columns))
            self._exists[key] = told and all(map(self.sight.finds, reads.tables))
        return self._exists[key]

    def usable(self, key: str | DimensionKey) -> bool:
        """Whether all that it reads is there for the caller, in the clear, and no row of it would be counted again."""
        if key not in self._open:
            reads = self.lexicon.reads[key]
            opened = all(map(self.sight.reads, reads.tables)) and all(map(self.sight.clears, reads.columns))
            self._open[key] = opened and not any(each.sure for each in self.repeats(key))
        return self._open[key]

    def repeats(self, key: str | DimensionKey) -> tuple[Repeat, ...]:
        """The tables of which several rows may belong to one that is counted."""
        if key not in self._repeats:
            name, dimension = (key, None) if isinstance(key, str) else (key[0], self.lexicon.dimensions[key])
            self._repeats[key] = repeats(self.lexicon.metrics[name], self.sight.keys, dimension)
        return self._repeats[key]

    def blocked(self, key: str | DimensionKey) -> Blocked:
        """Why it cannot be used, without naming a column."""
        reads = self.lexicon.reads[key]
        closed: set[TableRef] = {table for table in reads.tables if not self.sight.reads(table)}
        closed |= {column.table for column in reads.columns if not self.sight.clears(column)}
        metric = self.lexicon.metrics[key if isinstance(key, str) else key[0]]
        name = metric.title if isinstance(key, str) else self.lexicon.dimensions[key].name
        if closed:
            return Blocked(name=name, tables=tuple(sorted(closed, key=str)))
        repeated = " and ".join(str(each.table) for each in self.repeats(key) if each.sure)
        why = f"joined with {repeated} it would count rows several times. Its owner, {metric.owner}, can correct it."
        return Blocked(name=name, why=why)

    def meaning(self, words: tuple[Word, ...]) -> Meaning | None:
        """What these words stand for, to this caller."""
        found = self.lexicon.phrases.get(tuple(word.stem for word in words))
        if found is None:
            return None
        metrics = frozenset(name for name in found.metrics if self.exists(name))
        dimensions = frozenset(key for key in found.dimensions if self.exists(key[0]) and self.exists(key))
        return Meaning(metrics, dimensions) if metrics or dimensions else None
