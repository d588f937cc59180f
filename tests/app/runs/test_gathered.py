"""What is asked for at the same time is done together, and nobody suffers for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event as Flag

import pytest

from app.runs.gathered import Gathered
from townlake.domain.errors import BadInput, HomeError, SkipperError


class Work:
    """Doubles numbers, once it may."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.may = Flag(), Flag()

    def __call__(self, numbers: Sequence[int]) -> Sequence[int | SkipperError]:
        self.batches.append(list(numbers))
        self.begun.set()
        assert self.may.wait(10)
        if 13 in numbers:
            raise ZeroDivisionError
        return [BadInput("too much") if number > 100 else 2 * number for number in numbers]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def gathered(work: Work) -> Iterator[Gathered[int, int]]:
    made: Gathered[int, int] = Gathered(work, "test")
    made.start()
    yield made
    work.may.set()
    made.close()


def test_what_comes_meanwhile_is_done_together(gathered: Gathered[int, int], work: Work) -> None:
    first = gathered.put(1)
    assert work.begun.wait(10)
    others = [gathered.put(number) for number in (2, 200, 3)]
    work.may.set()
    assert first.result(10) == 2
    assert (others[0].result(10), others[2].result(10)) == (4, 6)
    with pytest.raises(BadInput):
        others[1].result(10)
    assert work.batches == [[1], [2, 200, 3]]


def test_what_was_cancelled_before_it_began_is_not_done(gathered: Gathered[int, int], work: Work) -> None:
    gathered.put(1)
    assert work.begun.wait(10)
    other = gathered.put(2)
    assert other.cancel()
    last = gathered.put(3)
    work.may.set()
    assert last.result(10) == 6
    assert work.batches == [[1], [3]]


def test_a_fault_ends_what_was_asked_for_and_not_the_thread(gathered: Gathered[int, int], work: Work) -> None:
    work.may.set()
    with pytest.raises(ZeroDivisionError):
        gathered.put(13).result(10)
    assert gathered.put(4).result(10) == 8


def test_after_its_end_nothing_is_done(work: Work) -> None:
    made: Gathered[int, int] = Gathered(work, "test")
    work.may.set()
    before = made.put(1)
    made.start()
    made.close()
    assert before.result(10) == 2
    with pytest.raises(HomeError):
        made.put(2).result(10)
