"""Trino is answered from the policy, and no is the answer to everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.trino_policy import FILTER_USER, TrinoPolicy
from townlake.governance.trino_requests import Asked

CONTACTS = table_info("crm.contacts", id="bigint", email="varchar", region="varchar", born="date")
SECRETS = table_info("crm.secrets", id="bigint", token="varchar")
PAYROLL = table_info("hr.payroll", restricted=True, id="bigint", salary="decimal(12,2)")
_OPERATIONS = """
AddColumn AlterColumn CreateCatalog CreateFunction CreateMaterializedView CreateSchema CreateTable CreateView
CreateViewWithSelectFromColumns DeleteFromTable DropCatalog DropColumn DropFunction DropMaterializedView
DropSchema DropTable DropView ExecuteFunction ExecuteProcedure ExecuteTableProcedure FilterFunctions
InsertIntoTable ReadSystemInformation RefreshMaterializedView RenameColumn RenameMaterializedView RenameSchema
RenameTable RenameView SetCatalogSessionProperty SetColumnComment SetSchemaAuthorization
SetSystemSessionProperty SetTableAuthorization SetTableComment SetTableProperties SetViewAuthorization
SetViewComment ShowCreateSchema ShowCreateTable ShowFunctions TruncateTable UpdateTableColumns
WriteSystemInformation SomethingOfNextYear
"""
REFUSED = _OPERATIONS.split()


class Shelf:
    """A catalog of these tables."""

    def __init__(self, tables: Iterable[TableInfo]) -> None:
        self._tables = {info.ref: info for info in tables}

    def table(self, ref: TableRef) -> TableInfo | None:
        return self._tables.get(ref)

    def catalogs(self) -> set[str]:
        return {ref.catalog for ref in self._tables}

    def in_schema(self, catalog: str, namespace: str) -> list[TableInfo]:
        return [info for ref, info in self._tables.items() if (ref.catalog, ref.namespace) == (catalog, namespace)]


@pytest.fixture
def policy(gov: Governance, ann: Principal) -> TrinoPolicy:
    """Contacts are open but for `region`, which is closed, `email` and `born`, which are masked; support sees EMEA."""
    for names, state, mask in (
        (("id",), ReviewState.OPEN, None),
        (("email",), ReviewState.MASKED, MaskMethod.DOMAIN),
        (("born",), ReviewState.MASKED, MaskMethod.YEAR),
        (("region",), ReviewState.DENIED, None),
    ):
        gov.reviews.decide(ann, CONTACTS, names, state, mask=mask)
    gov.grants.add("crm.contacts", "everyone", by=ann)
    gov.grants.add_unmasked("crm.contacts", "dpo", by=ann, tables=[CONTACTS])
    gov.row_filters.add(CONTACTS, "support", "region = 'EMEA'", by=ann)
    return TrinoPolicy(Shelf((CONTACTS, SECRETS, PAYROLL)), gov.policy, frozenset({"skipper"}))


def asked(
    operation: str, *filters: dict[str, Any], by: str = "eve", groups: Iterable[str] = (), **resource: Any
) -> Asked:
    """A request as Trino 476 sends it."""
    return Asked.model_validate(
        {
            "context": {
                "identity": {"user": by, "groups": list(groups)},
                "softwareStack": {"trinoVersion": "476"},
            },
            "action": {"operation": operation, "resource": resource, "filterResources": list(filters)},
        }
    )


def table(name: str, *columns: str) -> dict[str, Any]:
    catalog, schema, of = name.split(".", 2)
    return {"table": {"catalogName": catalog, "schemaName": schema, "tableName": of, "columns": list(columns)}}


def column(name: str, type_: str = "varchar", of: str = "lake.crm.contacts") -> dict[str, Any]:
    return {"column": table(of)["table"] | {"columnName": name, "columnType": type_}}


@pytest.mark.parametrize("operation", REFUSED)
def test_what_is_not_listed_is_refused(policy: TrinoPolicy, operation: str) -> None:
    everything = table("lake.crm.contacts", "id") | {
        "catalog": {"name": "lake"},
        "schema": {"catalogName": "lake", "schemaName": "crm"},
        "user": {"user": "eve", "groups": []},
        "function": {"catalogSchema": {"catalogName": "system", "schemaName": "builtin"}, "functionName": "lower"},
    }
    for user in ("eve", "skipper", FILTER_USER):
        assert policy.allow(asked(operation, by=user, **everything)) is False
        assert policy.batch(asked(operation, everything, by=user)) == []


@pytest.mark.parametrize(
    ("columns", "may"),
    [
        (("id",), True),
        (("id", "email", "born"), True),
        ((), True),
        (("region",), False),
        (("id", "region"), False),
        (("x",), False),
    ],
)
def test_columns_that_exist_for_the_caller_are_read(policy: TrinoPolicy, columns: tuple[str, ...], may: bool) -> None:
    assert policy.allow(asked("SelectFromColumns", **table("lake.crm.contacts", *columns))) is may


@pytest.mark.parametrize(
    "name",
    [
        "lake.crm.secrets",
        "lake.hr.payroll",
        "lake.crm.none",
        "lake.crm.contacts$files",
        "lake.crm.contacts$snapshots",
        "lake.information_schema.views",
        "lake.information_schema.roles",
        "system.runtime.queries",
        "system.metadata.table_comments",
        "tpch.tiny.nation",
        "pg.crm.contacts",
    ],
)
def test_no_other_table_is_read(policy: TrinoPolicy, name: str) -> None:
    for columns in ((), ("id",)):
        assert policy.allow(asked("SelectFromColumns", **table(name, *columns))) is False
    assert policy.allow(asked("ShowColumns", **table(name))) is False
    assert policy.row_filters(asked("GetRowFilters", **table(name))) == [{"expression": "false"}]
    (mask,) = policy.column_masks(asked("GetColumnMask", column("id", "bigint", name)))
    assert mask == {"index": 0, "viewExpression": {"expression": "CAST(NULL AS bigint)"}}


def test_masked_columns_read_masked_and_closed_ones_read_null(policy: TrinoPolicy) -> None:
    columns = [column("id", "bigint"), column("email"), column("born", "date"), column("region"), column("new", "real")]
    masks = policy.column_masks(asked("GetColumnMask", *columns))
    told = {mask["index"]: mask["viewExpression"] for mask in masks}
    assert list(told) == [1, 2, 3, 4]
    assert "strpos" in str(told[1]).lower()
    assert "date_trunc" in str(told[2]).lower()
    assert told[3] == {"expression": "CAST(NULL AS varchar)"}
    assert told[4] == {"expression": "CAST(NULL AS real)"}
    (short,) = policy.column_masks(asked("GetColumnMask", column("email", "varchar(25)")))
    assert str(short["viewExpression"]).lower().endswith("as varchar(25))'}")
    clear = policy.column_masks(asked("GetColumnMask", *columns[:3], groups=["dpo"]))
    assert clear == []


def test_rows_are_filtered_by_an_identity_that_reads_what_the_caller_does_not(policy: TrinoPolicy) -> None:
    wanted = table("lake.crm.contacts")
    assert policy.row_filters(asked("GetRowFilters", **wanted)) == []
    (found,) = policy.row_filters(asked("GetRowFilters", groups=["support"], **wanted))
    assert found["identity"] == FILTER_USER
    assert "region" in found["expression"]
    assert "EMEA" in found["expression"]


def test_nobody_is_the_identity_of_row_filters(policy: TrinoPolicy) -> None:

    assert policy.allow(asked("SelectFromColumns", **table("lake.crm.contacts", "region"), by=FILTER_USER))
    assert policy.allow(asked("AccessCatalog", catalog={"name": "lake"}, by=FILTER_USER))
    assert policy.row_filters(asked("GetRowFilters", **table("lake.crm.contacts"), by=FILTER_USER)) == []
    assert policy.column_masks(asked("GetColumnMask", column("email"), by=FILTER_USER)) == []
    assert not policy.allow(asked("ExecuteQuery", by=FILTER_USER))
    assert not policy.allow(
        asked("SelectFromColumns", **table("lake.information_schema.tables", "table_name"), by=FILTER_USER)
    )
    assert not policy.allow(impersonate("skipper", FILTER_USER))


def impersonate(caller: str, person: str) -> Asked:
    request = {"context": {"identity": {"user": caller, "groups": []}}}
    return Asked.model_validate(
        request | {"action": {"operation": "ImpersonateUser", "resource": {"user": {"user": person}}}}
    )


def test_nobody_acts_as_a_person_by_their_own_name(policy: TrinoPolicy) -> None:
    for caller, person in (
        ("eve", "ann"),
        ("skipper", "ann"),
        ("skipper", "skipper"),
        ("ann", "skipper"),
        ("skipper", FILTER_USER),
        ("skipper", ""),
    ):
        assert not policy.allow(impersonate(caller, person)), (caller, person)


def test_queries_of_others_are_neither_seen_nor_killed(policy: TrinoPolicy) -> None:
    def about(operation: str, owner: str) -> Asked:
        found = impersonate("eve", owner).model_dump(by_alias=True)
        return Asked.model_validate(found | {"action": found["action"] | {"operation": operation}})

    for operation in ("ViewQueryOwnedBy", "KillQueryOwnedBy", "FilterViewQueryOwnedBy"):
        assert policy.allow(about(operation, "eve"))
        assert not policy.allow(about(operation, "ann"))
    owners = [{"user": {"user": name, "groups": []}} for name in ("ann", "eve", "skipper")]
    assert policy.batch(asked("FilterViewQueryOwnedBy", *owners)) == [1]


def test_what_is_listed_is_what_may_be_found(policy: TrinoPolicy) -> None:
    catalogs = [{"catalog": {"name": name}} for name in ("system", "lake", "tpch")]
    assert policy.batch(asked("FilterCatalogs", *catalogs)) == [1]
    schemas = [
        {"schema": {"catalogName": "lake", "schemaName": name}} for name in ("crm", "hr", "information_schema", "x")
    ]
    assert policy.batch(asked("FilterSchemas", *schemas)) == [0, 2]
    names = ("crm.contacts", "crm.secrets", "hr.payroll", "crm.contacts$files", "information_schema.tables", "crm.none")
    assert policy.batch(asked("FilterTables", *(table(f"lake.{name}") for name in names))) == [0, 1, 4]
    assert policy.batch(asked("FilterColumns", table("lake.crm.contacts", "born", "region", "id", "email"))) == [
        0,
        2,
        3,
    ]
    assert policy.batch(asked("FilterColumns", table("lake.crm.secrets", "id", "token"))) == []
    two = (table("lake.crm.contacts", "region"), table("lake.crm.contacts", "id"))
    assert policy.batch(asked("FilterColumns", *two)) == []
    assert policy.allow(asked("FilterTables", **table("lake.crm.contacts")))
    assert not policy.allow(asked("FilterColumns", **table("lake.crm.contacts", "region")))


def test_a_decision_holds_from_the_next_question_on(policy: TrinoPolicy, gov: Governance, ann: Principal) -> None:
    wanted = asked("SelectFromColumns", **table("lake.crm.contacts", "id"))
    assert policy.allow(wanted)
    gov.grants.remove("crm.contacts", "everyone", by=ann)
    assert not policy.allow(wanted)
    assert policy.allow(asked("SelectFromColumns", groups=["dpo"], **table("lake.crm.contacts", "id")))


def test_what_is_no_request_is_no_request() -> None:
    for text in ({}, {"context": {}}, {"context": {"identity": {"user": 3}}, "action": {"operation": "ExecuteQuery"}}):
        with pytest.raises(ValueError, match="validation error"):
            Asked.model_validate(text)
