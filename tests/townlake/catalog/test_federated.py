"""Tables of other sources: known as they were found, and never written to."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa

from townlake.catalog.catalog import Catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.federated import FederatedColumn, FederatedTable, column_id, table_uuid
from townlake.catalog.tables import FEDERATED_TABLES
from townlake.domain.errors import BadInput, HomeError, NotFound
from townlake.domain.names import TableRef
from townlake.domain.table import ForeignKey, TableInfo
from townlake.state.store import writing
from townlake.state.versions import CATALOG, bump

AT = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS = TableRef.parse("pg.public.orders")
VISITS = TableRef.parse("pg.sales.visits")


def table(ref: TableRef, **columns: str) -> FederatedTable:
    return FederatedTable(ref=ref, columns=tuple(FederatedColumn(name=n, type=t) for n, t in columns.items()))


def info(catalog: Catalog, ref: TableRef) -> TableInfo:
    found = catalog.table(ref)
    assert found is not None
    return found


def test_what_was_found_is_a_table_without_files(catalog: Catalog) -> None:
    column = FederatedColumn(name="id", type="bigint", nullable=False, comment="Number.")
    before = catalog.version()
    assert catalog.harvested("pg", [FederatedTable(ref=ORDERS, columns=(column,))], AT) == ()
    assert catalog.version() != before
    found = info(catalog, ORDERS)
    assert catalog.tables() == (found,)
    assert (found.ref, found.uuid, found.metadata_location, found.snapshot_id) == (ORDERS, table_uuid(ORDERS), "", None)
    assert found.row_count is None
    (read,) = found.columns
    assert (read.name, read.type, read.nullable, read.comment) == ("id", "bigint", False, "Number.")
    assert read.field_id == column_id("id", "bigint")
    assert catalog.faults() == ()
    assert catalog.batches(ORDERS) == frozenset()
    assert not catalog.has_snapshot(ORDERS, 1)


@pytest.mark.parametrize("name", ["id", "x" * 200])
@pytest.mark.parametrize("kind", ["bigint", "row(a integer)"])
def test_the_number_of_a_column_fits_where_numbers_of_fields_are_kept(name: str, kind: str) -> None:
    assert 0 < column_id(name, kind) < 2**31


def test_another_type_is_another_column_and_another_name_another_table(catalog: Catalog) -> None:
    catalog.harvested("pg", [table(ORDERS, id="bigint", amount="integer")], AT)
    old = info(catalog, ORDERS)
    catalog.harvested("pg", [table(ORDERS, id="bigint", amount="varchar")], AT)
    new = info(catalog, ORDERS)
    assert new.uuid == old.uuid
    assert new.columns[0] == old.columns[0]
    assert new.columns[1].field_id != old.columns[1].field_id
    assert table_uuid(VISITS) != table_uuid(ORDERS)
    catalog.harvested("pg", [table(ORDERS, amount="integer", id="bigint")], AT)
    assert {c.name: c.field_id for c in info(catalog, ORDERS).columns} == {c.name: c.field_id for c in old.columns}


def test_what_is_gone_vanishes_and_one_schema_leaves_the_others_alone(catalog: Catalog) -> None:
    catalog.harvested("pg", [table(ORDERS, id="bigint"), table(VISITS, id="bigint")], AT)
    other = TableRef.parse("ch.public.orders")
    catalog.harvested("ch", [table(other, id="bigint")], AT)
    before = catalog.harvested("pg", [], AT, schema="sales")
    assert [known.ref for known in before] == [VISITS]
    assert [found.ref for found in catalog.tables()] == [other, ORDERS]
    assert catalog.table(VISITS) is None
    catalog.harvested("pg", [], AT)
    assert [found.ref for found in catalog.tables()] == [other]


def test_people_describe_them_and_keys_lead_to_and_from_the_lake(catalog: Catalog) -> None:
    plans = TableRef.parse("shop.plans")
    catalog.create(plans, pa.schema([("id", pa.int64())]))
    catalog.harvested("pg", [table(ORDERS, id="bigint", plan_id="bigint")], AT)
    key = ForeignKey(columns=("plan_id",), ref_table=plans, ref_columns=("id",))
    back = ForeignKey(columns=("id",), ref_table=ORDERS, ref_columns=("plan_id",))
    words = TableDescription(comment="Orders.", primary_key=("id",), foreign_keys=(key,), column_comments={"id": "No."})
    found = catalog.describe(ORDERS, words)
    assert (found.comment, found.primary_key, found.foreign_keys) == ("Orders.", ("id",), (key,))
    assert found.columns[0].comment == "No."
    assert catalog.description(ORDERS) == words
    catalog.describe(plans, TableDescription(foreign_keys=(back,)))
    assert info(catalog, plans).foreign_keys == (back,)
    catalog.harvested("pg", [], AT)
    assert info(catalog, plans).foreign_keys == ()
    catalog.harvested("pg", [table(ORDERS, id="bigint")], AT)
    assert info(catalog, plans).foreign_keys == (back,)
    assert info(catalog, ORDERS).comment == "Orders."
    assert info(catalog, ORDERS).foreign_keys == ()


def test_nothing_is_written_into_another_source(catalog: Catalog) -> None:
    catalog.harvested("pg", [table(ORDERS, id="bigint")], AT)
    rows = pa.table({"id": [1]})
    for write in (
        lambda: catalog.create(ORDERS, rows.schema),
        lambda: catalog.create(TableRef.parse("pg.public.mine"), rows.schema),
        lambda: catalog.append(ORDERS, rows),
        lambda: catalog.replace(ORDERS, rows),
        lambda: catalog.add_column(ORDERS, "more", pa.string()),
        lambda: catalog.widen_column(ORDERS, "id", pa.int64()),
        lambda: catalog.drop_column(ORDERS, "id"),
        lambda: catalog.rename_column(ORDERS, "id", "number"),
        lambda: catalog.drop(ORDERS),
    ):
        with pytest.raises(BadInput, match="only reads") as refused:
            write()
        assert "skipper harvest pg" in refused.value.hint
    assert [found.ref for found in catalog.tables()] == [ORDERS]
    with pytest.raises(NotFound):
        catalog.describe(TableRef.parse("pg.public.nosuch"), TableDescription())


def test_no_name_means_a_schema_and_a_catalog(catalog: Catalog) -> None:
    catalog.create(TableRef.parse("shop.plans"), pa.schema([("id", pa.int64())]))
    with pytest.raises(BadInput, match="could mean either"):
        catalog.harvested("shop", [table(TableRef.parse("shop.public.t"), id="bigint")], AT)
    catalog.harvested("pg", [table(ORDERS, id="bigint")], AT)
    with pytest.raises(BadInput, match="catalog of another source"):
        catalog.create(TableRef.parse("lake.pg.mine"), pa.schema([("id", pa.int64())]))
    assert len(catalog.tables()) == 2


def test_a_damaged_record_is_told(catalog: Catalog, state: sa.Engine) -> None:
    catalog.harvested("pg", [table(ORDERS, id="bigint")], AT)
    with writing(state) as connection:
        connection.execute(sa.update(FEDERATED_TABLES).values(columns="[{"))
        bump(connection, CATALOG)
    with pytest.raises(HomeError, match="catalog pg is damaged") as told:
        catalog.tables()
    assert "skipper harvest pg" in told.value.hint


def test_what_a_source_says_of_a_table_holds_until_somebody_writes_more(catalog: Catalog) -> None:
    column = FederatedColumn(name="id", type="bigint", comment="Number.")
    catalog.harvested("pg", [FederatedTable(ref=ORDERS, columns=(column,), comment="Of the source.")], AT)
    assert info(catalog, ORDERS).comment == "Of the source."
    catalog.describe(ORDERS, TableDescription(comment="Of a person.", column_comments={"id": "Which one."}))
    assert (info(catalog, ORDERS).comment, info(catalog, ORDERS).columns[0].comment) == ("Of a person.", "Which one.")
    catalog.harvested("pg", [FederatedTable(ref=ORDERS, columns=(column,), comment="Of the source again.")], AT)
    assert info(catalog, ORDERS).comment == "Of a person."
    catalog.describe(ORDERS, TableDescription())
    assert info(catalog, ORDERS).comment == "Of the source again."


def test_what_an_earlier_harvest_kept_is_read(catalog: Catalog, state: sa.Engine) -> None:
    catalog.harvested("pg", [table(ORDERS, id="bigint")], AT)
    before = info(catalog, ORDERS)
    with writing(state) as connection:
        connection.execute(sa.update(FEDERATED_TABLES).values(columns='[{"name": "id", "type": "bigint"}]'))
        bump(connection, CATALOG)
    assert info(catalog, ORDERS).columns == before.columns
