"""Scans by what was learned: due when another version is accepted, and never less sure of what values prove."""

from __future__ import annotations

import pyarrow as pa

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.learned import Learned, LearnedVersion
from agents.skimmer.learning.neighbours import neighbours
from agents.skimmer.scan_state import Collaborators, Outcome
from agents.skimmer.skimmer import Skimmer
from tests.agents.skimmer.learning.cases import CODES, OPENED, alike, told
from tests.townlake.governance.conftest import Governance
from townlake.catalog.catalog import Catalog
from townlake.catalog.lineage import LineageEdge
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.governance.scan_records import Reason
from townlake.governance.scans import Scans
from townlake.lake import Lake

SOURCE, COPY = TableRef.parse("shop.a"), TableRef.parse("shop.b")


class Accepted:
    """The version in use, which a person changes while a scanner is at work."""

    def __init__(self) -> None:
        self.version = LearnedVersion()

    def __call__(self) -> LearnedVersion:
        return self.version

    def harmless(self, number: int) -> None:
        """People call columns under this header codes."""
        rules = neighbours(told(alike("none.code", state=OPENED)).found)
        self.version = LearnedVersion(number=number, learned=Learned(neighbours=rules))


def load(catalog: Catalog, ref: TableRef, values: list[str]) -> None:
    data = pa.table({"kz_merk": values})
    if catalog.table(ref) is None:
        catalog.create(ref, data.schema)
    catalog.replace(ref, data)


def scanner(gov: Governance, catalog: Catalog, accepted: Accepted) -> Skimmer:
    lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    return Skimmer(Collaborators(lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock, learned=accepted))


def scan(skimmer: Skimmer) -> dict[str, Outcome]:
    return {outcome.table.name: outcome for outcome in skimmer.scan(skimmer.due())}


def test_another_version_makes_tables_due_in_a_scanner_that_runs(gov: Governance, catalog: Catalog) -> None:
    load(catalog, SOURCE, list(CODES))
    accepted = Accepted()
    skimmer = scanner(gov, catalog, accepted)
    scan(skimmer)
    assert skimmer.due() == ()
    for number in (1, 2):
        accepted.harmless(number)
        (due,) = skimmer.due()
        assert due.reasons == (Reason.RULES,)
        scan(skimmer)
        assert skimmer.due() == ()
    table = catalog.table(SOURCE)
    assert table is not None
    (review,) = gov.reviews.of(table.uuid).values()
    assert review.classification is not None
    assert review.classification.rules == f"{RULES_VERSION}+learned.2"
    assert "learned.2" in review.classification.evidence[0]
    accepted.version = LearnedVersion()
    assert [each.reasons for each in skimmer.due()] == [(Reason.RULES,)]


def test_what_values_proved_stays_whatever_is_learned(gov: Governance, catalog: Catalog) -> None:
    accepted = Accepted()
    accepted.harmless(1)
    load(catalog, SOURCE, [f"ann{number}@shop.example" for number in range(40)])
    skimmer = scanner(gov, catalog, accepted)
    assert scan(skimmer)["a"].findings[0].is_checked
    accepted.harmless(2)
    load(catalog, SOURCE, list(CODES))
    (finding,) = scan(skimmer)["a"].findings
    assert (finding.classification.label, finding.recommendation) == ("email", "mask")


def test_what_comes_from_a_personal_column_stays_personal(gov: Governance, catalog: Catalog) -> None:
    accepted = Accepted()
    accepted.harmless(1)
    load(catalog, SOURCE, [f"ann{number}@shop.example" for number in range(40)])
    load(catalog, COPY, list(CODES))
    edge = LineageEdge(
        source=ColumnRef(table=SOURCE, column="kz_merk"), target=ColumnRef(table=COPY, column="kz_merk"), kind="copy"
    )
    catalog.add_lineage([edge])
    found = scan(scanner(gov, catalog, accepted))
    (finding,) = found["b"].findings
    assert (finding.classification.label, finding.recommendation) == ("email", "mask")
