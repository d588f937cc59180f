"""Two lakes that differ only in what the caller must not see give the same answer, to the last digit."""

from pathlib import Path

import pytest

from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from tests.memory.lake import KNOWLEDGE, TABLES, WordModel, ref, table
from townlake.domain.table import TableInfo

QUESTIONS = (
    "salary by region",
    "invoices with the amount of each account",
    "con tacts",
    "turnover by region of the merger",
    "who signed the merger",
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
    return [*tables, extra, secret]


def seen_by_all() -> Sight:
    visible = [info for info in TABLES if info.ref.namespace != "hr"]
    return Sight.whole(visible)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[Memory]:
    opened = []
    for column, comment in (("con_tacts", "who signed the merger"), ("shoe_size", "of the left foot")):
        path: Path = tmp_path_factory.mktemp("world")
        build(path, embedder=WordModel(), tables=variant(column, comment), knowledge=KNOWLEDGE)
        opened.append(Memory.open(path, WordModel()))
    return opened


@pytest.mark.parametrize("question", QUESTIONS)
def test_hidden_columns_and_tables_change_nothing(worlds: list[Memory], question: str) -> None:
    sight = seen_by_all()
    one, other = (world.search(question, sight) for world in worlds)
    assert one == other
    assert "merger" not in one.model_dump_json()
    assert "hr." not in one.model_dump_json()
