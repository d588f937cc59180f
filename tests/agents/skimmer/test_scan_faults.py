"""A table that breaks a rule stops no other, and its values stay out of what is told of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from agents.skimmer import scan_steps
from agents.skimmer.scan_state import Collaborators
from agents.skimmer.skimmer import Skimmer
from tests.townlake.governance.conftest import Governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.sample import TableSample
from townlake.domain.table import TableInfo
from townlake.governance.scan_records import ScanFinding
from townlake.governance.scans import Scans
from townlake.lake import Lake


@pytest.fixture
def catalog(gov: Governance) -> Iterator[Catalog]:
    found = open_catalog(gov.home, gov.state)
    for name in ("shop.a", "shop.b"):
        data = pa.table({"mail": [f"ann{n}@shop.example" for n in range(30)]})
        found.create(TableRef.parse(name), data.schema)
        found.append(TableRef.parse(name), data)
    yield found
    found.close()


def skimmer(gov: Governance, catalog: Catalog, lake: Lake | None = None, **more: object) -> Skimmer:
    lake = lake or Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    return Skimmer(Collaborators(lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock, **more))  # type: ignore[arg-type]


def test_what_nobody_foresaw_stops_no_other_table(
    gov: Governance, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usual = scan_steps.judged

    def breaks(info: TableInfo, sample: object) -> object:
        if info.ref.name == "a":
            raise ValueError("ann1@shop.example")
        return usual(info, sample)  # type: ignore[arg-type]

    monkeypatch.setattr(scan_steps, "judged", breaks)
    scanner = skimmer(gov, catalog)
    with caplog.at_level(logging.ERROR):
        found = {each.table.name: each for each in scanner.scan(scanner.due())}
    assert "ValueError" in found["a"].fault
    assert found["b"].proposed == ("mail",)
    assert "ann1" not in caplog.text + found["a"].fault
    assert [each.table.ref.name for each in scanner.due()] == ["a"]


class Swaps(Lake):
    """Has a table dropped, and another one made in its place, right after its sample."""

    def sample(self, ref: TableRef, principal: Principal, **more: Any) -> TableSample:
        found = super().sample(ref, principal, **more)
        self._catalog.drop(ref)
        self._catalog.create(ref, pa.schema([("mail", pa.string())]))
        return found


def test_nothing_is_said_of_a_table_that_came_in_the_place_of_the_sampled_one(
    gov: Governance, catalog: Catalog
) -> None:
    lake = Swaps(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    scanner = skimmer(gov, catalog, lake=lake)
    found = list(scanner.scan(scanner.due([TableRef.parse("shop.a")])))
    assert [("was dropped" in each.fault, each.proposed) for each in found] == [(True, ())]
    assert Scans(gov.state, gov.clock).of_tables() == {}


def test_a_judge_lowers_nothing_that_values_prove(gov: Governance, catalog: Catalog) -> None:
    class Lenient:
        version = "lenient"

        def __call__(
            self, table: TableInfo, findings: tuple[ScanFinding, ...], before: Iterable[ScanFinding] = ()
        ) -> tuple[ScanFinding, ...]:
            known = findings[0].classification.model_copy(update={"label": "none.text"})
            return (findings[0].model_copy(update={"classification": known, "is_personal": False}),)

    scanner = skimmer(gov, catalog, judge=Lenient())
    found = list(scanner.scan(scanner.due()))
    assert {each.findings[0].classification.label for each in found} == {"email"}
