"""A statement that would read too much is refused with what would help, and without sizes that would tell."""

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.governance.scan_limit import scan_finding
from townlake.governance.table_view import TableView, view_table

EVENTS = table_info("web.events", id="bigint", seen="timestamp(6)", day="date", url="varchar")
SMALL = TableRef.parse("web.pages")


@pytest.fixture
def view(gov: Governance, ann: Principal) -> TableView:
    gov.reviews.decide(ann, EVENTS, ["id", "day", "url"], ReviewState.OPEN)
    gov.grants.add("web", "everyone", by=ann)
    found = view_table(EVENTS, gov.access(EVENTS), lambda ref: None)
    assert found is not None
    return found


def test_what_may_run_has_no_finding(view: TableView) -> None:
    assert scan_finding([(EVENTS.ref, 10)], None, (), lambda ref: view) is None
    assert scan_finding([(EVENTS.ref, 10)], 10, (), lambda ref: view) is None
    assert scan_finding([], 1, (), lambda ref: view) is None


def test_the_largest_table_and_its_open_days_are_named(view: TableView) -> None:
    reads = [(SMALL, 2**30), (EVENTS.ref, 5 * 2**29)]
    found = scan_finding(reads, 2**30, (), lambda ref: view)
    assert found is not None
    assert found.message == "The statement would read 3.5 GB, and one may read 1 GB."
    # `seen` is closed, so nobody is told of it.
    assert found.hint == "2.5 GB of it are lake.web.events. Filter on day, or name fewer columns."


def test_the_size_of_a_table_with_hidden_rows_is_not_told(view: TableView) -> None:
    found = scan_finding([(EVENTS.ref, 2_345_000_000)], 2**20, {EVENTS.ref}, lambda ref: view)
    assert found is not None
    assert found.message == "The statement would read more than 1 MB."
    assert "2.3" not in found.hint


def test_a_table_without_days_has_advice_too() -> None:
    found = scan_finding([(SMALL, 100)], 10, (), lambda ref: None)
    assert found is not None
    assert found.hint.endswith("Filter its rows, or name fewer columns.")


@pytest.mark.parametrize(("filtered", "told"), [("pg.public.visits", False), ("web.events", True)])
def test_what_a_source_does_itself_may_stand_for_any_table_of_it(filtered: str, told: bool) -> None:
    made_up = TableRef(catalog="pg", namespace="_generated", name="_generated_query")
    found = scan_finding([(made_up, 2_345)], 10, {TableRef.parse(filtered)}, lambda ref: None)
    assert found is not None
    assert "in pg" in found.hint
    assert ("2345" in found.message + found.hint) == told
