"""Two lakes that differ only in what the caller must not see give the same answer, to the last digit."""

from pathlib import Path

import pytest

from memory.found import Found
from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from tests.memory.lake import KNOWLEDGE, TABLES, WordModel, ref, table
from townlake.domain.names import ColumnRef
from townlake.domain.table import TableInfo, Tier

QUESTIONS = (
    "salary by region",
    "invoices with the amount of each account",
    "con tacts",
    "turnover by region of the merger",
    "who signed the merger",
    "old regions",
)


def variant(column: str, comment: str) -> list[TableInfo]:
    """The lake with one more column in a table and one more restricted table."""
    tables = [info for info in TABLES if info.ref != ref("crm.contacts")]
    contacts = next(info for info in TABLES if info.ref == ref("crm.contacts"))
    extra = table(
        "crm.contacts", *(each.name for each in contacts.columns), f"{column}: {comment}", comment=contacts.comment
    )
    # Its words could take a visible name apart: `account` is one of the language, `con` and `tacts` are none.
    secret = table("hr.con_tacts_" + column, f"{column}_amount", "account_id", comment=comment, restricted=True)
    # What everybody finds may be replaced by what nobody may know of.
    old = table("crm.regions_old", "region", tier=Tier.DEPRECATED, replaced_by=secret.ref)
    return [*tables, extra, secret, old]


def lineage(column: str) -> list[tuple[ColumnRef, ColumnRef]]:
    """What visible columns are computed from, and to."""
    secret = ColumnRef(table=ref("hr.con_tacts_" + column), column=f"{column}_amount")
    amount = ColumnRef(table=ref("billing.invoices"), column="amount")
    hidden = ColumnRef(table=ref("crm.contacts"), column=column)
    region = ColumnRef(table=ref("crm.accounts"), column="region")
    return [(secret, amount), (region, secret), (hidden, region)]


def seen_by_all() -> Sight:
    visible = [info for info in TABLES if info.ref.namespace != "hr"]
    return Sight.whole([*visible, table("crm.regions_old", "region")])


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[Memory]:
    opened = []
    for column, comment in (("con_tacts", "who signed the merger"), ("shoe_size", "of the left foot")):
        path: Path = tmp_path_factory.mktemp("world")
        tables = variant(column, comment)
        build(path, embedder=WordModel(), tables=tables, lineage=lineage(column), knowledge=KNOWLEDGE)
        opened.append(Memory.open(path, WordModel()))
    return opened


@pytest.mark.parametrize("question", QUESTIONS)
def test_hidden_columns_and_tables_change_nothing(worlds: list[Memory], question: str) -> None:
    sight = seen_by_all()
    one, other = (world.search(question, sight) for world in worlds)
    assert one == other
    assert "merger" not in one.model_dump_json()
    assert "hr." not in one.model_dump_json()


def test_what_was_renamed_away_or_made_anew_under_an_old_name_is_not_found(tmp_path: Path) -> None:
    before = table("crm.deals", "party: who signed the merger", "amount", comment="The merger")
    build(tmp_path, embedder=WordModel(), tables=[before])
    memory = Memory.open(tmp_path, WordModel())
    another = before.model_copy(update={"uuid": "another"})
    assert memory.search("merger", Sight.whole([before])).preferred is not None
    assert memory.search("merger amount deals", Sight.whole([another])) == Found()
    party = before.columns[0].model_copy(update={"field_id": 9})
    replaced = before.model_copy(update={"columns": (party, before.columns[1])})
    found = memory.search("deals", Sight.whole([replaced])).preferred
    assert found is not None
    assert [each.column.column for each in found.columns] == ["amount"]
    memory.close()
