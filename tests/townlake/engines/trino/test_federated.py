"""Tables of other sources: read as they are, refused by the embedded engine, and told when they changed."""

from __future__ import annotations

import pytest
from trino.exceptions import TrinoQueryError, TrinoUserError

from townlake.domain.names import TableRef
from townlake.domain.verdict import Scan
from townlake.engines.dialect.translate import translate
from townlake.engines.trino.failures import changed_source, run_failure
from townlake.engines.trino.pinning import pinned

SQL = 'SELECT 1 FROM "lake"."shop"."plans" AS "p" CROSS JOIN "pg"."public"."accounts" AS "a"'
OPA = "OPA server returned status 500 when processing policy http://127.0.0.1:1/trino/column-masks: ..."


def scan(name: str, snapshot_id: int | None) -> Scan:
    return Scan(table=TableRef.parse(name), table_uuid="", metadata_location="", snapshot_id=snapshot_id, columns=())


PLANS, ACCOUNTS = scan("shop.plans", 7), scan("pg.public.accounts", None)


def test_only_tables_of_the_lake_have_versions() -> None:
    assert pinned(SQL, (PLANS, ACCOUNTS)) == (
        'SELECT 1 FROM "lake"."shop"."plans" FOR VERSION AS OF 7 AS "p" CROSS JOIN "pg"."public"."accounts" AS "a"'
    )


def test_the_embedded_engine_says_who_reads_it() -> None:
    made = translate(SQL, (PLANS, ACCOUNTS))
    assert made.refused
    (finding,) = made.findings
    assert finding.code == "DIA009"
    assert "pg.public.accounts" in finding.message
    assert "Trino" in finding.hint


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        ("COLUMN_NOT_FOUND", "line 1:8: Column 'x' cannot be resolved", True),
        ("TABLE_NOT_FOUND", "no table", True),
        ("GENERIC_INTERNAL_ERROR", OPA, True),
        ("GENERIC_INTERNAL_ERROR", "something else", False),
        ("DIVISION_BY_ZERO", "Division by zero", False),
    ],
)
def test_a_source_that_changed_is_told_with_what_to_do(name: str, message: str, told: bool) -> None:
    error: TrinoQueryError = TrinoUserError({"errorName": name, "errorType": "USER_ERROR", "message": message})
    assert changed_source(error, (PLANS.table,)) is None
    found = changed_source(error, (PLANS.table, ACCOUNTS.table))
    assert (found is not None) == told
    if found is not None:
        assert found.code == "DIA010"
        assert "skipper harvest pg" in found.hint
        assert message not in found.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("JDBC_ERROR", "A source behind Trino"),
        ("DECODER_CONVERSION_NOT_SUPPORTED", "A message of the source"),
        ("GENERIC_INTERNAL_ERROR", "Trino failed"),
    ],
)
def test_what_a_source_says_of_values_does_not_reach_the_caller(name: str, says: str) -> None:
    text = "Cannot parse string 'Zw9-private-value' as Int64"
    error = TrinoQueryError({"errorName": name, "errorType": "EXTERNAL", "message": text})
    found = run_failure(error, "q", 60)
    assert found.message.startswith(says)
    assert "Zw9" not in found.message + found.hint
    assert found.hint
