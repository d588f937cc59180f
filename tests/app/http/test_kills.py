"""A server is killed in the midst of its work: nothing that it acknowledged is lost, and nothing is done twice."""

from __future__ import annotations

from app.http_kills import kill_again_and_again
from tests.app.http.served import QUESTION
from tests.app.shop import Home


def test_killed_three_times_it_loses_nothing_and_does_nothing_twice(shop: Home) -> None:
    found = kill_again_and_again(shop.path, 3, (QUESTION,), variables=shop.variables())
    assert found.faults == []
    assert found.kills == 3
    assert len({each.run_id for each in found.asked}) == 18
