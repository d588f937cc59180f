"""Whose a saved thing is, who finds it, and which version it has."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.contract.saved import Reach, Sharing
from app.saved import shelf as shelves
from app.saved.question import QuestionContent
from app.saved.shelf import Changed, Kind, Shelf
from app.saved.tables import SAVED
from tests.support.databases import home_state
from townlake.domain.errors import AccessDenied, BadInput, HomeError, LimitExceeded, NotFound
from townlake.domain.principal import Principal, PrincipalKind

ANN = Principal(subject="ann", groups=frozenset({"sales"}))
BOB = Principal(subject="bob", groups=frozenset({"sales", "east"}))
EVE = Principal(subject="eve")
BOT = Principal(subject="ann", kind=PrincipalKind.SERVICE, groups=frozenset({"sales"}))
WORDS = QuestionContent(name="n", question="q", description="", sql="SELECT 1")
SALES = Sharing(reach=Reach.GROUPS, groups=("sales", "west"))

Questions = Shelf[QuestionContent]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = home_state(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def shelf(state: sa.Engine) -> Questions:
    return Shelf(state, lambda: datetime.now(UTC), Kind.QUESTION, QuestionContent, "saved question")


def test_what_is_private_is_its_owners_alone(shelf: Questions) -> None:
    kept = shelf.add(WORDS, Sharing(), ANN)
    assert shelf.get(kept.id, ANN) == kept
    assert (kept.mine, kept.version, kept.owner) == (True, 1, "ann")
    for other in (BOB, BOT, EVE, BOT.model_copy(update={"on_behalf_of": "ann"})):
        with pytest.raises(NotFound) as told:
            shelf.get(kept.id, other)
        with pytest.raises(NotFound) as missing:
            shelf.get("0" * 16, other)
        assert told.value.message.replace(kept.id, "") == missing.value.message.replace("0" * 16, "")
        assert shelf.list(other, mine=False, cursor=None, limit=9)[0] == ()


def test_groups_find_what_is_shared_with_them_and_not_with_whom_else(shelf: Questions) -> None:
    kept = shelf.add(WORDS, SALES, ANN)
    assert shelf.get(kept.id, ANN).sharing.groups == ("sales", "west")
    seen = shelf.get(kept.id, BOB)
    assert (seen.mine, seen.sharing.groups) == (False, ("sales",))
    assert [each.id for each in shelf.list(BOB, mine=False, cursor=None, limit=9)[0]] == [kept.id]
    assert shelf.list(BOB, mine=True, cursor=None, limit=9)[0] == ()
    with pytest.raises(NotFound):
        shelf.get(kept.id, EVE)


def test_a_service_that_acts_for_somebody_finds_what_both_may_find(shelf: Questions) -> None:
    kept = shelf.add(WORDS, SALES, ANN)
    alone = BOT.model_copy(update={"on_behalf_of": "eve"})
    with pytest.raises(NotFound):
        shelf.get(kept.id, alone)
    assert shelf.get(kept.id, alone.model_copy(update={"behalf_groups": frozenset({"sales"})})).id == kept.id


def test_no_service_passes_for_a_person(shelf: Questions) -> None:
    callers = (ANN, BOT, BOT.model_copy(update={"on_behalf_of": "ann"}))
    owners = [shelf.add(WORDS, Sharing(), caller).owner for caller in callers]
    assert owners == ["ann", "service ann", "service ann for ann"]


def test_everybody_finds_what_is_for_everybody(shelf: Questions) -> None:
    kept = shelf.add(WORDS, Sharing(reach=Reach.EVERYBODY), ANN)
    assert shelf.get(kept.id, EVE).content == WORDS
    common = shelf.add(WORDS, Sharing(reach=Reach.GROUPS, groups=("everyone",)), ANN)
    assert shelf.get(common.id, EVE).id == common.id


def test_only_its_owner_changes_it_and_only_what_they_have_seen(shelf: Questions) -> None:
    kept = shelf.add(WORDS, Sharing(reach=Reach.EVERYBODY), ANN)
    for change in (
        lambda who, seen: shelf.replace(kept.id, who, seen, WORDS, SALES),
        lambda who, seen: shelf.delete(kept.id, who, seen),
    ):
        with pytest.raises(AccessDenied):
            change(BOB, None)
        with pytest.raises(Changed):
            change(ANN, {7})
    changed = shelf.replace(kept.id, ANN, {1}, WORDS.model_copy(update={"name": "m"}), Sharing())
    assert (changed.version, changed.content.name, changed.sharing) == (2, "m", Sharing())
    with pytest.raises(NotFound):
        shelf.replace(kept.id, BOB, None, WORDS, SALES)
    shelf.delete(kept.id, ANN, None)
    with pytest.raises(NotFound):
        shelf.get(kept.id, ANN)


def test_of_changes_to_one_version_at_the_same_time_one_holds(shelf: Questions) -> None:
    kept = shelf.add(WORDS, SALES, ANN)

    def change(at: int) -> bool:
        try:
            shelf.replace(kept.id, ANN, {1}, WORDS.model_copy(update={"name": str(at)}), SALES)
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(change, range(8))) == 1
    assert shelf.get(kept.id, ANN).version == 2


def test_pages_hold_everything_once_whatever_is_deleted_between_them(shelf: Questions) -> None:
    made = [shelf.add(WORDS, Sharing(), ANN).id for _ in range(7)]
    first, cursor = shelf.list(ANN, mine=True, cursor=None, limit=3)
    shelf.delete(first[-1].id, ANN, None)
    second, cursor = shelf.list(ANN, mine=True, cursor=cursor, limit=3)
    third, end = shelf.list(ANN, mine=True, cursor=cursor, limit=3)
    assert [each.id for each in (*first, *second, *third)] == made[::-1]
    assert end is None


@pytest.mark.parametrize("cursor", ["", "~", "x~0000000000000000", "9999-99-99T00:00:00Z~0000000000000000"])
def test_what_is_no_cursor(shelf: Questions, cursor: str) -> None:
    with pytest.raises(BadInput):
        shelf.list(ANN, mine=True, cursor=cursor, limit=1)


def test_nobody_keeps_too_many(shelf: Questions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MOST", 1)
    shelf.add(WORDS, Sharing(), ANN)
    with pytest.raises(LimitExceeded):
        shelf.add(WORDS, Sharing(), ANN)
    shelf.add(WORDS, Sharing(), BOB)


def test_no_group_can_be_called_so(shelf: Questions) -> None:
    with pytest.raises(BadInput):
        shelf.add(WORDS, Sharing(reach=Reach.GROUPS, groups=("a b",)), ANN)
    assert shelf.list(ANN, mine=True, cursor=None, limit=1)[0] == ()


def test_what_was_damaged_is_not_passed_on(shelf: Questions, state: sa.Engine) -> None:
    kept = shelf.add(WORDS, Sharing(), ANN)
    chart = '{"mark": "image", "encoding": {}}'
    with state.begin() as connection:
        wrong = WORDS.model_dump_json().replace('"chart":null', f'"chart":{chart}')
        connection.execute(sa.update(SAVED).values(content=wrong))
    with pytest.raises(HomeError):
        shelf.get(kept.id, ANN)


def test_another_kind_is_another_shelf(shelf: Questions, state: sa.Engine) -> None:
    kept = shelf.add(WORDS, Sharing(), ANN)
    other = Shelf(state, lambda: datetime.now(UTC), Kind.DASHBOARD, QuestionContent, "dashboard")
    with pytest.raises(NotFound):
        other.get(kept.id, ANN)
