"""No statement tells two lakes apart that differ only in what the caller may not see."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from tests.townlake.governance.guard.grammar import statements
from tests.townlake.governance.guard.lakes import ALICE, SHOP
from tests.townlake.governance.guard.statements import read_statements
from tests.townlake.governance.guard.worlds import build_worlds, outcome
from townlake.governance.guard.check import check

Worlds = tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    pair = build_worlds()
    yield pair
    for world in pair:
        world.close()


def test_the_worlds_do_differ(worlds: Worlds) -> None:
    for table in ("shop.customers", "crm.contacts", "hr.payroll"):
        first, second = (outcome(world, f"SELECT * FROM lake.{table}") for world in worlds)
        assert first != second


def test_no_statement_of_the_files_tells_the_worlds_apart(worlds: Worlds) -> None:
    ran = 0
    for statement in [*read_statements("hostile"), *read_statements("harmless")]:
        verdict = check(statement.sql, ALICE, SHOP, SHOP)
        if verdict.sql is None or "TABLESAMPLE" in verdict.sql or "LOCALTIMESTAMP" in verdict.sql:
            continue
        first, second = (outcome(world, verdict.sql) for world in worlds)
        assert first == second, statement.sql
        ran += first[0] == "rows"
    assert ran >= 150


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(sql=statements())
def test_no_generated_statement_tells_the_worlds_apart(worlds: Worlds, sql: str) -> None:
    verdict = check(sql, ALICE, SHOP, SHOP)
    assert {finding.code for finding in verdict.findings}.isdisjoint({"SQL040", "SQL041"}), (sql, verdict.findings)
    if verdict.sql is not None:
        first, second = (outcome(world, verdict.sql) for world in worlds)
        assert first == second, sql


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(sql=statements())
def test_hidden_and_missing_read_alike_wherever_they_stand(sql: str) -> None:
    renamed = sql.replace("ssn", "zzz").replace("secret_plans", "nothing_here")
    findings = [check(text, ALICE, SHOP, SHOP).findings for text in (sql, renamed)]
    said = [
        [(f.code, _anonymous(f.message), _anonymous(f.hint)) for f in each if f.code.startswith("NAM")]
        for each in findings
    ]
    assert said[0] == said[1]


def _anonymous(text: str) -> str:
    for name in ("secret_plans", "nothing_here", "ssn", "zzz"):
        text = text.replace(name, "?")
    return text
