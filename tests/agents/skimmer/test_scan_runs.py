"""A run over many tables: what a fault below a table does to the others, and what a broken run goes on with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from agents.skimmer.scan_state import Collaborators
from agents.skimmer.skimmer import Due, Skimmer
from tests.townlake.governance.conftest import Governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.lineage import LineageEdge
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.governance.scans import Scans
from townlake.lake import Lake

UP, DOWN, OTHER = (TableRef.parse(f"shop.{name}") for name in ("up", "down", "other"))
CODES = [f"c{n}" for n in range(60)]
MAILS = [f"ann{n}@shop.example" for n in range(60)]


@pytest.fixture
def catalog(gov: Governance) -> Iterator[Catalog]:
    found = open_catalog(gov.home, gov.state)
    for ref in (UP, DOWN, OTHER):
        put(found, ref, CODES)
    yield found
    found.close()


def put(catalog: Catalog, ref: TableRef, values: list[str]) -> None:
    data = pa.table({"m": values})
    if catalog.table(ref) is None:
        catalog.create(ref, data.schema)
    catalog.append(ref, data)


def skimmer(gov: Governance, catalog: Catalog) -> Skimmer:
    lake = Lake(catalog, gov.policy, gov.audit, object(), Limits())  # type: ignore[arg-type]
    return Skimmer(Collaborators(lake, catalog, gov.reviews, Scans(gov.state, gov.clock), gov.clock))


def scanned(scanner: Skimmer, due: tuple[Due, ...]) -> list[str]:
    return [each.table.name for each in scanner.scan(due)]


def broken_off(scanner: Skimmer, due: tuple[Due, ...], after: int) -> list[str]:
    """Scan so many tables, and no more."""
    scanning = scanner.scan(due)
    names = [next(scanning).table.name for _ in range(after)]
    scanning.close()
    return names


def test_a_damaged_table_below_a_scanned_one_stops_no_other(gov: Governance, catalog: Catalog) -> None:
    edges = [
        LineageEdge(source=ColumnRef(table=UP, column="m"), target=ColumnRef(table=ref, column="m"), kind="copy")
        for ref in (DOWN, OTHER)
    ]
    catalog.add_lineage(edges)
    list(skimmer(gov, catalog).scan(skimmer(gov, catalog).due()))
    put(catalog, UP, MAILS)
    down = catalog.table(DOWN)
    assert down is not None
    Path(down.metadata_location.removeprefix("file://")).unlink()
    catalog.close()
    again = open_catalog(gov.home, gov.state)
    scanner = skimmer(gov, again)
    due = scanner.due([UP])
    found = {each.table: each for each in scanner.scan(due)}
    assert found[DOWN].fault
    assert (found[OTHER].fault, found[OTHER].proposed) == ("", ("m",))
    # The run came to its end: nothing is left to go on with.
    scans = Scans(gov.state, gov.clock)
    assert scans.done(scans.begin([each.table.uuid for each in due])) == frozenset()
    again.close()


def test_a_broken_run_over_all_goes_on_with_the_rest_and_with_what_changed(gov: Governance, catalog: Catalog) -> None:
    scanner = skimmer(gov, catalog)
    assert broken_off(scanner, scanner.due(everything=True), 2) == ["down", "other"]
    gov.clock.move(hours=2)
    put(catalog, DOWN, MAILS)
    assert scanned(scanner, scanner.due(everything=True)) == ["down", "up"]
    assert scanner.due() == ()


def test_what_is_due_again_is_scanned_though_a_broken_run_had_it(gov: Governance, catalog: Catalog) -> None:
    scanner = skimmer(gov, catalog)
    assert broken_off(scanner, scanner.due(), 1) == ["down"]
    gov.clock.move(hours=2)
    put(catalog, DOWN, MAILS)
    assert scanned(scanner, scanner.due()) == ["down", "other", "up"]
    assert scanner.due() == ()


def test_a_named_table_is_scanned_now_whatever_a_broken_run_did(gov: Governance, catalog: Catalog) -> None:
    scanner = skimmer(gov, catalog)
    assert broken_off(scanner, scanner.due([DOWN]), 1) == ["down"]
    assert scanned(scanner, scanner.due([DOWN])) == ["down"]
