"""What a verdict says, and that hidden and missing cannot be told apart."""

import logging
from collections.abc import Sequence

import pytest

from tests.townlake.governance.guard.lakes import ALICE, SHOP, FakeLake, table
from townlake.domain.decision import Decision, Effect, TableAccess
from townlake.domain.errors import HomeError
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.domain.table import TableInfo
from townlake.domain.verdict import Verdict
from townlake.governance.guard import check as check_module
from townlake.governance.guard.check import check

ORDERS = TableRef.parse("shop.orders")
CUSTOMERS = TableRef.parse("shop.customers")
CONTACTS = TableRef.parse("crm.contacts")


def _check(sql: str, namespace: str | None = None) -> Verdict:
    return check(sql, ALICE, SHOP, SHOP, namespace=namespace)


def _said(sql: str, name: str) -> list[tuple[str, str, str]]:
    """The findings without the name that was asked for."""
    verdict = _check(sql)
    assert not verdict.passed
    return [(f.code, f.message.replace(name, "?"), f.hint.replace(name, "?")) for f in verdict.findings]


def test_a_table_becomes_a_scan_of_the_visible_columns_that_are_needed() -> None:
    verdict = _check("SELECT name, email FROM customers WHERE region = 'EU'", "shop")
    assert verdict.sql == (
        'SELECT "customers"."name", "customers"."email" FROM (SELECT "name", CAST(\'[redacted]\' AS VARCHAR) AS '
        '"email", "region" FROM "lake"."shop"."customers") AS "customers" WHERE "customers"."region" = \'EU\''
    )
    assert [str(column) for column in verdict.columns_read] == [
        "lake.shop.customers.name",
        "lake.shop.customers.email",
        "lake.shop.customers.region",
    ]
    assert [(str(mask.column), mask.method) for mask in verdict.masks] == [
        ("lake.shop.customers.email", MaskMethod.REDACT)
    ]
    assert verdict.hidden_columns == 1
    assert verdict.namespace == "shop"
    assert verdict.policy_version == "policy-1"
    assert [column.masked for column in verdict.columns] == [False, True]


def test_a_star_stands_for_the_visible_columns_in_the_table_s_order() -> None:
    verdict = _check("SELECT * FROM shop.customers")
    assert [column.name for column in verdict.columns] == ["id", "name", "email", "region", "born", "address"]


def test_counting_rows_reads_no_column_on_purpose() -> None:
    verdict = _check("SELECT count(*) FROM shop.orders")
    assert verdict.columns_read == ()
    assert [column.name for column in verdict.scans[0].columns] == ["id"]


def test_a_row_filter_stands_in_the_scan_and_its_columns_are_offered_to_the_engine() -> None:
    lake = FakeLake(
        [table("crm.contacts", "id bigint; region varchar")],
        hidden=frozenset({"crm.contacts.region"}),
        filters={"crm.contacts": ("region IN ('EU', 'US') OR region IS NULL", "id > 0")},
    )
    verdict = check("SELECT id FROM crm.contacts WHERE id = 1 OR true", ALICE, lake, lake)
    assert verdict.sql == (
        'SELECT "contacts"."id" FROM (SELECT "id" FROM "lake"."crm"."contacts" WHERE ("region" IN (\'EU\', \'US\') '
        'OR "region" IS NULL) AND "id" > 0) AS "contacts" WHERE "contacts"."id" = 1 OR TRUE'
    )
    assert verdict.row_filtered == (CONTACTS,)
    assert {column.name for column in verdict.scans[0].columns} == {"id", "region"}
    assert [column.name for column in verdict.columns] == ["id"]


@pytest.mark.parametrize(
    "predicate",
    ["region IN (SELECT region FROM shop.orders)", "nope = 1", "region = ", "1 / id = 1", "contacts.region = 'EU'"],
)
def test_a_row_filter_that_cannot_be_applied_closes_the_table(predicate: str) -> None:
    lake = FakeLake([table("crm.contacts", "id bigint; region varchar")], filters={"crm.contacts": (predicate,)})
    verdict = check("SELECT id FROM crm.contacts", ALICE, lake, lake)
    assert [finding.code for finding in verdict.findings] == ["POL001"]


def test_a_filter_of_the_table_s_own_decision_counts_too() -> None:
    class Filtering(FakeLake):
        def access(self, principal: Principal, info: TableInfo) -> TableAccess:
            decision = Decision(effect=Effect.ALLOW, reason="Some rows.", rule="filter", filter="id > 5")
            return super().access(principal, info).model_copy(update={"decision": decision})

    lake = Filtering([table("crm.contacts", "id bigint")])
    assert 'WHERE "id" > 5' in str(check("SELECT id FROM crm.contacts", ALICE, lake, lake).sql).replace("(", "")


def test_a_table_read_twice_is_scanned_once_with_all_its_columns() -> None:
    verdict = _check("SELECT a.note FROM shop.orders a JOIN shop.orders b ON a.id = b.customer_id")
    assert [scan.table for scan in verdict.scans] == [ORDERS]
    assert [column.name for column in verdict.scans[0].columns] == ["id", "customer_id", "note"]


def test_a_pinned_snapshot_is_read_instead_of_the_newest() -> None:
    verdict = check("SELECT 1 FROM shop.orders, shop.customers", ALICE, SHOP, SHOP, snapshots={ORDERS: 3})
    assert {scan.table: scan.snapshot_id for scan in verdict.scans} == {ORDERS: 3, CUSTOMERS: 7}
    assert verdict.pinned == (ORDERS,)


