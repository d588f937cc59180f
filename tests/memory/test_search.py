"""What is found, and that nothing hidden is."""

import pytest

from memory.found import Found
from memory.search import Memory
from memory.sight import Sight
from memory.values import ValueMatch
from tests.memory.lake import TABLES, WHOLE, ref, without
from townlake.domain.names import ColumnRef


def names(found: Found) -> list[str]:
    return [f"{table.table.namespace}.{table.table.name}" for table in found.tables]


def test_the_table_whose_name_and_columns_fit_is_preferred(memory: Memory) -> None:
    found = memory.search("invoiced amount by day of issue", WHOLE)
    assert names(found)[0] == "billing.invoices"
    assert found.preferred is not None
    assert [column.column.column for column in found.preferred.columns[:2]] in (
        ["amount", "issued_on"],
        ["issued_on", "amount"],
    )
    assert "curated" in found.preferred.why


def test_a_deprecated_table_comes_after_what_replaces_it(memory: Memory) -> None:
    found = memory.search("invoices old", WHOLE)
    assert names(found).index("billing.invoices") < names(found).index("billing.invoices_old")
    old = next(table for table in found.tables if table.table.name == "invoices_old")
    assert "use billing.invoices" in old.why


def test_a_table_named_in_the_question_comes_first(memory: Memory) -> None:
    assert names(memory.search("amount per account in invoice_lines", WHOLE))[0] == "billing.invoice_lines"
    assert names(memory.search("region, amount and email of crm.contacts", WHOLE))[0] == "crm.contacts"


def test_tables_to_join_with_are_found_along_keys(memory: Memory) -> None:
    found = memory.search("plan code positions", WHOLE)
    assert names(found)[0] == "billing.invoice_lines"
    assert "billing.invoices" in names(found)[:3]


def test_a_key_that_only_its_name_declares_leads_to_its_table(memory: Memory) -> None:
    found = memory.search("sampled requests by action", WHOLE)
    zones = next(table for table in found.tables if table.table.name == "zones")
    assert "joins to security.firewall_events" in zones.why
    assert (zones.joins_only, found.tables[0].joins_only) == (True, False)


def test_a_value_raises_the_table_that_holds_it(memory: Memory) -> None:
    column = ColumnRef(table=ref("security.zones"), column="zone_name")
    match = ValueMatch(column=column, value="shop.example", score=1.0, words="shop example")
    question = "what about shop example"
    without_value = names(memory.search(question, WHOLE)).index("security.zones")
    found = memory.search(question, WHOLE, values=[match])
    assert names(found).index("security.zones") < without_value
    assert "'shop.example'" in next(table.why for table in found.tables if table.table.name == "zones")
    closed = memory.search(question, without(WHOLE, "security.zones", "zone_name"), values=[match])
    assert "shop.example" not in closed.model_dump_json()


def test_metrics_queries_and_terms_are_found(memory: Memory) -> None:
    assert [note.name for note in memory.search("turnover by region", WHOLE).metrics] == ["net_revenue"]
    assert memory.search("zones without traffic", WHOLE).queries[0].name == "quiet_zones"
    assert memory.search("lost accounts", WHOLE).terms[0].name == "churn"


def test_a_metric_asks_for_every_column_it_reads(memory: Memory) -> None:
    assert memory.search("turnover", without(WHOLE, "billing.invoices", "amount")).metrics == ()
    assert memory.search("turnover", without(WHOLE, "crm.accounts", "region")).metrics != ()


def test_a_page_on_a_table_without_visible_columns_is_not_found(memory: Memory) -> None:
    open_tables = [info for info in TABLES if info.ref.namespace != "hr"]
    assert memory.search("how pay is computed", WHOLE).pages != ()
    assert memory.search("how pay is computed", Sight.whole(open_tables)).pages == ()


def test_who_sees_nothing_finds_nothing(memory: Memory) -> None:
    assert memory.search("invoices", Sight()) == Found()
    assert memory.search("lost accounts", Sight()).tables == ()


def test_a_name_without_columns_is_found_by_name_alone(memory: Memory) -> None:
    name = ref("billing.invoices")
    sight = Sight(tables=frozenset({name}), uuids={name: "billing.invoices"})
    found = memory.search("invoices", sight)
    assert names(found) == ["billing.invoices"]
    assert found.preferred is not None
    assert found.preferred.columns == ()
    assert memory.search("issued amount", sight) == memory.search("issued amount", sight)


@pytest.mark.parametrize(
    "question",
    [
        "",
        " ",
        "?",
        "\x00\x01",
        "金額はいくら",
        "a" * 100_000,
        'amount" OR *',
        "NEAR(amount, 2)",
        "٣ ª ǅ ﬁ",
        "x_" * 5000,
    ],
)
def test_no_question_breaks_the_search(memory: Memory, question: str) -> None:
    memory.search(question, WHOLE)


def test_limit_bounds_the_tables(memory: Memory) -> None:
    assert len(memory.search("account invoices amount", WHOLE, limit=2).tables) == 2


@pytest.mark.parametrize("question", ["weather in Paris", "asdf", "tell me a joke", "recipe for pancakes"])
def test_what_has_nothing_to_do_with_the_lake_is_far(memory: Memory, question: str) -> None:
    assert memory.search(question, WHOLE).far


@pytest.mark.parametrize("question", ["invoices", "lost accounts", "customers by region", "quiet zones"])
def test_what_shares_a_word_or_a_meaning_is_not_far(memory: Memory, question: str) -> None:
    assert not memory.search(question, WHOLE).far
