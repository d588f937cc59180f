"""Types as values, and which of them meet."""

from __future__ import annotations

import copy

import pytest

from townlake.sql.coercion import can_coerce, common_of, common_type, is_comparable, is_orderable
from townlake.sql.types import UNKNOWN, UnknownTypeName, parse_type


@pytest.mark.parametrize(
    "text",
    [
        "bigint",
        "varchar",
        "varchar(3)",
        "char(5)",
        "decimal(12,2)",
        "timestamp(6)",
        "timestamp(3) with time zone",
        "time(0) with time zone",
        "interval day to second",
        "interval year to month",
        "array(map(varchar(2), row(a integer, b array(timestamp(3) with time zone))))",
        'row("x y" bigint, "A" date, z double)',
        "row(integer, varchar(1))",
        "row(x interval day to second)",
        "unknown",
    ],
)
def test_a_type_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("DECIMAL", "decimal(38,0)"),
        ("decimal(5)", "decimal(5,0)"),
        ("numeric(5, 2)", "decimal(5,2)"),
        ("timestamp", "timestamp(3)"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"),
        ("char", "char(1)"),
        ("int", "integer"),
        ("row(A bigint)", "row(a bigint)"),
    ],
)
def test_defaults_and_synonyms(text: str, written: str) -> None:
    assert str(parse_type(text)) == written


@pytest.mark.parametrize("text", ["nosuch", "decimal(39,2)", "bigint(3)", "map(varchar)", "array()", "varchar(x)", ""])
def test_what_is_no_type_is_said_so(text: str) -> None:
    with pytest.raises(UnknownTypeName):
        parse_type(text)


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ("integer", "bigint", "bigint"),
        ("bigint", "decimal(5,2)", "decimal(21,2)"),
        ("decimal(38,0)", "decimal(5,2)", "decimal(38,2)"),
        ("decimal(5,2)", "real", "real"),
        ("real", "double", "double"),
        ("varchar(3)", "varchar(5)", "varchar(5)"),
        ("varchar(3)", "varchar", "varchar"),
        ("varchar(3)", "char(5)", "char(5)"),
        ("date", "timestamp(3)", "timestamp(3)"),
        ("timestamp(6)", "timestamp(3) with time zone", "timestamp(6) with time zone"),
        ("array(integer)", "array(double)", "array(double)"),
        ("row(a integer)", "row(b double)", "row(double)"),
        ("map(varchar(1), unknown)", "map(varchar(2), date)", "map(varchar(2), date)"),
        ("unknown", "json", "json"),
        ("varchar", "bigint", None),
        ("varchar", "date", None),
        ("varchar", "json", None),
        ("boolean", "integer", None),
        ("date", "time(3)", None),
        ("row(integer)", "row(integer, integer)", None),
        ("interval day to second", "interval year to month", None),
        ("array(integer)", "integer", None),
    ],
)
def test_common_types_are_trinos_in_both_orders(first: str, second: str, common: str | None) -> None:
    for one, other in ((first, second), (second, first)):
        found = common_type(parse_type(one), parse_type(other))
        assert (None if found is None else str(found)) == common


def test_coercion_goes_one_way() -> None:
    assert can_coerce(parse_type("integer"), parse_type("decimal(10,0)"))
    assert not can_coerce(parse_type("integer"), parse_type("decimal(9,0)"))
    assert can_coerce(UNKNOWN, parse_type("date"))
    assert not can_coerce(parse_type("date"), UNKNOWN)
    assert can_coerce(parse_type("varchar(3)"), parse_type("varchar(4)"))
    assert not can_coerce(parse_type("varchar(4)"), parse_type("varchar(3)"))


def test_common_of_many() -> None:
    kinds = [parse_type(text) for text in ("unknown", "integer", "decimal(3,1)")]
    assert str(common_of(kinds)) == "decimal(11,1)"
    assert common_of([*kinds, parse_type("varchar")]) is None
    assert common_of([]) == UNKNOWN


def test_what_can_be_compared_and_sorted() -> None:
    assert is_comparable(parse_type("map(varchar, bigint)"))
    assert not is_orderable(parse_type("array(map(varchar, bigint))"))
    assert not is_comparable(parse_type("row(hyperloglog)"))
    assert is_orderable(parse_type("row(date, varchar)"))


def test_types_are_values() -> None:
    kind = parse_type("map(varchar, row(a bigint))")
    assert copy.deepcopy(kind) is kind
    assert len({kind, parse_type("map(varchar, row(a bigint))"), parse_type("map(varchar, row(b bigint))")}) == 2
