"""What comes to a table after its first look is looked at, too: soon, and in full where it may be something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from agents.skimmer.scan_state import Collaborators, Outcome
from agents.skimmer.skimmer import Skimmer
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.governance.review_records import How
from townlake.governance.scan_records import Reason
from townlake.governance.scans import Scans
from townlake.lake import Lake

REF = TableRef.parse("shop.a")
ANN = Principal(subject="ann")
FIRST = ("Anna", "Peter", "Maria", "James", "Sofia", "Emma", "Noah")
LAST = tuple(
    f"{begin}{end}" for begin in ("Berg", "Stein", "Kal", "Ros", "Lind") for end in ("mann", "er", "ini", "ström")
)


class Shop:
    """A lake of one table, and its scanner."""

    def __init__(self, gov: Governance, catalog: Catalog) -> None:
        self.gov, self.catalog = gov, catalog
        lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
        self.scanner = Skimmer(Collaborators(lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock))

    def put(self, values: list[str] | None, rows: int = 0) -> None:
        data = pa.table({"id": list(range(rows or len(values or ())))})
        if values is not None:
            data = data.append_column("xq", pa.array(values, pa.string()))
        if self.catalog.table(REF) is None:
            self.catalog.create(REF, data.schema)
        self.catalog.append(REF, data)

    def scan(self) -> list[Outcome]:
        return list(self.scanner.scan(self.scanner.due()))

    def label(self) -> str:
        table = self.catalog.table(REF)
        assert table is not None
        held = self.gov.reviews.of(table.uuid)[2].classification
        assert held is not None
        return held.label


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    gov = open_governance(tmp_path, Clock())
    catalog = open_catalog(gov.home, gov.state)
    yield Shop(gov, catalog)
    catalog.close()
    gov.state.dispose()


def states(count: int) -> list[str]:
    return [("new", "old", "used")[n % 3] for n in range(count)]


def codes(count: int) -> list[str]:
    return [f"{('new', 'old', 'used', 'a1', 'b2')[n % 5]}{n % 60}" for n in range(count)]


def names(count: int) -> list[str]:
    return [f"{FIRST[n % 7]} {LAST[n % 20]}-{LAST[n // 140 % 20]}" for n in range(count)]


def test_a_column_of_few_values_is_looked_at_again_once_there_are_more(shop: Shop) -> None:
    shop.put(states(30))
    shop.scan()
    assert shop.label() == "none.enum"
    shop.gov.clock.move(days=2)
    shop.put(names(2000))
    assert [each.proposed for each in shop.scan()] == [("xq",)]
    assert shop.label() == "person_name"
    table = shop.catalog.table(REF)
    assert table is not None
    opened = shop.gov.reviews.decide(ANN, table, None, ReviewState.OPEN, below=0.05, how=How.BULK)
    assert "xq" not in [review.column for review in opened]


def test_a_column_that_was_empty_is_looked_at_once_it_is_filled(shop: Shop) -> None:
    shop.put(None, rows=300)
    shop.scan()
    shop.catalog.add_column(REF, "xq", pa.string())
    shop.gov.clock.move(days=1)
    shop.scan()
    assert shop.label() == "none.empty"
    shop.gov.clock.move(days=2)
    shop.put(names(20))
    shop.scan()
    assert shop.label() == "person_name"


def test_few_new_rows_at_a_time_add_up(shop: Shop) -> None:
    shop.put(codes(3000))
    shop.scan()
    shop.gov.clock.move(days=1)
    scans = []
    for _ in range(4):
        shop.put(names(20))
        scans += shop.scan()
    assert [Reason.DRIFT in each.reasons for each in scans] == [False, False, True, False]


def test_what_looks_otherwise_within_the_hour_is_looked_at_after_it(shop: Shop) -> None:
    shop.put(codes(3000))
    shop.scan()
    before = shop.label()
    shop.gov.clock.move(minutes=20)
    shop.put(names(3000))
    assert [each.reasons for each in shop.scan()] == [(Reason.FILES, Reason.DRIFT)]
    assert shop.scanner.due() == ()
    shop.gov.clock.move(minutes=20)
    shop.put(codes(100))
    assert [each.reasons for each in shop.scan()] == [(Reason.FILES, Reason.DRIFT)], "what drifted is not forgotten"
    assert shop.label() == before
    shop.gov.clock.move(minutes=21)
    assert [each.reasons for each in shop.scan()] == [(Reason.DRIFT,)]
    assert shop.label() == "person_name"
    assert shop.scanner.due() == ()
