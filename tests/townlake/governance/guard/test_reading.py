"""Types and traps are part of the verdict, and know no more of a table than the caller."""

from collections.abc import Mapping
from typing import Any

from tests.townlake.governance.guard.lakes import ALICE, SHOP, FakeLake, table
from townlake.domain.finding import Severity
from townlake.domain.names import TableRef
from townlake.domain.table import ForeignKey, TableInfo
from townlake.domain.verdict import Verdict
from townlake.governance.guard.check import check

ORDERS = table("a.orders", "id bigint; total double")
LINES = table("a.lines", "id bigint; order_id bigint; amount double")
FAN_OUT = "SELECT sum(o.total) FROM a.orders o JOIN a.lines l ON l.order_id = o.id"


def _with_keys(info: TableInfo, **keys: Any) -> TableInfo:
    return info.model_copy(update=keys)


def _codes(verdict: Verdict) -> Mapping[str, Severity]:
    return {finding.code: finding.severity for finding in verdict.findings}


def _lake(hidden: frozenset[str] = frozenset()) -> FakeLake:
    points = ForeignKey(columns=("order_id",), ref_table=TableRef.parse("a.orders"), ref_columns=("id",))
    return FakeLake(
        [_with_keys(ORDERS, primary_key=("id",)), _with_keys(LINES, primary_key=("id",), foreign_keys=(points,))],
        hidden=hidden,
    )


def test_every_column_of_the_result_has_trino_s_type() -> None:
    verdict = check(
        "SELECT id, total * 2 AS t, email, count(*) OVER () FROM shop.orders JOIN shop.customers USING (id)",
        ALICE,
        SHOP,
        SHOP,
    )
    assert [(column.name, column.type, column.masked) for column in verdict.columns] == [
        ("id", "bigint", False),
        ("t", "decimal(22,2)", False),
        ("email", "varchar", True),
        ("_col3", "bigint", False),
    ]


def test_what_trino_s_analyzer_refuses_does_not_run() -> None:
    verdict = check("SELECT id + note FROM shop.orders", ALICE, SHOP, SHOP)
    assert not verdict.passed
    assert verdict.sql is None
    assert [finding.error for finding in verdict.findings] == ["TYPE_MISMATCH"]


def test_a_trap_is_a_warning_beside_the_text_that_runs() -> None:
    verdict = check("SELECT 1.0 * count(*) / 3 FROM shop.orders", ALICE, SHOP, SHOP)
    assert verdict.passed
    assert set(_codes(verdict).values()) == {Severity.WARNING}


def test_a_join_that_repeats_rows_is_seen_by_its_keys() -> None:
    lake = _lake()
    verdict = check(FAN_OUT, ALICE, lake, lake)
    assert verdict.passed
    assert "TRP014" in _codes(verdict)


def test_a_hidden_key_gives_nothing_away() -> None:
    lake = _lake(frozenset({"a.lines.order_id"}))
    verdict = check("SELECT sum(o.total) FROM a.orders o JOIN a.lines l ON l.amount = o.total", ALICE, lake, lake)
    said = " ".join(f"{finding.message} {finding.hint}" for finding in verdict.findings)
    assert "order_id" not in said
