"""Who brought a table's rows is kept beside its description, whatever that says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from townlake.catalog.catalog import Catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.federated import FederatedColumn, FederatedTable
from townlake.domain.errors import HomeError
from townlake.domain.names import TableRef

AT = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS = TableRef.parse("shop.orders")
ACCOUNTS = TableRef.parse("crm.public.accounts")
ROWS = pa.table({"id": [1, 2]})


def loaders(catalog: Catalog, ref: TableRef = ORDERS) -> tuple[str, ...]:
    info = catalog.table(ref)
    assert info is not None
    return info.loaded_by


def accounts(**columns: str) -> list[FederatedTable]:
    kept = tuple(FederatedColumn(name=name, type=kind) for name, kind in columns.items())
    return [FederatedTable(ref=ACCOUNTS, columns=kept)]


def test_whoever_makes_a_table_or_brings_rows_is_known_once(catalog: Catalog) -> None:
    assert catalog.create(ORDERS, ROWS.schema, by="ada").loaded_by == ("ada",)
    assert catalog.append(ORDERS, ROWS, by="Ada").loaded_by == ("ada",)
    assert catalog.append(ORDERS, ROWS, by="bob").loaded_by == ("ada", "bob")
    assert catalog.replace(ORDERS, ROWS, by="eve").loaded_by == ("ada", "bob", "eve")
    assert catalog.append(ORDERS, ROWS).loaded_by == ("ada", "bob", "eve")


def test_no_description_and_no_rename_takes_it_back(catalog: Catalog) -> None:
    catalog.create(ORDERS, ROWS.schema, TableDescription(owner="sales"), by="ada")
    told = catalog.describe(ORDERS, TableDescription(owner="a-stranger"))
    assert (told.owner, told.loaded_by) == ("a-stranger", ("ada",))
    catalog.describe(ORDERS, TableDescription())
    catalog.rename_column(ORDERS, "id", "number")
    assert loaders(catalog) == ("ada",)
    assert catalog.description(ORDERS) == TableDescription()


def test_of_a_table_that_nobody_is_known_to_have_loaded_whoever_brings_rows_is_known(catalog: Catalog) -> None:
    assert catalog.create(ORDERS, ROWS.schema).loaded_by == ()
    assert catalog.append(ORDERS, ROWS, by="bob").loaded_by == ("bob",)


def test_whoever_is_about_to_bring_rows_is_known_before_they_are_there(catalog: Catalog) -> None:
    catalog.create(ORDERS, ROWS.schema)

    def broken() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            yield ROWS.to_batches()[0]
            assert loaders(catalog) == ("bob",)
            raise OSError("the source went away")

        return pa.RecordBatchReader.from_batches(ROWS.schema, batches())

    with pytest.raises(HomeError):
        catalog.append(ORDERS, broken(), by="bob")
    assert catalog.batches(ORDERS) == frozenset()
    assert loaders(catalog) == ("bob",)


def test_a_table_that_is_made_anew_is_another_one(catalog: Catalog) -> None:
    catalog.create(ORDERS, ROWS.schema, by="ada")
    catalog.drop(ORDERS)
    assert catalog.create(ORDERS, ROWS.schema, by="bob").loaded_by == ("bob",)


def test_whoever_harvests_is_known_for_what_was_new(catalog: Catalog) -> None:
    catalog.harvested("crm", accounts(id="bigint"), AT, by="ada")
    catalog.harvested("crm", accounts(id="bigint"), AT, by="bob")
    assert loaders(catalog, ACCOUNTS) == ("ada",)
    catalog.harvested("crm", accounts(id="bigint", email="varchar"), AT, by="bob")
    assert loaders(catalog, ACCOUNTS) == ("ada", "bob")
    catalog.harvested("crm", [], AT, by="eve")
    catalog.harvested("crm", accounts(id="bigint"), AT, by="eve")
    assert loaders(catalog, ACCOUNTS) == ("ada", "bob", "eve")
