"""The canary sees one list of the lake, with a column masked, one closed and rows filtered, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.townlake.governance.conftest import Governance
from tests.townlake.governance.test_trino_policy import CONTACTS, Shelf, asked, table
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.governance.trino_canary import CANARY
from townlake.governance.trino_identities import TrinoIdentities
from townlake.governance.trino_policy import TrinoPolicy

LISTS = "lake.information_schema"


@pytest.fixture
def policy(gov: Governance, ann: Principal) -> TrinoPolicy:
    gov.reviews.decide(ann, CONTACTS, ["id"], ReviewState.OPEN)
    gov.grants.add("crm.contacts", "everyone", by=ann)
    return TrinoPolicy(Shelf((CONTACTS,)), gov.policy, identified=TrinoIdentities(gov.state, gov.clock).principal)


@pytest.fixture
def canary(gov: Governance) -> str:
    return TrinoIdentities(gov.state, gov.clock).identify(CANARY)


def column(name: str, of: str, schema: str = "information_schema") -> dict[str, Any]:
    names = {"catalogName": "lake", "schemaName": schema, "tableName": of, "columnName": name}
    return {"column": names | {"columnType": "varchar"}}


@pytest.mark.parametrize(
    ("name", "columns", "may"),
    [
        (f"{LISTS}.schemata", ("schema_name",), True),
        (f"{LISTS}.schemata", (), True),
        (f"{LISTS}.schemata", ("schema_name", "catalog_name"), False),
        (f"{LISTS}.tables", ("table_name", "table_schema"), True),
        (f"{LISTS}.columns", (), False),
        ("lake.crm.contacts", ("id",), False),
        ("lake.crm.schemata", ("schema_name",), False),
        ("pg.information_schema.schemata", ("schema_name",), False),
        ("system.runtime.nodes", (), False),
    ],
)
def test_it_reads_two_lists(policy: TrinoPolicy, canary: str, name: str, columns: tuple[str, ...], may: bool) -> None:
    assert policy.allow(asked("SelectFromColumns", by=canary, **table(name, *columns))) is may


def test_it_finds_no_table_of_the_lake(policy: TrinoPolicy, canary: str) -> None:
    assert policy.allow(asked("ExecuteQuery", by=canary))
    assert policy.allow(asked("AccessCatalog", by=canary, catalog={"name": "lake"}))
    assert not policy.allow(asked("AccessCatalog", by=canary, catalog={"name": "system"}))
    schemas = ({"schema": {"catalogName": "lake", "schemaName": name}} for name in ("information_schema", "crm"))
    assert policy.batch(asked("FilterSchemas", *schemas, by=canary)) == [0]
    tables = (table(f"{LISTS}.tables"), table("lake.crm.contacts"))
    assert policy.batch(asked("FilterTables", *tables, by=canary)) == [0]
    for operation in ("InsertIntoTable", "ImpersonateUser", "CreateTable", "SetCatalogSessionProperty"):
        assert not policy.allow(asked(operation, by=canary, **table(f"{LISTS}.schemata")))


def test_a_column_is_masked_and_rows_are_filtered(policy: TrinoPolicy, canary: str) -> None:
    asks = (column("schema_name", "schemata"), column("table_name", "tables"), column("id", "contacts", "crm"))
    assert policy.column_masks(asked("GetColumnMask", *asks, by=canary)) == [
        {"index": 0, "viewExpression": {"expression": "'[canary]'"}},
        {"index": 2, "viewExpression": {"expression": "NULL"}},
    ]
    assert policy.row_filters(asked("GetRowFilters", by=canary, **table(f"{LISTS}.schemata"))) == []
    (found,) = policy.row_filters(asked("GetRowFilters", by=canary, **table(f"{LISTS}.tables")))
    assert found == {"expression": "table_name = 'tables'"}
    closed = policy.row_filters(asked("GetRowFilters", by=canary, **table("lake.crm.contacts")))
    assert closed == [{"expression": "false"}]


def test_a_person_of_that_name_is_somebody_else(policy: TrinoPolicy, gov: Governance) -> None:
    person = TrinoIdentities(gov.state, gov.clock).identify(Principal(subject="canary"))
    for name in ("canary", person):
        assert policy.allow(asked("SelectFromColumns", by=name, **table("lake.crm.contacts", "id")))
        assert policy.column_masks(asked("GetColumnMask", column("schema_name", "schemata"), by=name)) == []
