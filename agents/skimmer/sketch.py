"""What the values of a column look like: read once, shared by every detector."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from agents.skimmer.columns import Column
from agents.skimmer.folding import fold, visible
from agents.skimmer.lexicon import placeholders

MOST_VALUES: Final = 2000
"""Values that are read of one column."""
MOST_JUDGED: Final = 40
"""Distinct values that the dearer detectors look at."""
LONGEST_VALUE: Final = 600
"""Characters that are read of one value."""

_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?")


class _Classes(dict[int, str]):
    """Character to class: `9` digit, `A` upper case, `a` lower case, `L` letter without case; others stay."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        if kind == "Lu" or kind == "Lt":
            found = "A"
        elif kind == "Ll":
            found = "a"
        elif kind[0] in "LM":
            found = "L"
        elif kind[0] == "N":
            found = "9"
        elif kind[0] == "Z" or kind == "Cc":
            found = " "
        elif kind[0] == "C":
            found = "\x00"
        else:
            found = character
        self[code] = found
        return found


_CLASSES: Final = _Classes()


def shape_of(value: str) -> str:
    """The classes of a value's characters.

    >>> shape_of("Ab-12 ж漢")
    'Aa-99 aL'
    """
    return value.translate(_CLASSES)


@dataclass(frozen=True)
class Sketch:
    """The values of one column, as detectors see them."""

    column: Column
    count: int
    """Values that are neither NULL nor a placeholder."""
    n_distinct: int
    counts: Counter[str]
    judged: tuple[str, ...]
    """Distinct values for the dearer detectors, in an order that no row order changes."""
    shapes: tuple[str, ...]
    """The shape of each judged value."""

    @property
    def is_empty(self) -> bool:
        """True when there is no value to judge."""
        return self.count == 0

    @property
    def distinct_ratio(self) -> float:
        """Distinct values over values."""
        return self.n_distinct / self.count if self.count else 0.0

    @cached_property
    def kind(self) -> str:
        """`boolean`, `timestamp`, `date`, `integer`, `number` or `text`: the type, or what text turns out to be."""
        known = kind_of_type(self.column.sql_type)
        if known is not None:
            return known
        if self.numbers is None:
            return "text"
        return "integer" if all(value.lstrip("+-").isdecimal() for value in self.judged) else "number"

    @cached_property
    def is_text_type(self) -> bool:
        """True when the column's SQL type holds any text."""
        return self.column.sql_type.lower().partition("(")[0].strip() in {
            "varchar",
            "char",
            "text",
            "string",
            "json",
            "",
        }

    @cached_property
    def numbers(self) -> tuple[float, ...] | None:
        """The judged values as numbers, or None when some are none."""
        if not self.judged or not all(_NUMBER.fullmatch(value) for value in self.judged):
            return None
        return tuple(float(value) for value in self.judged)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The judged values, folded."""
        return tuple(fold(value) for value in self.judged)

    @cached_property
    def alphabet(self) -> frozenset[str]:
        """All characters of the judged values; what is not in it need not be looked for."""
        return frozenset().union(*self.judged)

    @cached_property
    def longest(self) -> int:
        """Characters of the longest judged value."""
        return max(map(len, self.judged), default=0)

    @cached_property
    def mean_length(self) -> float:
        """Characters of a judged value."""
        return sum(map(len, self.judged)) / len(self.judged) if self.judged else 0.0

    @cached_property
    def has_few_values(self) -> bool:
        """True when values repeat as a code's do."""
        return self.n_distinct <= 12 and (self.count >= 2 * self.n_distinct or self.n_distinct <= 3)

    def share(self, test: Callable[[str], object]) -> float:
        """Share of the judged distinct values that pass."""
        return len(list(filter(test, self.judged))) / len(self.judged) if self.judged else 0.0

    def shape_share(self, pattern: re.Pattern[str]) -> float:
        """Share of the judged distinct values whose shape matches as a whole; each shape is tried once."""
        if not self.shapes:
            return 0.0
        tried: dict[str, bool] = {}
        hits = 0
        for shape in self.shapes:
            fits = tried.get(shape)
            if fits is None:
                fits = tried[shape] = pattern.fullmatch(shape) is not None
            hits += fits
        return hits / len(self.shapes)


_KINDS: Final = {
    "boolean": "boolean",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "timestamp",
    "tinyint": "integer",
    "smallint": "integer",
    "integer": "integer",
    "int": "integer",
    "bigint": "integer",
    "real": "number",
    "double": "number",
    "float": "number",
    "decimal": "number",
    "numeric": "number",
}


def kind_of_type(sql_type: str) -> str | None:
    """What the values of an SQL type are; None for text, which can be anything.

    >>> kind_of_type("timestamp(6)"), kind_of_type("decimal(9,2)"), kind_of_type("varchar")
    ('timestamp', 'number', None)
    """
    head = sql_type.lower().partition("(")[0].strip()
    return "timestamp" if head.startswith("timestamp") else _KINDS.get(head)


def sketch(column: Column, salt: bytes = b"") -> Sketch:
    """The values of a column, cut and counted; the order of rows makes no difference.

    Args:
        column: with its values.
        salt: a secret by which the judged values are chosen. Without one, whoever writes values can choose them.
    """
    blank = placeholders()
    counts: Counter[str] = Counter(_kept(column.values[:MOST_VALUES], blank))
    ordered = sorted(counts, key=partial(_keyed, salt) if salt else _scattered)
    judged = tuple(ordered[:MOST_JUDGED])
    return Sketch(
        column=column,
        count=sum(counts.values()),
        n_distinct=len(counts),
        counts=counts,
        judged=judged,
        shapes=tuple(map(shape_of, judged)),
    )


def _kept(values: Sequence[str], blank: frozenset[str]) -> Iterable[str]:
    for value in values:
        text = visible(value[:LONGEST_VALUE]).strip()[:LONGEST_VALUE]
        if text and not (len(text) < 24 and text.casefold() in blank):
            yield text


def _scattered(value: str) -> tuple[int, str]:
    return zlib.crc32(value.encode("utf-8", "surrogatepass")), value


def _keyed(salt: bytes, value: str) -> tuple[bytes, str]:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8, key=salt).digest(), value
