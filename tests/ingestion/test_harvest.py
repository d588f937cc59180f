"""What is kept of a look at another source, and what is told of it."""

from __future__ import annotations

import pytest

import ingestion.harvest as harvesting
from ingestion.harvest import Changed, check_source, compare, gather
from townlake.catalog.federated import FederatedColumn, FederatedTable
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef
from townlake.engines.trino.information import Found, FoundColumn


def column(table: str, name: str, kind: str = "bigint", comment: str = "") -> FoundColumn:
    return FoundColumn("public", table, name, kind, True, comment)


def found(*columns: FoundColumn, empty: tuple[str, ...] = ()) -> Found:
    tables = dict.fromkeys((c.schema, c.table) for c in columns)
    return Found((*tables, *(("public", name) for name in empty)), columns)


def table(name: str, **columns: str) -> FederatedTable:
    kept = tuple(FederatedColumn(name=n, type=t) for n, t in columns.items())
    return FederatedTable(ref=TableRef.parse(name), columns=kept)


def test_types_are_kept_as_they_are_written_here() -> None:
    kinds = {
        "a": "decimal(12, 2)",
        "b": "timestamp(6) with time zone",
        "c": "map(varchar, array(row(x integer, y char(3))))",
        "d": "IpAddress",
    }
    (kept,) = gather("pg", found(*(column("t", name, kind) for name, kind in kinds.items()))).tables
    assert [c.type for c in kept.columns] == [
        "decimal(12,2)",
        "timestamp(6) with time zone",
        "map(varchar, array(row(x integer, y char(3))))",
        "ipaddress",
    ]


def test_what_no_statement_can_read_is_left_out_and_told() -> None:
    columns = (
        column("orders", "id"),
        column("orders", "Odd Name"),
        column("orders", "shape", "no_such_type"),
        column("orders", "twice"),
        column("orders", "twice", "varchar"),
        column("only odd", "id"),
        column("lost", "a b"),
    )
    harvest = gather("pg", found(*columns, empty=("empty",)))
    assert [(str(t.ref), [c.name for c in t.columns]) for t in harvest.tables] == [("pg.public.orders", ["id"])]
    assert [(each.name, each.why) for each in harvest.left_out] == [
        ("pg.public.orders.Odd Name", "no statement can write this name"),
        ("pg.public.orders.shape", "the type no_such_type is not known here"),
        ("pg.public.orders.twice", "two columns of the source have this name"),
        ("pg.public.orders.twice", "two columns of the source have this name"),
        ("pg.public.only odd", "no statement can write this name"),
        ("pg.public.lost.a b", "no statement can write this name"),
        ("pg.public.empty", "Trino finds no column in it"),
    ]


def test_no_two_columns_of_a_table_share_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvesting, "column_id", lambda name, kind: 7)
    harvest = gather("pg", found(column("t", "a"), column("t", "b"), column("u", "c")))
    assert [[c.name for c in t.columns] for t in harvest.tables] == [["a"], ["c"]]
    assert [each.name for each in harvest.left_out] == ["pg.public.t.b"]


def test_comments_of_a_source_are_one_short_line() -> None:
    harvest = gather("pg", found(column("t", "a", comment="Where\n to\twrite.\x1b[31m" + "x" * 5_000)))
    comment = harvest.tables[0].columns[0].comment
    assert comment.startswith("Where to write.[31mx")
    assert len(comment) == 1_000


def test_the_difference_is_told_by_tables_and_columns() -> None:
    before = [table("pg.a.same", id="bigint"), table("pg.a.gone", id="bigint"), table("pg.a.t", x="integer", y="date")]
    after = [table("pg.a.same", id="bigint"), table("pg.a.new", id="bigint"), table("pg.a.t", x="bigint", y="date")]
    difference = compare(before, after)
    assert list(map(str, difference.new)) == ["pg.a.new"]
    assert list(map(str, difference.gone)) == ["pg.a.gone"]
    assert difference.changed == (Changed(table=TableRef.parse("pg.a.t"), new=("x bigint",), gone=("x integer",)),)
    assert compare(after, after) == compare([], [])


@pytest.mark.parametrize(
    ("catalog", "schema"), [("lake", None), ("system", None), ("a b", None), ("pg; DROP", None), ("pg", "x' OR 'a'='a")]
)
def test_only_plain_names_of_other_sources_are_looked_at(catalog: str, schema: str | None) -> None:
    with pytest.raises(BadInput):
        check_source(catalog, schema)
    check_source("pg", "public")
