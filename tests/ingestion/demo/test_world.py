"""The company is the same on every machine, and holds the traps that it is there for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ingestion.demo.described import demo_tables
from ingestion.demo.world.company import Company
from tests.fixtures.demo.facts import AS_OF, Facts
from tests.support.shared import ROOT

DIGESTS = ROOT / "tests" / "fixtures" / "demo" / "digests.json"


def digest(table: pa.Table) -> str:
    """What a table holds, apart from how Arrow lays it out."""
    whole = hashlib.sha256()
    for name in table.schema.names:
        column = table[name].combine_chunks()
        whole.update(f"{name} {column.type} {len(column)}\n".encode())
        whole.update(np.packbits(column.is_null().to_numpy(zero_copy_only=False)).tobytes())
        if pa.types.is_string(column.type):
            whole.update("\0".join(column.fill_null("").to_pylist()).encode())
        elif pa.types.is_decimal(column.type):
            whole.update("\0".join(map(str, column.to_pylist())).encode())
        elif pa.types.is_floating(column.type):
            whole.update(column.to_numpy().astype("<f8").tobytes())
        else:
            numbers = column.cast(pa.int32()) if pa.types.is_date(column.type) else column
            whole.update(numbers.cast(pa.int64()).fill_null(0).to_numpy().astype("<i8").tobytes())
    return whole.hexdigest()


def test_every_table_is_the_same_on_every_machine(company: Company) -> None:
    """When the generator was changed on purpose: `python -m tests.ingestion.demo.test_world`, then record the rows."""
    assert {name: digest(table) for name, table in company.tables()} == json.loads(DIGESTS.read_text())


def test_it_is_as_large_as_promised(company: Company) -> None:
    rows = {name: table.num_rows for name, table in company.tables()}
    assert 1_400_000 < sum(rows.values()) < 1_600_000
    assert max(rows, key=lambda name: rows[name]) == "product.usage_daily"


def test_every_column_is_described_and_every_table_has_an_owner_a_tier_and_freshness(company: Company) -> None:
    described = demo_tables()
    assert set(described) == set(company.names())
    for name, data in company.tables():
        words = described[name].description
        assert list(words.column_comments) == data.schema.names, name
        assert all(words.column_comments.values()), name
        assert words.comment, name
        assert words.owner, name
        assert words.fresh_at is not None, name


@pytest.mark.parametrize("name", sorted(demo_tables()))
def test_keys_hold(company: Company, name: str) -> None:
    words = demo_tables()[name].description
    table = company.table(name)
    if words.primary_key:
        keys = table.select(list(words.primary_key))
        assert keys.group_by(list(words.primary_key)).aggregate([]).num_rows == table.num_rows
        assert all(keys[column].null_count == 0 for column in words.primary_key)
    for key in words.foreign_keys:
        there = company.table(f"{key.ref_table.namespace}.{key.ref_table.name}")
        wanted = set(table[key.columns[0]].unique().drop_null().to_pylist())
        strange = wanted - set(there[key.ref_columns[0]].to_pylist())
        # Some codes of the traffic systems belong to nobody: that is one of the traps.
        assert (not strange) or (name == "product.usage_daily" and 0 < len(strange) < 10), strange


def test_nothing_happens_after_the_lakes_today(company: Company) -> None:
    for name, table in company.tables():
        for field in table.schema:
            if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type):
                latest = max(table[field.name].drop_null().cast(pa.date32()).to_pylist(), default=AS_OF)
                assert latest <= AS_OF or field.name == "due_on", f"{name}.{field.name}"


def test_the_traps_are_there(company: Company, facts: Facts) -> None:
    accounts = facts.rows("crm.accounts")
    assert {row["is_test"] for row in accounts} == {True, False, None}
    assert sum(row["is_internal"] for row in accounts) > 20
    assert any(row["deleted_at"] for row in accounts)
    assert any(row["segment"] is None for row in accounts)
    subscriptions = facts.rows("billing.subscriptions")
    assert len({row["currency"] for row in subscriptions}) == 5
    assert any(row["is_deleted"] for row in subscriptions)
    assert any(row["is_trial"] for row in subscriptions)
    annual = [row for row in subscriptions if facts.plans[row["plan_id"]]["billing_period"] == "annual"]
    assert any(row["price"] * 100 % 12 for row in annual)
    assert {row["status"] for row in facts.rows("billing.invoices")} == {"paid", "open", "void", "draft"}
    codes = facts.rows("product.account_codes")
    assert len({row["account_id"] for row in codes}) < len(codes)
    usage = company.table("product.usage_daily")
    assert usage["quantity"].null_count > 0
    assert len(set(company.table("security.firewall_events")["sample_interval"].to_pylist())) > 2


def test_invoices_are_the_sum_of_their_lines(facts: Facts) -> None:
    sums: dict[int, object] = {}
    for line in facts.rows("billing.invoice_lines"):
        sums[line["invoice_id"]] = sums.get(line["invoice_id"], 0) + line["amount"]
    assert sums == {row["invoice_id"]: row["net_amount"] for row in facts.rows("billing.invoices")}


def test_names_of_customers_are_unlike(facts: Facts) -> None:
    names = [row["name"] for row in facts.rows("crm.accounts")]
    assert len(set(names)) == len(names)


if __name__ == "__main__":
    found = {name: digest(table) for name, table in Company().tables()}
    Path(DIGESTS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
