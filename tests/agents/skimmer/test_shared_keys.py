"""A run compares with keys of persons for so long, and holds so much of them."""

from __future__ import annotations

import logging
import time
import tracemalloc

import pytest

from agents.skimmer import shared_keys
from agents.skimmer.shared_keys import MOST_HASHES, MOST_KEYS, SharedKeys
from townlake.catalog.value_hashes import Hashes, hashes_of
from townlake.domain.names import ColumnRef

COLUMN = ColumnRef.parse("shop.orders.zq")
VALUES = [f"cus_{number:06d}" for number in range(300)]


def key(number: int) -> ColumnRef:
    return ColumnRef.parse(f"crm.people{number}.id")


class Keys:
    """Reads keys: each has other values, but the last one, which has those of the column."""

    def __init__(self, count: int, seconds: float = 0.0, size: int = 1) -> None:
        self.keys = [key(number) for number in range(count)]
        self.read: list[ColumnRef] = []
        self._seconds = seconds
        self._size = size

    def __call__(self, place: ColumnRef, salt: bytes, seconds: float) -> Hashes:
        assert seconds > 0
        self.read.append(place)
        time.sleep(self._seconds)
        if place == self.keys[-1]:
            return Hashes([hashes_of(VALUES, salt)])
        return Hashes([range(self._size)])


def test_each_key_is_read_once() -> None:
    keys, shared = Keys(3), SharedKeys()
    for _ in range(2):
        assert shared.match(COLUMN, VALUES, keys.keys, keys) == key(2)
    assert keys.read == keys.keys


def test_no_more_keys_are_read_than_a_run_may_and_that_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    keys, shared = Keys(MOST_KEYS + 1), SharedKeys()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert shared.match(COLUMN, VALUES, keys.keys, keys) is None
    assert len(keys.read) == MOST_KEYS
    assert len(caplog.records) == 1
    assert shared.match(COLUMN, VALUES, keys.keys[-1:], keys) is None
    assert "cus_" not in caplog.text


def test_no_key_is_read_when_the_time_is_over() -> None:
    keys, shared = Keys(5, seconds=0.02), SharedKeys(seconds=0.03)
    assert shared.match(COLUMN, VALUES, keys.keys, keys) is None
    assert len(keys.read) == 2
    found = Keys(1)
    late = SharedKeys(seconds=0.03)
    assert late.match(COLUMN, VALUES, found.keys, found) == key(0)
    late.seconds = 0
    assert late.match(COLUMN, VALUES, found.keys, found) == key(0), "what is held is still compared with"


def test_no_key_is_read_when_there_is_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_keys, "MOST_HASHES", 1000)
    keys, shared = Keys(5, size=500), SharedKeys()
    assert shared.match(COLUMN, VALUES, keys.keys, keys) is None
    assert len(keys.read) == 2
    assert MOST_HASHES * 8 == 32_000_000


def test_a_million_hashes_take_eight_megabytes() -> None:
    found = hashes_of((f"cus_{number:06d}" for number in range(100_000)), b"salt")
    tracemalloc.start()
    held = Hashes([found, found])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(held) == 100_000
    assert held.count(found) == 100_000
    assert held.count(range(50)) == 0
    assert taken < 900_000
    assert (len(Hashes()), Hashes().count({1})) == (0, 0)
