"""What an answer says of a sample: how to scale up, or that it was done."""

from __future__ import annotations

import pytest

from agents.ask.sampled import say_samples
from tests.agents.test_slice import table
from townlake.domain.finding import Finding, Severity
from townlake.domain.table import Sampling

OTHER = Finding(code="TRP001", severity=Severity.WARNING, message="m")
ADVICE = Finding(code="CAT002", severity=Severity.NOTE, message="a sample", hint="scale it up")


@pytest.mark.parametrize(
    ("sampling", "sql", "weighed"),
    [
        (Sampling(interval_column="every"), "SELECT count(*) FROM s.t", False),
        (Sampling(interval_column="every"), "SELECT max(every) FROM s.t", False),
        (Sampling(interval_column="every"), "SELECT sum(every) FROM s.t", True),
        (Sampling(interval_column="every"), "SELECT sum(n) FROM (SELECT bytes * every AS n FROM s.t) AS x", True),
        (Sampling(interval=100), "SELECT count(*) FROM s.t", False),
        (Sampling(interval=100), "SELECT 10 * count(*) FROM s.t", False),
        (Sampling(interval=100), "SELECT 100 * count(*) FROM s.t", True),
        (Sampling(), "SELECT count(*) FROM s.t", False),
    ],
)
def test_an_answer_tells_whether_it_was_scaled_up(sampling: Sampling, sql: str, weighed: bool) -> None:
    other, said = say_samples((OTHER, ADVICE), [table("s.t", "every", sampling=sampling)], sql)
    assert (other, said.code, bool(said.hint)) == (OTHER, "CAT002", not weighed)
    assert ("estimates" in said.message) is weighed
    assert "sample of the events" in said.message


def test_nothing_is_said_of_whole_tables() -> None:
    assert say_samples((OTHER,), [table("s.t")], "SELECT 1") == (OTHER,)