@pytest.mark.parametrize(
    ("sql", "ordered"),
    [
        ("SELECT id FROM shop.orders ORDER BY id", True),
        ("(SELECT id FROM shop.orders ORDER BY id)", True),
        ("SELECT id FROM shop.orders", False),
        ("SELECT id FROM (SELECT id FROM shop.orders ORDER BY id)", False),
        ("DESCRIBE shop.orders", True),
    ],
)
def test_only_an_outermost_order_fixes_the_order(sql: str, ordered: bool) -> None:
    assert _check(sql).ordered is ordered


def test_equal_names_from_two_schemas_get_names_of_their_own() -> None:
    lake = FakeLake([table("a.t", "x bigint"), table("b.t", "x bigint")])
    verdict = check("SELECT a.t.x, b.t.x FROM a.t CROSS JOIN b.t", ALICE, lake, lake)
    assert str(verdict.sql).startswith('SELECT "t"."x", "t_2"."x" FROM')


def test_hidden_and_missing_columns_read_alike() -> None:
    assert _said("SELECT ssn FROM shop.customers", "ssn") == _said("SELECT zzz FROM shop.customers", "zzz")
    assert _said("SELECT c.ssn FROM shop.customers c", "ssn") == _said("SELECT c.zzz FROM shop.customers c", "zzz")


def test_restricted_and_missing_tables_read_alike() -> None:
    closed = _said("SELECT * FROM hr.secret_plans", "secret_plans")
    assert closed == _said("SELECT * FROM hr.public_plans", "public_plans")


def test_of_a_closed_table_whose_name_may_be_found_one_learns_whom_to_ask() -> None:
    closed, missing = _said("SELECT * FROM hr.payroll", "payroll"), _said("SELECT * FROM hr.nothing", "nothing")
    assert closed[0][:2] == missing[0][:2]
    assert closed[0][2] == SHOP.ask


def test_no_hint_names_what_is_hidden() -> None:
    for sql in ("SELECT sn FROM shop.customers", "SELECT * FROM hr.payrol", "SELECT * FROM secret_plan"):
        said = " ".join(f"{finding.message} {finding.hint}" for finding in _check(sql).findings)
        assert not {"ssn", "payroll", "secret_plans"} & set(said.replace('"', " ").replace(",", " ").split())


def test_a_table_without_its_schema_is_suggested_not_guessed() -> None:
    (finding,) = _check("SELECT * FROM orders").findings
    assert finding.code == "NAM007"
    assert "shop.orders" in finding.hint


def test_all_findings_come_at_once_with_their_places() -> None:
    verdict = _check("SELECT nope,\n  ssn FROM shop.customers, hr.payroll")
    assert [(f.code, f.span.line, f.span.column) for f in verdict.findings if f.span] == [
        ("NAM001", 2, 29),
        ("NAM002", 1, 8),
        ("NAM002", 2, 3),
    ] or [f.code for f in verdict.findings] == ["NAM001"]


def test_many_findings_are_cut() -> None:
    columns = ", ".join(f"missing_{at}" for at in range(50))
    assert len(_check(f"SELECT {columns} FROM shop.orders").findings) == 20


def test_a_masked_table_of_rows_with_a_null_method_reads_null() -> None:
    lake = FakeLake([table("a.t", "x bigint")])
    access = lake.access(ALICE, lake.infos[0])
    masked = access.columns[0].model_copy(update={"decision": Decision(effect=Effect.MASK, reason="", rule="")})
    lake._answers[lake.infos[0].ref] = access.model_copy(update={"columns": (masked,)})
    assert 'CAST(NULL AS BIGINT) AS "x"' in str(check("SELECT x FROM a.t", ALICE, lake, lake).sql)


def test_a_column_that_policy_knows_and_the_schema_no_longer_has_does_not_exist() -> None:
    lake = FakeLake([table("a.t", "x bigint; y bigint")])
    access = lake.access(ALICE, lake.infos[0])
    newer = FakeLake([table("a.t", "x bigint")])
    newer._answers[newer.infos[0].ref] = access
    assert not check("SELECT y FROM a.t", ALICE, newer, newer).passed


def test_whatever_breaks_is_a_refusal_and_its_text_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise ValueError("secret literal")

    monkeypatch.setattr(check_module, "resolve", explode)
    with caplog.at_level(logging.DEBUG):
        verdict = _check("SELECT 'secret literal'")
    assert [finding.code for finding in verdict.findings] == ["SQL041"]
    assert "ValueError" in caplog.text
    assert "secret literal" not in caplog.text


def test_a_catalog_that_cannot_be_read_is_no_refusal() -> None:
    class Broken(FakeLake):
        def table(self, ref: TableRef) -> TableInfo | None:
            raise HomeError("The home is damaged.")

        def tables(self) -> Sequence[TableInfo]:
            raise HomeError("The home is damaged.")

    with pytest.raises(HomeError):
        check("SELECT 1 FROM a.b", ALICE, Broken([]), SHOP)


def test_a_command_is_not_written_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _check("CALL secret('x')")
        _check("SHOW STATS FOR hr.payroll")
    assert caplog.text == ""
