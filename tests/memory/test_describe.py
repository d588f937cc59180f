"""What the documents of a lake say, and what they ask for."""

from memory.describe import describe_knowledge, describe_table, lexicon_of
from memory.document import Document, Kind
from memory.joins import EdgeKind, edges_of
from tests.memory.lake import KNOWLEDGE, TABLES, table
from townlake.domain.names import ColumnRef


def documents(kind: Kind) -> list[Document]:
    return [document for document in describe_knowledge(KNOWLEDGE, TABLES) if document.kind is kind]


def test_a_table_says_nothing_of_its_columns() -> None:
    info = next(info for info in TABLES if info.ref.name == "invoices")
    first, *columns = describe_table(info, lexicon_of(TABLES, ()))
    said = first.model_dump_json()
    assert not any(word in said for word in ("issued", "amount", "invoice_id", "account_id"))
    assert [document.sees[0].column for document in columns] == [column.name for column in info.columns]


def test_words_written_together_are_taken_apart() -> None:
    tables = [table("net.networkagents", "agentstatus"), table("net.agents", "id"), table("net.networks", "id")]
    first, second = describe_table(tables[0], lexicon_of(tables, ["network", "status", "agent"]))
    assert first.title == "networkagents network agents"
    assert second.title == "agentstatus agent status"


def test_a_metric_and_its_dimensions_ask_for_their_own_columns() -> None:
    metric, dimension = documents(Kind.METRIC)
    assert {str(column) for column in metric.sees} == {"lake.billing.invoices.amount"}
    assert {column.column for column in dimension.sees} == {"amount", "region", "account_id"}
    assert "region" not in metric.meaning


def test_a_verified_query_is_its_question_and_never_its_sql() -> None:
    (query,) = documents(Kind.QUERY)
    assert "SELECT" not in query.meaning
    assert {column.column for column in query.sees} == {"zone_name", "zone_id", "id"}


def test_edges_are_declared_named_or_lineage() -> None:
    amount = ColumnRef(table=TABLES[2].ref, column="amount")
    line = ColumnRef(table=TABLES[3].ref, column="amount")
    found = {(edge.kind, edge.source.name, edge.target.name) for edge in edges_of(TABLES, [(line, amount)])}
    assert found == {
        (EdgeKind.KEY, "invoices", "accounts"),
        (EdgeKind.KEY, "invoice_lines", "invoices"),
        (EdgeKind.NAMED, "contacts", "accounts"),
        (EdgeKind.NAMED, "invoices_old", "invoices"),
        (EdgeKind.NAMED, "firewall_events", "zones"),
        (EdgeKind.LINEAGE, "invoice_lines", "invoices"),
    }
