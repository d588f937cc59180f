"""Tables of other sources are written with three parts, and are otherwise like any other."""

from __future__ import annotations

import pytest

from tests.townlake.governance.guard.lakes import ALICE, FakeLake, table
from townlake.domain.names import TableRef
from townlake.domain.review import MaskMethod
from townlake.domain.verdict import Verdict
from townlake.governance.guard.check import check

ACCOUNTS = TableRef.parse("pg.public.accounts")
LAKE = FakeLake(
    (
        table("shop.plans", "account_id bigint; plan varchar"),
        table("public.visits", "id bigint"),
        table("pg.public.accounts", "id bigint; email varchar(40); region char(4); hush varchar"),
        table("pg.public.secrets", "token varchar"),
    ),
    hidden=frozenset({"pg.public.accounts.hush", "pg.public.secrets"}),
    masks={"pg.public.accounts.email": MaskMethod.REDACT},
    filters={"pg.public.accounts": ("\"region\" = 'EMEA'",)},
)


def _check(sql: str) -> Verdict:
    return check(sql, ALICE, LAKE, LAKE)


def test_it_is_joined_with_the_lake_below_its_masks_and_filters() -> None:
    verdict = _check(
        "SELECT p.plan, a.email FROM shop.plans p JOIN PG.Public.accounts a ON a.id = p.account_id WHERE a.id > 1"
    )
    assert verdict.passed, verdict.findings
    assert verdict.sql is not None
    assert "CAST('[redacted]' AS VARCHAR(40)) AS \"email\"" in verdict.sql
    assert '"pg"."public"."accounts" WHERE "region" = \'EMEA\'' in verdict.sql
    assert [str(scan.table) for scan in verdict.scans] == ["lake.shop.plans", "pg.public.accounts"]
    assert verdict.row_filtered == (ACCOUNTS,)
    assert [column.masked for column in verdict.columns] == [False, True]


def test_its_columns_answer_to_its_full_name() -> None:
    assert _check("SELECT pg.public.accounts.id FROM pg.public.accounts").passed
    assert not _check("SELECT lake.public.accounts.id FROM pg.public.accounts").passed


@pytest.mark.parametrize(
    "name",
    ["public.accounts", "lake.public.accounts", "pg.public.secrets", "pg.public.nosuch", "other.public.accounts"],
)
def test_two_parts_stay_the_lake_s_and_closed_is_not_there(name: str) -> None:
    (finding,) = _check(f"SELECT * FROM {name}").findings
    assert finding.code == "NAM001"


def test_a_closed_column_is_not_there() -> None:
    assert [finding.code for finding in _check("SELECT hush FROM pg.public.accounts").findings] == ["NAM002"]


@pytest.mark.parametrize(
    ("sql", "there", "not_there"),
    [
        ("SHOW TABLES FROM pg.public", "'accounts'", "secrets"),
        ("SHOW SCHEMAS FROM pg", "'public'", "shop"),
        ("SHOW SCHEMAS", "'shop'", "pg"),
        ("SHOW TABLES FROM public", "'visits'", "accounts"),
        ("SHOW TABLES", "'public.visits'", "accounts"),
        ("DESCRIBE pg.public.accounts", "'masked'", "hush"),
        ("SELECT table_name FROM pg.information_schema.tables", "'accounts'", "visits"),
        ("SELECT table_name FROM information_schema.tables", "'visits'", "accounts"),
        ("SELECT column_name FROM pg.information_schema.columns", "'region'", "hush"),
    ],
)
def test_what_is_there_is_told_catalog_by_catalog(sql: str, there: str, not_there: str) -> None:
    verdict = _check(sql)
    assert verdict.sql is not None, verdict.findings
    assert there in verdict.sql
    assert not_there not in verdict.sql


@pytest.mark.parametrize("sql", ["SELECT * FROM TABLE(pg.system.query(query => 'SELECT 1'))", "DELETE FROM pg.a.b"])
def test_nothing_is_passed_through(sql: str) -> None:
    assert not _check(sql).passed
