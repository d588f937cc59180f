"""Small tables of invented people and things, in the form that the classification takes."""

from __future__ import annotations

from collections.abc import Sequence

from agents.skimmer.classify import classify
from agents.skimmer.columns import Column, ColumnFinding, Table

GIVEN = ("Maria", "Jan", "Sofia", "Peter", "Anna", "Lukas", "Elena", "Thomas", "Laura", "David", "Julia", "Martin")
FAMILY = (
    "Novak",
    "Petersen",
    "Rossi",
    "Bauer",
    "Silva",
    "Janssen",
    "Kowalski",
    "Dubois",
    "Moreno",
    "Larsson",
    "Popa",
    "Kaya",
)
FULL = tuple(f"{given} {family}" for given, family in zip(GIVEN, FAMILY, strict=True))
PHONES = tuple(f"+44 20 7946 {number:04d}" for number in range(100, 112))
EMAILS = tuple(f"{given.lower()}.{family.lower()}@mail.example" for given, family in zip(GIVEN, FAMILY, strict=True))
BIRTHS = tuple(
    f"19{year}-0{month}-1{month}" for year, month in zip(range(41, 100, 5), (1, 2, 3, 4, 5, 6) * 2, strict=True)
)
ADDRESSES = tuple(f"{number} Baker Street" for number in range(11, 23))


def column(name: str, values: Sequence[str], sql_type: str = "varchar", comment: str = "") -> Column:
    """A column whose key is its name."""
    return Column(uid=name, name=name, sql_type=sql_type, comment=comment, values=tuple(values))


def found(table: str, *columns: Column) -> dict[str, ColumnFinding]:
    """The findings on a table's columns, by name."""
    return {finding.uid: finding for finding in classify(Table(name=table, columns=columns))}


def label(table: str, *columns: Column) -> str:
    """The label of the last column."""
    return found(table, *columns)[columns[-1].name].label
