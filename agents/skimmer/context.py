"""Whose a table is: people's, or suppliers', devices', places', things'. Read from its name and from all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agents.skimmer.naming import Reading, read
from agents.skimmer.sketch import Sketch

_OTHERS: Final = ("settings", "organisation", "place", "device", "product", "animal", "fiction", "aggregate")
_OF_PEOPLE: Final[Mapping[str, float]] = {
    # What only people have.
    "date_of_birth": 2.0,
    "gender": 1.5,
    "national_id": 2.0,
    "passport_number": 2.0,
    "driver_license": 2.0,
    "marital_status": 1.5,
    "age": 1.0,
    "religion": 1.0,
    "race_ethnicity": 1.0,
    "occupation": 0.7,
    "financial": 0.5,
    "health": 0.7,
    "nationality": 0.7,
    "sexual_orientation": 1.0,
    "political_opinion": 0.7,
}
_OF_ANYBODY: Final[Mapping[str, float]] = {
    # What the contact of a supplier has, too.
    "person_name": 1.5,
    "person_id": 1.0,
    "email": 0.7,
    "phone": 0.5,
    "username": 1.0,
}
_IDENTITY: Final = frozenset(
    {"person_name", "email", "phone", "national_id", "person_id", "username", "date_of_birth", "street_address"}
)
_COUNTS: Final = frozenset("freq frequency count counts population pop deaths births marriages obs".split())
_AREAS: Final = frozenset(
    "state county country region province district city nation municipality canton council town area".split()
)
_SURELY_PEOPLE: Final = 3.0
_EACH: Final = 0.85
"""Share of distinct values from which on each row is another area."""


@dataclass(frozen=True, slots=True)
class TableContext:
    """Whose the rows of a table are."""

    people: float = 0.0
    """How much speaks for a table about people; from about 2 on it is one."""
    labels: frozenset[str] = frozenset()
    """What a first look found in its columns."""
    is_clinical: bool = False
    """True when several columns have words of illness and treatment: the weak ones then count."""
    other: str = ""
    """What else the rows are: `organisation`, `place`, `device`, `product`, `animal`, `fiction`, `aggregate`."""

    @property
    def is_of_people(self) -> bool:
        """True for a table about people."""
        return self.people >= 2.0 and not self.is_of_no_people

    @property
    def is_of_no_people(self) -> bool:
        """True where even ages and genders are nobody's."""
        return self.other in {"animal", "fiction", "aggregate", "settings"}


def table_context(
    name: str, column_names: Sequence[str], sketches: Sequence[Sketch], labels: Sequence[str]
) -> TableContext:
    """Whose a table is.

    Args:
        name: of the table.
        column_names: all of them.
        sketches: the values of those that are judged.
        labels: what a first look found in those.
    """
    of_table = read(name)
    readings = [read(column) for column in column_names]
    found = frozenset(labels)
    other = _other(of_table, readings, found, sketches)
    people = sum(_OF_PEOPLE.get(label, 0.0) for label in found)
    if not other:
        people += sum(_OF_ANYBODY.get(label, 0.0) for label in found)
    if "person" in of_table.roles:
        people += 2.0
    medical = sum(any(label == "health" for label, _ in reading.labels) for reading in readings)
    return TableContext(people, found, medical >= 2 and people >= 1.0, other)


def _other(of_table: Reading, readings: Sequence[Reading], found: frozenset[str], sketches: Sequence[Sketch]) -> str:
    """What the rows are if not people: by the name of the table, then by its columns."""
    other = next((role for role in _OTHERS if role in of_table.roles), "")
    if "person" in of_table.roles and other not in {"animal", "fiction"}:
        other = ""
    counts = {role: sum(_is_about(reading, role) for reading in readings) for role in ("animal", "fiction")}
    if counts["animal"] >= 2 or (counts["animal"] and not found & _OF_PEOPLE.keys()):
        return "animal"
    if counts["fiction"] and other in {"", "product"}:
        return "fiction"
    of_people = sum(_OF_PEOPLE.get(label, 0.0) for label in found)
    if (
        not other
        and of_people < _SURELY_PEOPLE
        and not found & _IDENTITY
        and (_has_counts(readings) or any(map(_is_each_an_area, sketches)))
    ):
        return "aggregate"
    return other


def _is_about(reading: Reading, role: str) -> bool:
    return role in reading.roles and "person" not in reading.roles


def _has_counts(readings: Sequence[Reading]) -> bool:
    """True when a column counts the rows of another table: these are groups, not people."""
    return any(len(reading.words) == 1 and reading.words[0] in _COUNTS for reading in readings)


def _is_each_an_area(sketch: Sketch) -> bool:
    words = read(sketch.column.name).words
    return len(words) == 1 and words[0] in _AREAS and sketch.n_distinct > 9 and sketch.distinct_ratio > _EACH
