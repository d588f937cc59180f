"""Trino is answered for tables of other sources as for the lake's own, and the harvester finds and reads nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from tests.townlake.governance.test_trino_policy import REFUSED, Shelf, asked, table
from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod, ReviewState
from townlake.governance.trino_harvest import HARVESTER, harvester_may
from townlake.governance.trino_identities import TrinoIdentities
from townlake.governance.trino_policy import FILTER_USER, TrinoPolicy

PLANS = table_info("shop.plans", id="bigint")
ACCOUNTS = table_info("pg.public.accounts", id="bigint", email="varchar(40)", region="char(4)", shape="nosuch")
SECRETS = table_info("pg.public.secrets", token="varchar")
SCHEMA = {"schema": {"catalogName": "pg", "schemaName": "public"}}


@pytest.fixture
def identities(gov: Governance) -> TrinoIdentities:
    return TrinoIdentities(gov.state, gov.clock)


@pytest.fixture
def policy(gov: Governance, ann: Principal, identities: TrinoIdentities) -> TrinoPolicy:
    """Accounts are open but for `region`, which is closed, and `email`, which is masked; support sees EMEA."""
    gov.reviews.decide(ann, ACCOUNTS, ["id", "shape"], ReviewState.OPEN)
    gov.reviews.decide(ann, ACCOUNTS, ["email"], ReviewState.MASKED, mask=MaskMethod.DOMAIN)
    gov.grants.add("pg.public.accounts", "everyone", by=ann)
    gov.row_filters.add(ACCOUNTS, "support", "region = 'EMEA'", by=ann)
    shelf = Shelf((PLANS, ACCOUNTS, SECRETS))
    return TrinoPolicy(shelf, gov.policy, frozenset({"skipper"}), identities.principal)


@pytest.fixture
def harvester(identities: TrinoIdentities) -> str:
    return identities.identify(HARVESTER)


def column(name: str, kind: str, of: str = "accounts") -> dict[str, Any]:
    return {
        "column": {
            "catalogName": "pg",
            "schemaName": "public",
            "tableName": of,
            "columnName": name,
            "columnType": kind,
        }
    }


def lists(catalog: str) -> Iterable[dict[str, Any]]:
    return (table(f"{catalog}.information_schema.{name}", "table_name") for name in ("tables", "columns", "schemata"))


@pytest.mark.parametrize("operation", ["AccessCatalog", "ShowSchemas", "FilterCatalogs"])
def test_a_catalog_is_there_once_something_was_harvested_in_it(policy: TrinoPolicy, operation: str) -> None:
    answers = {
        name: policy.allow(asked(operation, catalog={"name": name})) for name in ("lake", "pg", "other", "system")
    }
    assert answers == {"lake": True, "pg": True, "other": False, "system": False}


def test_schemas_and_tables_are_found_in_their_own_catalog_only(policy: TrinoPolicy) -> None:
    def there(catalog: str, schema: str) -> bool:
        return policy.allow(asked("ShowTables", schema={"catalogName": catalog, "schemaName": schema}))

    assert there("pg", "public")
    assert there("pg", "information_schema")
    assert there("lake", "shop")
    assert not there("pg", "shop")
    assert not there("lake", "public")
    assert not there("other", "information_schema")
    found = [table(f"pg.public.{name}") for name in ("accounts", "secrets", "unharvested", "accounts$x")]
    assert policy.batch(asked("FilterTables", *found)) == [0, 1]
    assert policy.batch(asked("FilterTables", *lists("pg"))) == [0, 1, 2]
    assert policy.batch(asked("FilterTables", *lists("other"))) == []


def test_what_is_there_may_be_listed_by_whoever_is_somebody(
    policy: TrinoPolicy, identities: TrinoIdentities, gov: Governance
) -> None:
    for catalog, there in (("pg", True), ("lake", True), ("other", False)):
        for of in lists(catalog):
            for operation in ("SelectFromColumns", "ShowColumns"):
                assert policy.allow(asked(operation, **of)) == there, (operation, catalog)
            assert policy.batch(asked("FilterColumns", of)) == ([0] if there else [])
    assert not policy.allow(asked("SelectFromColumns"))
    assert policy.batch(asked("FilterColumns", {"catalog": {"name": "pg"}})) == []
    assert not policy.allow(asked("FindTable"))
    over = identities.identify(Principal(subject="eve"))
    gov.clock.move(hours=1)
    assert policy.batch(asked("FilterTables", table("pg.public.accounts"), by=over)) == []


def test_open_columns_are_read_and_no_other(policy: TrinoPolicy) -> None:
    assert policy.allow(asked("SelectFromColumns", **table("pg.public.accounts", "id", "email")))
    assert not policy.allow(asked("SelectFromColumns", **table("pg.public.accounts", "id", "region")))
    assert not policy.allow(asked("SelectFromColumns", **table("pg.public.secrets", "token")))
    assert not policy.allow(asked("SelectFromColumns", **table("lake.public.accounts", "id")))
    assert policy.batch(asked("FilterColumns", table("pg.public.accounts", "id", "region", "email", "extra"))) == [0, 2]
    assert policy.row_filters(asked("GetRowFilters", groups=["support"], **table("pg.public.accounts"))) == [
        {"expression": "\"region\" = 'EMEA'", "identity": FILTER_USER}
    ]
    assert policy.row_filters(asked("GetRowFilters", **table("pg.public.secrets"))) == [{"expression": "false"}]
    assert policy.allow(asked("SelectFromColumns", by=FILTER_USER, **table("pg.public.accounts", "region")))
    assert policy.allow(asked("AccessCatalog", by=FILTER_USER, catalog={"name": "pg"}))
    assert not policy.allow(asked("AccessCatalog", by=FILTER_USER, catalog={"name": "other"}))


def test_masks_are_laid_over_columns_that_are_as_they_were_harvested(policy: TrinoPolicy) -> None:
    found = policy.column_masks(
        asked(
            "GetColumnMask",
            column("id", "bigint"),
            column("email", "VARCHAR(40)"),
            column("region", "char(4)"),
            column("extra", "integer"),
        )
    )
    masks = {mask["index"]: mask["viewExpression"]["expression"] for mask in found}  # type: ignore[index]
    assert set(masks) == {1, 2, 3}
    assert "STRPOS" in masks[1]
    assert (masks[2], masks[3]) == ("CAST(NULL AS char(4))", "CAST(NULL AS integer)")


@pytest.mark.parametrize(("name", "kind"), [("id", "varchar"), ("email", "varchar(50)"), ("shape", "nosuch")])
def test_there_is_no_answer_for_a_column_of_another_type(policy: TrinoPolicy, name: str, kind: str) -> None:
    with pytest.raises(BadInput, match="when it was harvested") as told:
        policy.column_masks(asked("GetColumnMask", column(name, kind)))
    assert "skipper harvest pg" in told.value.hint
    closed = policy.column_masks(asked("GetColumnMask", column("region", "integer")))
    assert closed == [{"index": 0, "viewExpression": {"expression": "CAST(NULL AS integer)"}}]


def test_the_harvester_finds_everything_of_other_sources(policy: TrinoPolicy, harvester: str) -> None:
    for operation in ("AccessCatalog", "ShowSchemas", "FilterCatalogs"):
        assert policy.allow(asked(operation, by=harvester, catalog={"name": "unharvested"})), operation
    for operation in ("ShowTables", "FilterSchemas"):
        assert policy.allow(asked(operation, by=harvester, **SCHEMA)), operation
    found = [
        table(name) for name in ("pg.public.secrets", "new.any.thing", "lake.shop.plans", "system.runtime.queries")
    ]
    assert policy.batch(asked("FilterTables", *found, by=harvester)) == [0, 1]
    assert policy.batch(asked("FilterColumns", table("new.any.thing", "a", "b"), by=harvester)) == [0, 1]
    assert policy.batch(asked("FilterColumns", table("lake.shop.plans", "id"), by=harvester)) == []
    assert policy.allow(asked("ShowColumns", by=harvester, **table("new.any.thing")))
    assert policy.allow(asked("ExecuteQuery", by=harvester))
    limit = {"name": "query_max_run_time"}
    assert policy.allow(asked("SetSystemSessionProperty", by=harvester, systemSessionProperty=limit))
    for of in lists("new"):
        assert policy.allow(asked("SelectFromColumns", by=harvester, **of))
        assert policy.row_filters(asked("GetRowFilters", by=harvester, **of)) == []
        columns = {"column": of["table"] | {"columnName": "table_name", "columnType": "varchar"}}
        assert policy.column_masks(asked("GetColumnMask", columns, by=harvester)) == []
        assert policy.batch(asked("FilterColumns", of, by=harvester)) == [0]


def test_the_harvester_reads_no_row_and_does_nothing_else(policy: TrinoPolicy, harvester: str) -> None:
    for name in ("pg.public.accounts", "new.any.thing", "lake.shop.plans", "lake.information_schema.tables"):
        assert not policy.allow(asked("SelectFromColumns", by=harvester, **table(name))), name
        assert not policy.allow(asked("SelectFromColumns", by=harvester, **table(name, "id"))), name
    assert not policy.allow(asked("SelectFromColumns", by=harvester, **table("new.information_schema.roles", "x")))
    for catalog in ("lake", ""):
        assert not policy.allow(asked("AccessCatalog", by=harvester, catalog={"name": catalog}))
    for operation in ("FilterCatalogs", "ShowSchemas"):
        assert not policy.allow(asked(operation, by=harvester, catalog={"name": "system"}))
    for operation in REFUSED:
        for resource in (table("pg.public.accounts"), SCHEMA, {"catalog": {"name": "pg"}}, {}):
            assert not policy.allow(asked(operation, by=harvester, **resource)), operation
    assert not policy.allow(asked("ImpersonateUser", by=harvester, user={"user": "ann"}))


@pytest.mark.parametrize("kind", [PrincipalKind.USER, PrincipalKind.SERVICE])
def test_nobody_becomes_the_harvester_by_its_name(
    policy: TrinoPolicy, identities: TrinoIdentities, kind: PrincipalKind
) -> None:
    like = identities.identify(Principal(subject="harvester", kind=kind))
    for name in (like, "harvester", "harvester~made-up"):
        assert not policy.allow(asked("AccessCatalog", by=name, catalog={"name": "new"}))
        assert policy.batch(asked("FilterTables", table("new.any.thing"), by=name)) == []


def test_without_a_table_the_harvester_selects_nothing() -> None:
    assert not harvester_may("SelectFromColumns", "pg", None)


def test_the_harvester_alone_sets_how_a_connector_shows_types(policy: TrinoPolicy, harvester: str) -> None:
    def may(user: str, catalog: str, name: str) -> bool:
        wanted = {"catalogName": catalog, "propertyName": name}
        return policy.allow(asked("SetCatalogSessionProperty", by=user, catalogSessionProperty=wanted))

    assert may(harvester, "pg", "unsupported_type_handling")
    assert may(harvester, "pg", "map_string_as_varchar")
    assert not may(harvester, "pg", "write_batch_size")
    assert not may(harvester, "lake", "unsupported_type_handling")
    assert not may("eve", "pg", "unsupported_type_handling")
    assert not policy.allow(asked("SetCatalogSessionProperty", by=harvester))


def test_the_harvester_alone_reads_the_comments_of_tables(policy: TrinoPolicy, harvester: str) -> None:
    comments = table("system.metadata.table_comments", "catalog_name", "comment")
    others = [table(f"system.metadata.{name}", "catalog_name") for name in ("catalogs", "materialized_views")]
    others.append(table("system.runtime.queries", "query"))
    assert policy.allow(asked("SelectFromColumns", by=harvester, **comments))
    assert policy.batch(asked("FilterColumns", comments, by=harvester)) == [0, 1]
    assert policy.row_filters(asked("GetRowFilters", by=harvester, **comments)) == []
    assert not any(policy.allow(asked("SelectFromColumns", by=harvester, **each)) for each in others)
    assert not policy.allow(asked("DropTable", by=harvester, **comments))
    assert not policy.allow(asked("SelectFromColumns", **comments))
    assert policy.batch(asked("FilterColumns", comments)) == []
    assert policy.row_filters(asked("GetRowFilters", **comments)) == [{"expression": "false"}]
