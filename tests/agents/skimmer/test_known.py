"""What a run reads of what is known: no more the more columns there are, and of findings only those that it needs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
import sqlalchemy as sa

from agents.skimmer.known import person_keys
from agents.skimmer.scan_state import Collaborators
from agents.skimmer.skimmer import Skimmer
from tests.townlake.governance.conftest import Governance
from townlake.catalog import value_hashes
from townlake.catalog.catalog import Catalog
from townlake.domain.errors import AuditUnavailable
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import Classification, ReviewState
from townlake.governance.review_records import Review
from townlake.governance.scan_records import Reason, ScanFinding
from townlake.governance.scanner import SCANNER
from townlake.governance.scans import Scans
from townlake.lake import Lake

ANN = Principal(subject="ann")


@pytest.fixture
def with_(gov: Governance, catalog: Catalog) -> Collaborators:
    lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    return Collaborators(lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock)


def put(catalog: Catalog, name: str, data: pa.Table) -> None:
    ref = TableRef.parse(name)
    if catalog.table(ref) is None:
        catalog.create(ref, data.schema)
    catalog.append(ref, data)


def keys(count: int = 300) -> list[str]:
    return [f"cus_{number:08d}" for number in range(count)]


def scan(with_: Collaborators) -> dict[str, dict[str, str]]:
    """The labels that a scan of all that is due finds, by table and column."""
    skimmer = Skimmer(with_)
    outcomes = list(skimmer.scan(skimmer.due()))
    assert [each.fault for each in outcomes if each.fault] == []
    return {each.table.name: {f.column: f.classification.label for f in each.findings} for each in outcomes}


def label(gov: Governance, catalog: Catalog, place: str, name: str) -> None:
    table = catalog.table(TableRef.parse(place.rpartition(".")[0]))
    assert table is not None
    held = Classification(label=name, subject="person", tier=3)
    gov.reviews.decide(ANN, table, (place.rpartition(".")[2],), ReviewState.DENIED, classification=held)


@contextmanager
def questions(state: sa.Engine) -> Iterator[list[str]]:
    """The statements that are sent to the database of the state meanwhile."""
    sent: list[str] = []

    def note(_1: object, _2: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(state, "before_cursor_execute", note)
    yield sent
    sa.event.remove(state, "before_cursor_execute", note)


def test_more_columns_are_no_more_questions(gov: Governance, catalog: Catalog, with_: Collaborators) -> None:
    counts = []
    for columns in (2, 40):
        name = f"shop.t{columns}"
        names = [f"zq{number}" for number in range(columns)]
        put(catalog, name, pa.table(dict.fromkeys(["customer_id", *names], keys())))
        put(catalog, f"{name}_copy", pa.table(dict.fromkeys(names, keys())))
        scan(with_)
        with questions(gov.state) as sent:
            person_keys(with_)
            list(Skimmer(with_).scan(Skimmer(with_).due([TableRef.parse(f"{name}_copy")])))
        counts.append(len([each for each in sent if "SELECT" in each]))
    assert counts[1] <= counts[0] + 4, "a few more for the keys that were found, none for each column"


def test_looking_for_what_is_due_reads_no_finding_and_no_review(
    gov: Governance, catalog: Catalog, with_: Collaborators, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(catalog, "shop.a", pa.table({"zq": keys()}))
    scan(with_)

    def read(*_: object, **__: object) -> object:
        raise AssertionError("it is read")

    monkeypatch.setattr(ScanFinding, "model_validate", read)
    monkeypatch.setattr(Review, "__init__", read)
    assert Skimmer(with_).due() == ()


def test_a_label_by_a_person_and_one_by_a_scan_are_keys(
    gov: Governance, catalog: Catalog, with_: Collaborators
) -> None:
    put(catalog, "shop.a", pa.table({"zq": keys(), "zr": keys()}))
    put(catalog, "shop.b", pa.table({"customer_id": keys()}))
    assert scan(with_)["b"] == {"customer_id": "person_id"}
    assert [str(key) for key in person_keys(with_)] == ["lake.shop.b.customer_id"]
    label(gov, catalog, "shop.a.zr", "person_id")
    label(gov, catalog, "shop.b.customer_id", "none.code")
    assert [str(key) for key in person_keys(with_)] == ["lake.shop.a.zr"]


def test_a_nested_key_of_persons_stops_no_other_table(gov: Governance, catalog: Catalog, with_: Collaborators) -> None:
    put(catalog, "shop.a", pa.table({"who": [{"customer_id": each, "email": "ann@shop.example"} for each in keys()]}))
    scan(with_)
    label(gov, catalog, "shop.a.who", "person_id")
    put(catalog, "shop.z", pa.table({"zz": keys()}))
    assert scan(with_) == {"z": {"zz": "none.code"}}
    assert person_keys(with_) == []
    place = ColumnRef.parse("shop.a.who")
    assert len(with_.lake.hashes(place, SCANNER, b"salt")) == 0


@pytest.mark.parametrize("error", [pa.ArrowNotImplementedError("cus_00000001"), KeyError("cus_00000001")])
def test_a_key_that_cannot_be_read_stops_no_other_table(
    catalog: Catalog,
    with_: Collaborators,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def breaks(*_: object) -> object:
        raise error

    put(catalog, "shop.a", pa.table({"customer_id": keys()}))
    scan(with_)
    put(catalog, "shop.z", pa.table({"zz": keys()}))
    monkeypatch.setattr(value_hashes, "_values", breaks)
    with caplog.at_level(logging.WARNING):
        assert scan(with_) == {"z": {"zz": "none.code"}}
    assert "cus_" not in caplog.text


def test_a_column_with_the_values_of_a_key_is_found_by_a_scan(catalog: Catalog, with_: Collaborators) -> None:
    put(catalog, "shop.a", pa.table({"customer_id": keys()}))
    scan(with_)
    put(catalog, "shop.z", pa.table({"zz": keys()}))
    assert scan(with_) == {"z": {"zz": "person_id"}}


def test_without_an_audit_no_key_is_read(
    catalog: Catalog, with_: Collaborators, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> object:
        raise AuditUnavailable("It is full.")

    put(catalog, "shop.a", pa.table({"customer_id": keys()}))
    scan(with_)
    put(catalog, "shop.z", pa.table({"zz": keys()}))
    monkeypatch.setattr(with_.lake, "hashes", full)
    with pytest.raises(AuditUnavailable):
        scan(with_)


def test_text_makes_a_scan_old_sooner_and_a_column_that_is_put_back_makes_a_table_due(
    gov: Governance, catalog: Catalog, with_: Collaborators
) -> None:
    texts = [f"Please write to ann{number}@shop.example, my name is Ann Meier and I was ill." for number in range(60)]
    put(catalog, "shop.a", pa.table({"zq": keys()}))
    put(catalog, "shop.b", pa.table({"diary": texts}))
    assert scan(with_)["b"] == {"diary": "free_text_pii"}
    gov.clock.move(days=31)
    assert [(each.table.ref.name, each.reasons) for each in Skimmer(with_).due()] == [("b", (Reason.AGE,))]
    table = catalog.table(TableRef.parse("shop.a"))
    assert table is not None
    gov.reviews.decide(ANN, table, ("zq",), ReviewState.PENDING)
    assert {each.table.ref.name: each.reasons for each in Skimmer(with_).due()}["a"] == (Reason.DISPUTE,)
