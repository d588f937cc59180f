"""Scans and people's decisions, in a lake: what closes, what stays, and whose finding a column has."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from agents.skimmer.scan_state import Collaborators, Outcome
from agents.skimmer.skimmer import Skimmer
from app.overriding import corrected
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.lineage import LineageEdge
from townlake.domain.errors import BadInput
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.review_records import How, Review
from townlake.governance.scans import Scans
from townlake.lake import Lake

ANN = Principal(subject="ann")
SHOP, UPSTREAM = TableRef.parse("shop.a"), TableRef.parse("shop.up")
OPEN, STALE, PROPOSED = ReviewState.OPEN, ReviewState.STALE, ReviewState.PROPOSED


class Place:
    """A lake with a scanner."""

    def __init__(self, gov: Governance, catalog: Catalog) -> None:
        self.gov, self.catalog = gov, catalog
        self.scans = Scans(gov.state, gov.clock)
        lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
        self.skimmer = Skimmer(Collaborators(lake, catalog, gov.reviews, self.scans, gov.clock))

    def put(self, ref: TableRef, **columns: Sequence[object]) -> None:
        data = pa.table({name: pa.array(values) for name, values in columns.items()})
        if self.catalog.table(ref) is None:
            self.catalog.create(ref, data.schema)
        self.catalog.append(ref, data)

    def scan(self, *refs: TableRef, hours: int = 3) -> dict[str, Outcome]:
        self.gov.clock.move(hours=hours)
        return {each.table.name: each for each in self.skimmer.scan(self.skimmer.due(refs or None))}

    def table(self, ref: TableRef = SHOP) -> TableInfo:
        found = self.catalog.table(ref)
        assert found is not None
        return found

    def review(self, column: str, ref: TableRef = SHOP) -> Review:
        found = self.table(ref).column(column)
        assert found is not None
        return self.gov.reviews.of(self.table(ref).uuid)[found.field_id]

    def label(self, column: str, ref: TableRef = SHOP) -> str:
        held = self.review(column, ref).classification
        return held.label if held else ""

    def decide(self, column: str, state: ReviewState, label: str | None = None, **more: Any) -> Review:
        held = corrected(self.review(column).classification, label, None)
        how = How.ONE if label is None else How.OVERRIDE
        (made,) = self.gov.reviews.decide(ANN, self.table(), [column], state, classification=held, how=how, **more)
        return made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    gov = open_governance(tmp_path, Clock())
    catalog = open_catalog(gov.home, gov.state)
    yield Place(gov, catalog)
    catalog.close()
    gov.state.dispose()


def codes(count: int = 300) -> list[str]:
    return [f"c{n}" for n in range(count)]


def mails(count: int = 300) -> list[str]:
    return [f"ann{n}@shop.example" for n in range(count)]


def names(count: int) -> list[str]:
    drawn = random.Random(1)  # noqa: S311 - values to look at, no secrets
    first = ["Anna", "Peter", "Maria", "James", "Sofia", "Lukas", "Emma", "Noah"]
    last = ["Meier", "Smith", "Rossi", "Garcia", "Dubois", "Jones", "Novak"]
    return [f"{drawn.choice(first)} {drawn.choice(last)}" for _ in range(count)]


def test_what_a_scan_closed_is_told_of_worse_that_comes_later(place: Place) -> None:
    place.put(SHOP, id=list(range(300)), xq=codes())
    place.scan()
    place.decide("xq", OPEN)
    place.put(SHOP, id=list(range(300)), xq=mails())
    assert place.scan()["a"].closed == ("xq",)
    drawn = random.Random(1)  # noqa: S311 - no real keys
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    keys = ["ghp_" + "".join(drawn.choices(letters, k=36)) for _ in range(3000)]
    place.put(SHOP, id=list(range(3000)), xq=keys)
    outcome = place.scan()["a"]
    assert outcome.closed == ()
    assert "xq" in outcome.proposed
    assert (place.review("xq").state, place.label("xq").partition(".")[0]) == (STALE, "credential")
    with pytest.raises(BadInput, match="live credentials"):
        place.decide("xq", ReviewState.MASKED, mask=MaskMethod.LAST4)


def test_a_decision_right_before_the_scan_is_written_down_is_seen(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put(SHOP, xq=mails())
    usual = place.gov.reviews.classified

    def late(*given: Any, **more: Any) -> tuple[Review, ...]:
        place.gov.reviews.decide(ANN, place.table(), ["xq"], OPEN)
        return usual(*given, **more)

    monkeypatch.setattr(place.gov.reviews, "classified", late)
    assert place.scan()["a"].closed == ("xq",)
    assert place.review("xq").state is STALE


def test_a_correction_is_not_undone_by_the_finding_that_it_corrects(place: Place) -> None:
    place.put(SHOP, id=list(range(300)), xq=mails())
    place.scan()
    place.decide("xq", OPEN, "none.code")
    for _ in range(2):
        assert place.scan(SHOP)["a"].closed == ()
    assert (place.review("xq").state, place.label("xq")) == (OPEN, "none.code")


def test_a_correction_of_what_was_closed_stays_too(place: Place) -> None:
    place.put(SHOP, id=list(range(300)), xq=codes())
    place.scan()
    place.decide("xq", OPEN)
    place.put(SHOP, id=list(range(300)), xq=mails())
    assert place.scan()["a"].closed == ("xq",)
    place.decide("xq", OPEN, "none.code")
    assert place.scan(SHOP)["a"].closed == ()
    assert place.review("xq").state is OPEN


def test_a_column_does_not_get_what_was_found_in_another_of_its_name(place: Place) -> None:
    place.put(UPSTREAM, m=codes())
    place.put(SHOP, k=list(range(300)), m2=codes(), note=[("new", "old", "used")[n % 3] for n in range(300)])
    source, target = ColumnRef(table=UPSTREAM, column="m"), ColumnRef(table=SHOP, column="m2")
    place.catalog.add_lineage([LineageEdge(source=source, target=target, kind="copy")])
    place.scan()
    place.catalog.drop_column(SHOP, "note")
    place.catalog.add_column(SHOP, "note", pa.string())
    place.catalog.rename_column(SHOP, "k", "l")
    place.put(SHOP, l=list(range(5000)), m2=codes(5000), note=names(5000))
    place.put(UPSTREAM, m=mails(3000))
    told = place.scan(UPSTREAM)["a"]
    assert [finding.column for finding in told.findings] == ["l", "m2"]
    table = place.table()
    assert table.columns[2].field_id not in place.gov.reviews.of(table.uuid)
    assert "note" in place.scan()["a"].proposed


def test_what_was_proven_stays_with_a_column_under_its_new_name(place: Place) -> None:
    place.put(SHOP, k=list(range(300)), xq=mails())
    place.scan()
    place.catalog.rename_column(SHOP, "xq", "yq")
    data = pa.table({"k": list(range(300)), "yq": codes()})
    place.catalog.replace(SHOP, data)
    place.scan(hours=24 * 91)
    kept = place.scans.of(place.table().uuid)
    assert kept is not None
    assert [(finding.column, finding.classification.label) for finding in kept.findings][1] == ("yq", "email")
    assert (place.review("yq").state, place.label("yq")) == (PROPOSED, "email")
