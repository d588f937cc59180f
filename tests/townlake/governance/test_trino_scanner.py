"""What Trino lets the scanner read: raw rows of other sources that a harvest found, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.catalog.federated import column_id
from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.scanner import SCANNER
from townlake.governance.trino_policy import TrinoPolicy
from townlake.governance.trino_requests import Asked

NAME = "skimmer~1"
OF_SOURCE = table_info("pg.crm.people", mail="varchar", id="bigint").model_copy(
    update={
        "columns": (ColumnInfo(name="mail", type="varchar", field_id=column_id("mail", "varchar")),),
    }
)


class Known:
    """A catalog of one table of the lake and one of another source."""

    def __init__(self, *tables: TableInfo) -> None:
        self._tables = {table.ref: table for table in tables}

    def table(self, ref: Any) -> TableInfo | None:
        return self._tables.get(ref)

    def catalogs(self) -> set[str]:
        return {ref.catalog for ref in self._tables}

    def in_schema(self, catalog: str, namespace: str) -> list[TableInfo]:
        return [t for r, t in self._tables.items() if (r.catalog, r.namespace) == (catalog, namespace)]


@pytest.fixture
def policy(gov: Governance, contacts: TableInfo) -> TrinoPolicy:
    return TrinoPolicy(Known(OF_SOURCE, contacts), gov.policy, frozenset({"skipper"}), {NAME: SCANNER}.get)


def table(catalog: str = "pg", schema: str = "crm", name: str = "people", **more: Any) -> dict[str, Any]:
    return {"table": {"catalogName": catalog, "schemaName": schema, "tableName": name, **more}}


def asked(operation: str, resource: dict[str, Any], user: str = NAME, **more: Any) -> Asked:
    action = {"operation": operation, "resource": resource, **more}
    return Asked.model_validate({"context": {"identity": {"user": user}}, "action": action})


def masks(policy: TrinoPolicy, user: str = NAME, kind: str = "varchar", **names: str) -> list[dict[str, object]]:
    column = table(**names)["table"] | {"columnName": "mail", "columnType": kind}
    return policy.column_masks(asked("GetColumnMask", {}, user, filterResources=[{"column": column}]))


def test_it_reads_a_source_raw_and_whole(policy: TrinoPolicy) -> None:
    assert policy.allow(asked("ExecuteQuery", {}))
    assert policy.allow(asked("AccessCatalog", {"catalog": {"name": "pg"}}))
    assert policy.allow(asked("SelectFromColumns", table(columns=["mail"])))
    assert policy.row_filters(asked("GetRowFilters", table())) == []
    assert masks(policy) == []


@pytest.mark.parametrize(
    "closed",
    [
        table("lake", "crm", "contacts"),
        table("pg", "crm", "unknown"),
        table("pg", "information_schema", "tables"),
        table("system", "runtime", "queries"),
        table("pg", "crm", "people$data"),
    ],
)
def test_it_reads_nothing_else(policy: TrinoPolicy, closed: dict[str, Any]) -> None:
    assert not policy.allow(asked("SelectFromColumns", closed))
    for operation in ("InsertIntoTable", "DeleteFromTable", "ShowColumns", "FilterTables", "CreateTable"):
        assert not policy.allow(asked(operation, closed))


def test_the_lake_stays_masked_for_it(policy: TrinoPolicy) -> None:
    assert masks(policy, catalog="lake", schema="crm", name="contacts") != []
    assert policy.row_filters(asked("GetRowFilters", table("lake", "crm", "contacts"))) == [{"expression": "false"}]


def test_nobody_else_gets_raw_rows(policy: TrinoPolicy) -> None:
    for user in ("skimmer", "skipper", "skimmer~2", "ann"):
        assert not policy.allow(asked("SelectFromColumns", table(columns=["mail"]), user))
        assert masks(policy, user) != []


def test_a_person_called_skimmer_is_not_the_scanner(gov: Governance) -> None:
    person = TrinoPolicy(Known(OF_SOURCE), gov.policy, frozenset(), {NAME: Principal(subject="skimmer")}.get)
    assert not person.allow(asked("SelectFromColumns", table(columns=["mail"])))


def test_a_column_of_another_type_than_harvested_is_not_read(policy: TrinoPolicy) -> None:
    with pytest.raises(BadInput, match="harvested"):
        masks(policy, kind="bigint")


def test_of_a_wide_table_it_is_found_out_once_what_the_scanner_reads(gov: Governance) -> None:
    asked_for = list[str]()

    def identified(user: str) -> Principal:
        asked_for.append(user)
        return SCANNER

    policy = TrinoPolicy(Known(OF_SOURCE), gov.policy, frozenset(), identified)
    column = table()["table"] | {"columnName": "mail", "columnType": "varchar"}
    wide = [{"column": column}] * 1_000
    assert policy.column_masks(asked("GetColumnMask", {}, filterResources=wide)) == []
    assert len(asked_for) < 10


def test_where_callers_log_in_nobody_scans(gov: Governance) -> None:
    own = TrinoPolicy(Known(OF_SOURCE), gov.policy, frozenset(), {NAME: SCANNER}.get, do_callers_log_in=True)
    assert not own.allow(asked("SelectFromColumns", table(columns=["mail"])))
    assert masks(own) != []
