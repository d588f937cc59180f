"""How fast a caller may ask: all servers together give what one would, with one write in many requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.http.problems import Refusal
from app.http.shared_pace import PARTS, SharedPace
from tests.support.databases import home_state
from townlake.domain.principal import Principal, PrincipalKind

ANN, BEA = Principal(subject="ann"), Principal(subject="bea")
MOST = 100


class World:
    """Servers of one state, whose time stands still until somebody moves it."""

    def __init__(self, state: sa.Engine) -> None:
        self.state = state
        self.passed = 0.0
        self.writes = 0

    def server(self, most: int = MOST) -> SharedPace:
        begin = datetime(2026, 3, 1, tzinfo=UTC)
        return SharedPace(self.state, most, lambda: begin + timedelta(seconds=self.passed), lambda: 1_000 + self.passed)

    def taken(self, server: SharedPace, tries: int, who: Principal = ANN) -> int:
        """How many of so many requests were taken."""
        taken = 0
        for _ in range(tries):
            try:
                server.take(who)
            except Refusal:
                continue
            taken += 1
        return taken


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    state = home_state(tmp_path)
    made = World(state)

    @sa.event.listens_for(state, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        made.writes += statement.startswith(("INSERT INTO paces", "UPDATE paces", "DELETE FROM paces"))

    yield made
    state.dispose()


def test_two_servers_together_take_what_one_would(world: World) -> None:
    one, other = world.server(), world.server()
    taken = 0
    for _ in range(MOST):
        taken += world.taken(one, 1) + world.taken(other, 1)
    assert taken == MOST
    world.passed += 30
    assert world.taken(one, MOST) + world.taken(other, MOST) == MOST // 2


def test_what_one_server_holds_is_all_that_another_misses(world: World) -> None:
    assert world.taken(world.server(), 1) == 1
    assert world.taken(world.server(), 2 * MOST) == MOST - MOST // PARTS


def test_it_costs_one_write_in_many_requests_and_none_for_a_refusal(world: World) -> None:
    server = world.server()
    world.taken(server, MOST)
    assert world.writes <= PARTS + 2
    before = world.writes
    assert world.taken(server, 50) == 0
    assert world.writes == before


def test_a_refusal_says_when_the_next_one_is_taken(world: World) -> None:
    server = world.server(6)
    assert world.taken(server, 10) == 6
    for _ in range(2):
        with pytest.raises(Refusal, match="more than 6 requests") as refused:
            server.take(ANN)
        assert refused.value.headers["Retry-After"] == "10"
    world.passed += 10
    assert world.taken(server, 5) == 1


def test_callers_have_a_pace_each(world: World) -> None:
    server = world.server(5)
    assert world.taken(server, 9) == 5
    bot = Principal(subject="ann", kind=PrincipalKind.SERVICE)
    assert world.taken(server, 9, BEA) == world.taken(server, 9, bot) == 5


def test_what_lies_unused_for_a_minute_is_given_up(world: World) -> None:
    server, other = world.server(), world.server()
    world.taken(server, 1)
    world.taken(other, MOST)
    world.passed += 61
    assert world.taken(other, 2 * MOST) == MOST
    assert world.taken(server, 1) == 0


def test_a_bucket_that_is_full_again_is_forgotten(world: World) -> None:
    world.taken(world.server(), 1)
    world.passed += 300
    world.taken(world.server(), 1, BEA)
    with world.state.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM paces")).scalar() == 1
