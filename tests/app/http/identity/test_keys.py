"""The registry of keys: two that hold, an end, an owner, and no secret anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.http.identity.key_form import Key, read_key
from app.http.identity.keys import ApiKeys
from app.http.identity.scopes import ORDINARY, Scope
from app.http.identity.tables import API_KEYS
from tests.support.databases import home_state
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.audit import Audit
from townlake.governance.audit_entries import Wanted, newest_entries

ADA = Principal(subject="ada")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Registry:
    """A registry with a clock that a test moves."""

    def __init__(self, state: sa.Engine, home: Path) -> None:
        self.now = NOW
        self.state = state
        self.keys = ApiKeys(state, lambda: self.now, Audit(state, home / "audit.key", lambda: self.now))

    def make(self, service: str = "reports", **more: object) -> tuple[str, Key]:
        """(id, key) of a new one."""
        wanted: dict[str, object] = {"owner": "ada", "member_of": ("bots",), "scopes": ORDINARY, "days": 30, "by": ADA}
        made, text = self.keys.create(service, **wanted | more)  # type: ignore[arg-type]
        key = read_key(text)
        assert key is not None
        return made.id, key


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    state = home_state(tmp_path)
    yield Registry(state, tmp_path)
    state.dispose()


def test_a_key_names_a_service_with_its_groups(registry: Registry) -> None:
    key_id, key = registry.make()
    found = registry.keys.proven(key)
    assert found is not None
    assert found.id == key_id
    assert found.principal == Principal(subject="reports", kind=PrincipalKind.SERVICE, groups=frozenset({"bots"}))
    assert (found.owner, found.scopes, found.until) == ("ada", ORDINARY, NOW + timedelta(days=30))


def test_no_secret_is_kept(registry: Registry, tmp_path: Path) -> None:
    key_id, key = registry.make()
    with registry.state.connect() as connection:
        kept = connection.execute(sa.select(API_KEYS)).mappings().one()
    assert kept["id"] == key_id
    assert key.secret not in str(dict(kept))
    entries = newest_entries(registry.state, Wanted(kind="key"), 10)
    assert [entry["kind"] for entry in entries] == ["key.created"]
    assert key.secret not in json.dumps(entries)
    assert kept["digest"] not in json.dumps(entries)


def test_another_secret_or_another_id_proves_nothing(registry: Registry) -> None:
    _, one = registry.make()
    _, other = registry.make("other")
    assert registry.keys.proven(Key(one.id, other.secret)) is None
    assert registry.keys.proven(Key(one.id, one.secret[:-1] + ("A" if one.secret[-1] != "A" else "B"))) is None
    assert registry.keys.proven(Key("0" * 12, one.secret)) is None


@pytest.mark.parametrize("text", ["", "sk_", "sk_0123456789ab", "sk_0123456789ab_", "sk_0123456789AB_" + "x" * 43])
def test_half_a_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_a_key_ends_by_itself(registry: Registry) -> None:
    _, key = registry.make(days=1)
    found = registry.keys.proven(key)
    assert found is not None
    assert found.holds(NOW + timedelta(hours=23))
    assert not found.holds(NOW + timedelta(days=1))


def test_two_keys_of_a_service_hold_so_that_it_can_change_over(registry: Registry) -> None:
    old, _ = registry.make()
    registry.make()
    registry.make("other")
    with pytest.raises(BadInput, match="has 2 keys that hold") as refused:
        registry.make()
    assert old in refused.value.hint
    gone = registry.keys.revoke(old, by=ADA)
    assert gone.revoked_at == NOW
    registry.make()


def test_a_key_that_has_ended_makes_room(registry: Registry) -> None:
    registry.make(days=1)
    registry.make(days=2)
    registry.now += timedelta(days=1)
    registry.make()


def test_a_key_is_revoked_once(registry: Registry) -> None:
    key_id, _ = registry.make()
    registry.keys.revoke(key_id, by=ADA)
    for wanted in (key_id, "f" * 12, "", "x'; DROP TABLE api_keys"):
        with pytest.raises(NotFound):
            registry.keys.revoke(wanted, by=ADA)


def test_only_a_person_makes_and_revokes_keys(registry: Registry) -> None:
    key_id, _ = registry.make()
    bot = Principal(subject="reports", kind=PrincipalKind.SERVICE)
    with pytest.raises(AccessDenied):
        registry.make(by=bot)
    with pytest.raises(AccessDenied):
        registry.keys.revoke(key_id, by=bot)
    assert len(registry.keys.list()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": "two words"},
        {"service": "bot\nann"},
        {"owner": ""},
        {"owner": "a\nb"},
        {"member_of": ("no group",)},
        {"scopes": frozenset()},
        {"days": 0},
        {"days": 367},
    ],
)
def test_what_no_key_can_be_is_refused(registry: Registry, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        registry.make(**wrong)  # type: ignore[arg-type]
    assert registry.keys.list() == ()


def test_its_use_is_noted_once_a_minute(registry: Registry) -> None:
    _, key = registry.make(scopes=frozenset({Scope.ASK}))

    def used() -> datetime | None:
        found = registry.keys.proven(key)
        assert found is not None
        registry.keys.note_use(found)
        return registry.keys.list()[0].used_at

    assert used() == NOW
    registry.now += timedelta(seconds=59)
    assert used() == NOW
    registry.now += timedelta(seconds=1)
    assert used() == registry.now
