"""Whose a table is: people's, or suppliers', devices', places', things'. Read from its name and from all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agents.skimmer.naming import Reading, read

_OTHERS: Final = ("settings", "organisation", "place", "device", "product", "animal", "fiction", "aggregate")
_PERSONAL_SIGNS: Final[Mapping[str, float]] = {
    "person_name": 1.5,
    "date_of_birth": 2.0,
    "gender": 1.5,
    "national_id": 2.0,
    "passport_number": 2.0,
    "driver_license": 2.0,
    "marital_status": 1.5,
    "age": 1.0,
    "person_id": 1.0,
    "email": 0.7,
    "phone": 0.5,
    "username": 1.0,
    "religion": 1.0,
    "race_ethnicity": 1.0,
    "occupation": 0.7,
    "financial": 0.5,
    "health": 0.7,
    "nationality": 0.7,
    "sexual_orientation": 1.0,
    "political_opinion": 0.7,
}


@dataclass(frozen=True, slots=True)
class TableContext:
    """Whose the rows of a table are."""

    people: float = 0.0
    """How much speaks for a table about people; from about 2 on it is one."""
    labels: frozenset[str] = frozenset()
    """What a first look found in its columns."""
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


def table_context(name: str, column_names: Sequence[str], labels: Sequence[str]) -> TableContext:
    """Whose a table is.

    Args:
        name: of the table.
        column_names: all of them.
        labels: what a first look found in the columns that are judged.
    """
    of_table = read(name)
    readings = [read(column) for column in column_names]
    people = 2.0 * ("person" in of_table.roles)
    found = dict.fromkeys(labels)
    people += sum(_PERSONAL_SIGNS.get(label, 0.0) for label in found)
    other = next((role for role in _OTHERS if role in of_table.roles), "")
    if "person" in of_table.roles and other not in {"animal", "fiction", "organisation"}:
        other = ""
    counts = {role: sum(_is_about(reading, role) for reading in readings) for role in _OTHERS}
    if other == "animal" or counts["animal"] >= 2 or (counts["animal"] and not people):
        other = "animal"
    elif counts["fiction"] >= 1 and other in {"", "product", "fiction"}:
        other = "fiction"
    elif other == "organisation" and "person" in of_table.roles:
        other = ""
    return TableContext(people, frozenset(labels), other)


def _is_about(reading: Reading, role: str) -> bool:
    return role in reading.roles and "person" not in reading.roles
