"""What a review takes back is gone from every answer at once, before anything is indexed again."""

from pathlib import Path

import pytest

from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from memory.value_index import ValueIndex, build_values
from tests.memory.lake import WordModel
from tests.townlake.governance.conftest import Clock, open_governance, table_info
from townlake.domain.names import ColumnRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState

ANN, BEA = Principal(subject="ann"), Principal(subject="bea")
CONTACTS = table_info("crm.contacts", id="bigint", email="varchar", region="varchar")
EMAIL = ColumnRef(table=CONTACTS.ref, column="email")


@pytest.mark.parametrize("change", ["denied", "masked", "filtered", "revoked"])
def test_a_lookup_after_it_shows_nothing(tmp_path: Path, change: str) -> None:
    gov = open_governance(tmp_path, Clock())

    def sight() -> Sight:
        return Sight.of([(CONTACTS, gov.policy.access(BEA, CONTACTS))])

    gov.reviews.decide(ANN, CONTACTS, None, ReviewState.OPEN, unscanned=True)
    gov.grants.add("crm", "everyone", by=ANN)
    stored = {"email": ["bo@example.org"], "region": ["EMEA"]}
    build_values(tmp_path / "v", tables=[CONTACTS], sight=sight(), fetch=lambda column: stored[column.column])
    build(tmp_path / "m", embedder=WordModel(), tables=[CONTACTS])
    values, memory = ValueIndex.open(tmp_path / "v"), Memory.open(tmp_path / "m", WordModel())
    before = values.lookup("bo@example.org", sight())
    assert [match.column for match in before] == [EMAIL]
    if change in ("denied", "masked"):
        gov.reviews.decide(ANN, CONTACTS, ["email"], ReviewState(change))
    elif change == "filtered":
        gov.row_filters.add(CONTACTS, "everyone", "region = 'EMEA'", by=ANN)
    else:
        gov.grants.remove("crm", "everyone", by=ANN)
    now = sight()
    assert values.lookup("bo@example.org", now) == ()
    assert values.samples(EMAIL, now) == values.nearest(EMAIL, "bo", now) == ()
    found = memory.search("email of contacts", now, values=before).tables
    assert "bo@example.org" not in "".join(table.why for table in found)
    if change in ("denied", "revoked"):
        assert all(each.column != EMAIL for table in found for each in table.columns)
    values.close()
    memory.close()
    gov.state.dispose()
